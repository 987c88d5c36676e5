import { nodeDisk } from '../engine/journal/disk.ts';
import { listSegments } from '../engine/journal/segments.ts';
import { loadSnapshot } from '../engine/journal/snapshot-file.ts';
import { findSnapshots, type WholeSnapshot } from '../engine/journal/snapshots.ts';
import { Shard } from '../engine/shard/shard.ts';
import type { HistoryBegin, ProjectionState } from '../persistence/history.ts';
import { type ShardSeed, seedProjection } from '../persistence/seed-projection.ts';
import type { History } from './history.ts';
import { firstLine, type Log } from './log.ts';
import { StartError } from './start-error.ts';

/** By shard: with what is left of its history begins; null for one whose journal is whole. */
export type SnapshotBegins = readonly (WholeSnapshot | null)[];

/**
 * With what the tables begin: once the first segments are deleted, only the tables that there are know what they had.
 *
 * @param isFromSnapshots whether the tables are to begin with snapshots then
 * @throws StartError when the journals and what is asked for do not fit each other
 */
export function beginsOf(history: History, isFromSnapshots: boolean): SnapshotBegins {
  const { directories } = history;
  const cut = directories.find((directory) => firstInputOf(directory) > 1);
  if (isFromSnapshots) {
    if (cut !== undefined) return oldestSnapshots(history);
    const { length } = directories;
    throw new StartError(
      `all ${length} journals are whole, and the tables that are made of them are too: leave --from-snapshots out`,
    );
  }
  if (cut === undefined) return directories.map(() => null);
  throw new StartError(
    `${cut} begins at input ${firstInputOf(cut)}: what was before it is in the tables alone, which stay as they are. ` +
      'When they are lost, make rebuild-projection ARGS=--from-snapshots makes them anew without the history before',
  );
}

/** Of the last event of each shard that led to the state it begins with. */
export function sequencesOf(begins: SnapshotBegins): number[] {
  return begins.map((snapshot) => snapshot?.header.positions.eventSequence ?? 0);
}

export function historyBeginOf(snapshot: WholeSnapshot | null): HistoryBegin {
  if (snapshot === null) return { sequence: 1, timeUs: null };
  const { positions, lastInputUs } = snapshot.header;
  return { sequence: positions.eventSequence + 1, timeUs: lastInputUs };
}

/** Rows of events that led to the snapshots could not be made again. @throws StartError when the tables have some */
export function checkNoneHasMore(tables: ProjectionState, begins: SnapshotBegins): void {
  const begun = sequencesOf(begins);
  for (const [shard, position] of tables.positions.entries()) {
    const first = tables.begins[shard]!.sequence;
    const last = Math.min(position, begun[shard]!);
    if (first > last) continue;
    throw new StartError(
      `the tables have the rows of the events ${first} to ${last} of shard ${shard}, which no journal has any more: ` +
        'they are not dropped unless ARGS="--from-snapshots --accept-loss" says so',
    );
  }
}

/**
 * Writes what the snapshots know into tables that have just been made, and says what they do not know.
 *
 * @throws StartError
 */
export async function writeSnapshots(
  databaseUrl: string,
  historyId: string,
  begins: SnapshotBegins,
  log: Log,
): Promise<void> {
  const written = { shardCount: begins.length, historyId };
  let rows: number;
  try {
    rows = await seedProjection(databaseUrl, written, seedsOf(begins));
  } catch (error) {
    throw new StartError(firstLine(error));
  }
  for (const [shard, snapshot] of begins.entries()) {
    const { sequence, timeUs } = historyBeginOf(snapshot);
    const since = timeUs === null ? 'the first of all' : new Date(timeUs / 1000).toISOString();
    log.info(`Shard ${shard}: its history begins with event ${sequence}, ${since}`);
  }
  log.info(
    `${rows.toLocaleString('en')} rows as of the snapshots. Trades, fills, candles and ended orders of before are gone`,
  );
}

/** The first input that a journal holds; 1 when it is whole, or empty. */
function firstInputOf(directory: string): number {
  return listSegments(nodeDisk, directory)[0]?.firstSequence ?? 1;
}

/**
 * The oldest snapshot of every shard whose first segments are deleted: the journal goes on behind it, and the other
 * shards have whatever this one had said by then for good, else its segments were still there.
 */
function oldestSnapshots({ directories }: History): SnapshotBegins {
  const shardCount = directories.length;
  return directories.map((directory, shard) => {
    const firstInput = firstInputOf(directory);
    if (firstInput === 1) return null;
    const { whole } = findSnapshots(nodeDisk, directory, { shard, shardCount });
    const oldest = whole.findLast(({ header }) => header.journalSequence >= firstInput - 1);
    if (oldest !== undefined) return oldest;
    throw new StartError(
      `${directory} begins at input ${firstInput}, and there is no snapshot of what was before it`,
    );
  });
}

/** The states of the snapshots, each loaded when it is its turn. @throws SnapshotError when one cannot be */
function* seedsOf(begins: SnapshotBegins): Generator<ShardSeed> {
  const shardCount = begins.length;
  const told = { assets: new Set<number>(), markets: new Set<number>() };
  for (const [shard, snapshot] of begins.entries()) {
    if (snapshot === null) continue;
    const machine = new Shard(shard, shardCount);
    loadSnapshot(nodeDisk, snapshot.path, { shard, shardCount }, machine);
    const sequence = snapshot.header.positions.eventSequence;
    yield { shard, sequence, pieces: machine.tellState(told) };
  }
}
