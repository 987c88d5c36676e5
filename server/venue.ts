import { randomInt } from 'node:crypto';
import { allocateTopology, DEFAULT_RING_SIZES } from '../engine/ring/topology.ts';
import { JournalPositions } from '../engine/shard/journal-positions.ts';
import { RecoveryBoard } from '../engine/shard/recovery-board.ts';
import { ShardCounters } from '../engine/shard/shard-counters.ts';
import { startShards } from '../engine/shard/shard-pool.ts';
import { ProjectionQueries } from '../persistence/queries.ts';
import { startWriter, type Writer } from '../persistence/writer-client.ts';
import { makeAdminServer } from './admin/admin-server.ts';
import { clockBehindSeconds, reportClock } from './clock-behind.ts';
import type { Config } from './config.ts';
import { makeAdminToken, prepareDataDir, writeSecret } from './data-dir.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { withDeadline } from './deadline.ts';
import { DemoTraders, demoMarketsQuoted } from './demo.ts';
import { failureOf } from './failure.ts';
import { type Gateway, makeGateway } from './gateway.ts';
import { findHistory, journalTasks } from './history.ts';
import { checkPorts } from './http/check-ports.ts';
import type { HttpServer } from './http/http-server.ts';
import { LiveStatus } from './live-status.ts';
import { firstLine, type Log } from './log.ts';
import type { Market } from './registry/registry.ts';
import { ShardSupervisor } from './shard-supervisor.ts';
import { reportRecovery, reportTornEnds } from './snapshots/report-recovery.ts';
import { SnapshotKeeper } from './snapshots/snapshot-keeper.ts';
import { StartError } from './start-error.ts';
import { comeToRest, stopShards, until } from './stop-shards.ts';
import { Teardown, type TeardownStep } from './teardown.ts';
import { Threads } from './threads.ts';
import type { TimeBudget } from './time-budget.ts';
import { openDatabase, type VenueDatabase } from './venue-database.ts';

const ADMIN_HOST = '127.0.0.1';
const DEMO_TIMEOUT_MS = 10_000;

/** The most that each step of the end may take; all together have the `stopTime`. */
const DEMO_STOP_TIMEOUT_MS = 1500;
const ANSWERS_TIMEOUT_MS = 1500;
const SERVERS_TIMEOUT_MS = 500;
const REST_TIMEOUT_MS = 1000;
const SHARDS_TIMEOUT_MS = 1000;
const ENGINE_TIMEOUT_MS = 500;
const FAN_OUT_TIMEOUT_MS = 1500;
const QUERIES_TIMEOUT_MS = 500;
const DRAIN_TIMEOUT_MS = 6000;
const POOL_TIMEOUT_MS = 1000;
const LOCK_TIMEOUT_MS = 500;
const SNAPSHOTS_TIMEOUT_MS = 500;

/** A running exchange. */
export interface Venue {
  readonly url: string;
  readonly adminUrl: string;
  readonly adminToken: string;
  readonly databaseUrl: string;
  /** Rejects when a thread that the venue cannot do without has died. Never resolves. */
  readonly failed: Promise<never>;
  /**
   * Finishes what was taken and ends everything that was started. False when a part did not end as it
   * should, so that something may be lost: the log says what. Repeated calls wait for the same end.
   */
  stop(): Promise<boolean>;
}

/**
 * Starts everything, each part once, and hands it down. When a part cannot be started, or `signal` is
 * aborted meanwhile, what was started before it is ended again, and the promise rejects.
 *
 * @param stopTime for the end of everything; begins with that end, if it has not begun before
 * @throws StartError for what the operator can mend.
 */
export async function startVenue(
  config: Config,
  log: Log,
  stopTime: TimeBudget,
  signal?: StartSignal,
): Promise<Venue> {
  const teardown = new Teardown(stopTime, log);
  try {
    return await start(config, log, teardown, signal);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

/** What a start asks of an `AbortSignal`. */
type StartSignal = Pick<AbortSignal, 'throwIfAborted'>;

async function start(
  config: Config,
  log: Log,
  teardown: Teardown,
  signal: StartSignal | undefined,
): Promise<Venue> {
  prepareDataDir(config.dataDir);
  const lock = lockDataDir(config.dataDir);
  teardown.add({ name: 'data dir', timeoutMs: LOCK_TIMEOUT_MS, run: () => lock.release() });
  // It is long before they are listened on, and until then files are changed.
  await checkPorts([
    { host: config.host, port: config.port },
    { host: ADMIN_HOST, port: config.adminPort },
  ]);
  const history = findHistory(config);
  const historyId = history?.historyId ?? null;
  const database = await openDatabase(config, history, log, teardown);
  const { databaseUrl, positions } = database;
  signal?.throwIfAborted();

  const hashSeed = randomInt(2 ** 32);
  const topology = allocateTopology(config.shardCount, DEFAULT_RING_SIZES, hashSeed);
  const journals = JournalPositions.allocate(config.shardCount);
  const board = new RecoveryBoard(RecoveryBoard.allocate(config.shardCount), config.shardCount);
  const tasks = history && journalTasks(history, positions, board.shared, journals);
  const counters = ShardCounters.allocate(config.shardCount);
  const pool = startShards(topology, tasks ?? undefined, counters);
  teardown.add({
    name: 'shard threads',
    timeoutMs: POOL_TIMEOUT_MS,
    async run() {
      await pool.close();
      // Of a start that has failed when a journal had been repaired.
      reportTornEnds(board, history?.directories ?? [], log);
    },
  });
  const writer = await startWriter({
    topology,
    databaseUrl,
    historyId,
    dataDir: config.dataDir,
    isHeld: history !== null,
    retentionDays: config.retentionDays,
    log: log.error,
  });
  teardown.add(writerEnd(writer));
  signal?.throwIfAborted();

  const queries = new ProjectionQueries(databaseUrl);
  teardown.add({ name: 'queries', timeoutMs: QUERIES_TIMEOUT_MS, run: () => queries.close() });
  const threads = new Threads(counters, config.shardCount, writer);
  teardown.add({ name: 'threads', timeoutMs: SERVERS_TIMEOUT_MS, run: () => threads.stop() });
  const status = new LiveStatus(topology, () => supervisor, writer, threads, database.begins);
  const isTaking = (): boolean => status.isTaking;
  const haltedShards = () => supervisor.halted;
  const acknowledgement = history === null ? 'accepted' : 'journaled';
  const { redisUrl } = config;
  const gateway = makeGateway({
    ...{ topology, queries, projection: writer, redisUrl },
    ...{ acknowledgement, isTaking, haltedShards, log },
    limits: config.limits,
  });
  const { engine, registry, accounts, apiKeys, marketData, http, fanOut, protections } = gateway;
  const supervisor = new ShardSupervisor({
    ...{ pool, engine, log },
    history: tasks && {
      ...{ tasks, board },
      positions: () => writer.status().committedSequences,
    },
  });
  teardown.add(
    { name: 'engine events', timeoutMs: ENGINE_TIMEOUT_MS, run: () => engine.stop() },
    { name: 'timers', timeoutMs: SERVERS_TIMEOUT_MS, run: () => gateway.stopTimers() },
    { name: 'fan-out', timeoutMs: FAN_OUT_TIMEOUT_MS, run: () => fanOut.close() },
    {
      ...{ name: 'signature checks', timeoutMs: SERVERS_TIMEOUT_MS },
      run: () => gateway.signatureChecks.close(),
    },
    { name: 'public server', timeoutMs: SERVERS_TIMEOUT_MS, run: () => http.close() },
  );
  status.redis = gateway.redis;
  status.gatewayLoad = gateway.load;
  threads.signatures = gateway.signatureChecks;
  status.protecting = protections;
  const adminToken = config.adminToken ?? makeAdminToken();
  const onMarketListed = (market: Market): void => marketData.onMarketListed(market);
  const shared = { engine, registry, accounts, apiKeys, status, log, onMarketListed };
  const admin = makeAdminServer({ ...shared, protections, token: adminToken });
  teardown.add(...orderlyEnd({ gateway, admin, status, supervisor }), {
    name: 'admin server',
    timeoutMs: SERVERS_TIMEOUT_MS,
    run: () => admin.close(),
  });
  const failed = failureOf(supervisor.fatal, writer.ended);
  const started = Promise.all([
    gateway.start(() => status.database, signal),
    history !== null && beginWriting(board, database, writer),
  ]);
  await Promise.race([started, failedStart(failed)]);
  signal?.throwIfAborted();
  supervisor.serve();
  if (history !== null) {
    reportRecovery(board, history.directories, log);
    reportClock(board, config.shardCount, log);
    status.clockBehind = () => clockBehindSeconds(board, config.shardCount);
    const { snapshotInputs: inputsPerSnapshot, keepJournal, durability } = config;
    // A power cut may take inputs that the database has: then the tables must be made anew, from the first one on.
    const keepsSegments = keepJournal || durability === 'os';
    const keeper = new SnapshotKeeper({
      ...{ history, journals, board, inputsPerSnapshot, keepsSegments, log },
      projected: () => writer.status().committedSequences,
      heard: (shard) => engine.lastSequence(shard),
    });
    status.snapshots = keeper;
    // Its thread may be late on a busy machine, and what it was making is lost at no cost: the end is as orderly.
    const run = (timeoutMs: number): Promise<boolean> => withDeadline(keeper.stop(), timeoutMs);
    teardown.add({ name: 'snapshots', timeoutMs: SNAPSHOTS_TIMEOUT_MS, run });
  }

  const port = await http.listen(config.host, config.port);
  const adminPort = await admin.listen(ADMIN_HOST, config.adminPort);
  writeSecret(config.dataDir, 'admin-token', adminToken);
  writeSecret(config.dataDir, 'database-url', databaseUrl);
  const url = `http://${urlHost(config.host)}:${port}`;
  const adminUrl = `http://${ADMIN_HOST}:${adminPort}`;
  writeSecret(config.dataDir, 'admin-url', adminUrl);
  signal?.throwIfAborted();

  if (config.demo) {
    const demo = new DemoTraders({ url, adminUrl, adminToken }, log);
    const run = (timeoutMs: number): Promise<void> => demo.stop(timeoutMs);
    teardown.add({ name: 'demo traders', timeoutMs: DEMO_STOP_TIMEOUT_MS, run });
    if (!(await demoMarketsQuoted(registry, marketData, DEMO_TIMEOUT_MS, signal))) {
      log.error('demo traders: the demo markets are not quoted yet');
    }
    signal?.throwIfAborted();
  }
  return { url, adminUrl, adminToken, databaseUrl, failed, stop: () => teardown.run() };
}

/** The database is left as it is until all journals fit each other and it: a start that is refused changes nothing. */
async function beginWriting(
  board: RecoveryBoard,
  database: VenueDatabase,
  writer: Writer,
): Promise<void> {
  await board.agreed();
  await database.adopt();
  writer.release();
}

/** What ends a thread before anybody was served, the operator has to look at: a damaged journal, a full disk. */
async function failedStart(failed: Promise<never>): Promise<never> {
  try {
    return await failed;
  } catch (error) {
    throw new StartError(firstLine(error));
  }
}

/** After the shards, whose last events the thread writes. */
function writerEnd(writer: Writer): TeardownStep {
  return {
    name: 'persistence',
    timeoutMs: DRAIN_TIMEOUT_MS,
    async run(timeoutMs) {
      const { drained } = await writer.stop(timeoutMs);
      if (!drained) throw new Error('the last events did not reach the database');
    },
  };
}

/** A host as URLs have it; one that means every address is reached by loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

interface Running {
  readonly gateway: Gateway;
  readonly admin: HttpServer;
  readonly status: LiveStatus;
  readonly supervisor: ShardSupervisor;
}

/**
 * The orderly end, in this order: takes nothing more, answers what was taken, tells the clients, lets
 * the shards come to rest and stop. The writer, which writes their last events, ends after them. A shard that is down
 * stays so: what was under way to it is in the journals.
 */
function orderlyEnd({ gateway, admin, status, supervisor }: Running): TeardownStep[] {
  const { engine, orders, http, websocket, protections } = gateway;
  return [
    {
      name: 'orders under way',
      timeoutMs: ANSWERS_TIMEOUT_MS,
      async run(timeoutMs) {
        status.isTaking = false;
        orders.refuseOrders();
        protections.stop();
        await supervisor.stop();
        if (supervisor.hasLost) engine.failAll();
        if (await until(() => engine.pendingCount === 0, timeoutMs)) return;
        throw new Error(`${engine.pendingCount} requests were not answered`);
      },
    },
    {
      name: 'connections',
      timeoutMs: SERVERS_TIMEOUT_MS,
      run() {
        gateway.stopTimers();
        http.stopListening();
        admin.stopListening();
        websocket.closeAll(1001, 'server_shutdown');
      },
    },
    {
      name: 'rest of the shards',
      timeoutMs: REST_TIMEOUT_MS,
      run: async (timeoutMs) => {
        if (supervisor.halted.length === 0) await comeToRest(engine, timeoutMs);
      },
    },
    {
      name: 'shards',
      timeoutMs: SHARDS_TIMEOUT_MS,
      run: (timeoutMs) => stopShards(engine, supervisor.running, timeoutMs),
    },
  ];
}
