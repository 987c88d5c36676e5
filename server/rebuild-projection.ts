import { StopShard } from '../engine/protocol/commands.ts';
import { FrameReader } from '../engine/protocol/frame-reader.ts';
import { LinkReader, LinkWriter, type SharedLink } from '../engine/ring/link.ts';
import { allocateTopology, type Topology } from '../engine/ring/topology.ts';
import { JournalPositions } from '../engine/shard/journal-positions.ts';
import { RecoveryBoard } from '../engine/shard/recovery-board.ts';
import { startShards } from '../engine/shard/shard-pool.ts';
import type { ProjectionState } from '../persistence/history.ts';
import { startWriter, type Writer } from '../persistence/writer-client.ts';
import { type Config, readConfig } from './config.ts';
import { prepareDataDir } from './data-dir.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { failureOf } from './failure.ts';
import { findHistory, type History, hasHistory, journalTasks } from './history.ts';
import { consoleLog, describeError, firstLine, type Log } from './log.ts';
import {
  beginsOf,
  checkNoneHasMore,
  historyBeginOf,
  sequencesOf,
  writeSnapshots,
} from './snapshot-begins.ts';
import { reportTornEnds } from './snapshots/report-recovery.ts';
import { StartError } from './start-error.ts';
import { Teardown } from './teardown.ts';
import { TimeBudget } from './time-budget.ts';
import { emptyDatabase } from './venue-database.ts';

/**
 * `make rebuild-projection`: drops the tables of a venue that does not run, and makes them anew from its journal. Takes
 * the settings of the venue. When it is broken off, the venue's next start does the rest.
 *
 * Where the first segments of the journals are deleted, the tables can begin with the shards' oldest snapshots, which
 * must be asked for: what was over by then stays lost. Each shard's snapshot is good for itself, since every row comes
 * of the events of one shard alone. Broken off before they are written, it must be run again, and a start says so.
 */

const STOP_TIME_MS = 10_000;
const STEP_TIMEOUT_MS = 1000;
/** The database may be slow, and may be away; whoever waits can end this. */
const DRAIN_TIMEOUT_MS = 24 * 60 * 60 * 1000;
const DRAIN_PAUSE_MS = 5;
const PROGRESS_PERIOD_MS = 5000;

const log: Log = consoleLog;
/** The tables may know of what the journal has lost: whoever says so wants them as the journal is. */
const isLossAccepted = process.argv.includes('--accept-loss');
/** The tables are lost and some of the journals are not whole: whoever says so wants what there still is. */
const isFromSnapshots = process.argv.includes('--from-snapshots');
process.exit(await run());

async function run(): Promise<number> {
  const teardown = new Teardown(new TimeBudget(STOP_TIME_MS), log);
  let exitCode = 0;
  try {
    await rebuild(readConfig(process.env), teardown);
  } catch (error) {
    const line = error instanceof StartError ? error.message : describeError(error);
    log.error(`ringside: ${line}`);
    exitCode = 1;
  }
  return (await teardown.run()) ? exitCode : 1;
}

async function rebuild(config: Config, teardown: Teardown): Promise<void> {
  const { dataDir, shardCount } = config;
  if (!hasHistory(config)) throw new StartError(`there is no journal in ${dataDir}`);
  prepareDataDir(dataDir);
  const lock = lockDataDir(dataDir);
  teardown.add({ name: 'data dir', timeoutMs: STEP_TIMEOUT_MS, run: () => lock.release() });
  const history = findHistory(config);
  if (history === null || history.isNew) throw new StartError(`there is no journal in ${dataDir}`);
  const begins = beginsOf(history, isFromSnapshots);
  const begun = sequencesOf(begins);
  const startMs = performance.now();
  const beforeDrop = async (known: ProjectionState | null): Promise<void> => {
    if (known !== null && !isLossAccepted) {
      checkNoneHasMore(known, begins);
      const least = known.positions.map((sequence, shard) => Math.max(sequence, begun[shard]!));
      if (least.some((sequence, shard) => sequence > begun[shard]!)) await recover(history, least);
    }
    await recover(history, begun);
  };
  const { historyId } = history;
  const databaseUrl = await emptyDatabase(
    ...([config, historyId, log, teardown, begins.map(historyBeginOf), beforeDrop] as const),
  );
  if (isFromSnapshots) await writeSnapshots(databaseUrl, historyId, begins, log);
  const topology = allocateTopology(shardCount);
  const writer = await startWriter({
    ...{ topology, databaseUrl, dataDir },
    historyId,
    retentionDays: config.retentionDays,
    log: log.error,
  });
  const board = new RecoveryBoard(RecoveryBoard.allocate(shardCount), shardCount);
  const journals = JournalPositions.allocate(shardCount);
  const pool = startShards(topology, journalTasks(history, begun, board.shared, journals));
  teardown.add({ name: 'shards', timeoutMs: STEP_TIMEOUT_MS, run: () => pool.close() });
  const progress = setInterval(() => report(writer, begun, 'written so far'), PROGRESS_PERIOD_MS);
  try {
    await Promise.race([
      stopRecovered(topology, pool.stopped, topology.shardToGateway),
      failureOf(pool.stopped, writer.ended),
    ]);
    const { drained } = await writer.stop(DRAIN_TIMEOUT_MS);
    if (!drained) throw new Error(writer.status().lastError ?? 'the last events were not written');
  } catch (error) {
    throw new StartError(firstLine(error));
  } finally {
    clearInterval(progress);
  }
  report(
    writer,
    begun,
    `in the tables, after ${((performance.now() - startMs) / 1000).toFixed(1)} s`,
  );
  const { refusedEvents } = writer.status();
  if (refusedEvents > 0) log.error(`${refusedEvents} events were refused: see refused_events`);
}

/**
 * Lets every shard recover as a start does, while nobody writes any table, and says of what was cut off.
 *
 * @param positions by shard: the last event that tables have. From the one that they are to begin with, all goes well
 *   that will be done once more when they are made. From the one that they have by now, a journal that causes less has
 *   lost inputs that only they still tell of.
 * @throws StartError when the journals do not fit each other or the positions, or cannot be applied
 */
async function recover(history: History, positions: readonly number[]): Promise<void> {
  const shardCount = positions.length;
  const topology = allocateTopology(shardCount);
  const board = new RecoveryBoard(RecoveryBoard.allocate(shardCount), shardCount);
  const journals = JournalPositions.allocate(shardCount);
  const pool = startShards(topology, journalTasks(history, positions, board.shared, journals));
  const unheard = [...topology.shardToGateway, ...topology.shardToPersistence];
  const never = new Promise<void>(() => {});
  try {
    await Promise.race([
      stopRecovered(topology, pool.stopped, unheard),
      failureOf(pool.stopped, never),
    ]);
  } catch (error) {
    throw new StartError(firstLine(error));
  } finally {
    await pool.close();
  }
  reportTornEnds(board, history.directories, log);
}

/** Tells every shard to stop as soon as it has replayed its journal, and hears them out until they have. */
async function stopRecovered(
  topology: Topology,
  stopped: readonly Promise<void>[],
  unheard: readonly SharedLink[],
): Promise<void> {
  for (const link of topology.gatewayToShard) {
    const writer = new LinkWriter(link);
    StopShard.encode(writer.frames, 0, {});
    writer.flush();
  }
  const readers = unheard.map((link) => new LinkReader(link));
  const frame = new FrameReader();
  const drain = setInterval(() => {
    for (const reader of readers) while (reader.poll(frame, () => {}) > 0);
  }, DRAIN_PAUSE_MS);
  try {
    await Promise.all(stopped);
  } finally {
    clearInterval(drain);
  }
}

/** @param begun by shard: the last event that was not applied, since a snapshot had it */
function report(writer: Writer, begun: readonly number[], what: string): void {
  const { committedSequences, rowsWritten } = writer.status();
  const events = committedSequences.reduce(
    (sum, sequence, shard) => sum + Math.max(0, sequence - begun[shard]!),
    0,
  );
  log.info(
    `${events.toLocaleString('en')} events, ${rowsWritten.toLocaleString('en')} rows ${what}`,
  );
}
