import { randomInt } from 'node:crypto';
import { StopShard } from '../engine/protocol/commands.ts';
import { ByteRing } from '../engine/ring/byte-ring.ts';
import { allocateTopology, DEFAULT_RING_SIZES, type Topology } from '../engine/ring/topology.ts';
import { type ShardPool, startShards } from '../engine/shard/shard-pool.ts';
import { startEmbeddedPostgres } from '../persistence/embedded-postgres.ts';
import { resetDatabase } from '../persistence/migrations.ts';
import { ProjectionQueries } from '../persistence/queries.ts';
import { startWriter, type Writer } from '../persistence/writer-client.ts';
import { makeAdminServer } from './admin/admin-server.ts';
import { reportState, wasQuiet } from './admin/shard-reports.ts';
import type { VenueStatus } from './admin/venue-status.ts';
import { type Config, withoutPassword } from './config.ts';
import { makeAdminToken, prepareDataDir, writeSecret } from './data-dir.ts';
import { withDeadline } from './deadline.ts';
import { DemoTraders, demoMarketsQuoted } from './demo.ts';
import type { EngineClient } from './engine/engine-client.ts';
import { failureOf } from './failure.ts';
import { type Gateway, makeGateway } from './gateway.ts';
import type { HttpServer } from './http/http-server.ts';
import { firstLine, type Log } from './log.ts';
import { StartError } from './start-error.ts';
import { Teardown } from './teardown.ts';

const DEMO_TIMEOUT_MS = 10_000;
const ANSWERS_TIMEOUT_MS = 2000;
const SHARDS_TIMEOUT_MS = 2000;
const DRAIN_TIMEOUT_MS = 4000;
const POLL_MS = 5;

/** A running exchange. */
export interface Venue {
  readonly url: string;
  readonly adminUrl: string;
  readonly adminToken: string;
  readonly databaseUrl: string;
  /** Rejects when a thread that the venue cannot do without has died. Never resolves. */
  readonly failed: Promise<never>;
  /** Finishes what was taken and ends everything that was started. Repeated calls wait for the same end. */
  stop(): Promise<void>;
}

/**
 * Starts everything, each part once, and hands it down. When a part cannot be started, or `signal` is
 * aborted meanwhile, what was started before it is ended again, and the promise rejects.
 *
 * @throws StartError for what the operator can mend.
 */
export async function startVenue(config: Config, log: Log, signal?: AbortSignal): Promise<Venue> {
  const teardown = new Teardown();
  try {
    return await start(config, log, teardown, signal);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function start(
  config: Config,
  log: Log,
  teardown: Teardown,
  signal: AbortSignal | undefined,
): Promise<Venue> {
  prepareDataDir(config.dataDir);
  const databaseUrl = await startDatabase(config, log, teardown);
  signal?.throwIfAborted();

  const hashSeed = randomInt(2 ** 32);
  const topology = allocateTopology(config.shardCount, DEFAULT_RING_SIZES, hashSeed);
  const pool = startShards(topology);
  teardown.add(() => pool.close());
  const writer = await startWriter({
    topology,
    databaseUrl,
    dataDir: config.dataDir,
    log: log.error,
  });
  const queries = new ProjectionQueries(databaseUrl);
  teardown.add(() => queries.close());
  signal?.throwIfAborted();

  const status = new Status(topology, pool, writer);
  const isTaking = (): boolean => status.isTaking;
  const gateway = makeGateway({ topology, queries, redisUrl: config.redisUrl, isTaking, log });
  status.gateway = gateway;
  gateway.engine.start();
  const adminToken = config.adminToken ?? makeAdminToken();
  const admin = makeAdminServer({
    engine: gateway.engine,
    registry: gateway.registry,
    status,
    token: adminToken,
    log,
    onMarketListed: (market) => gateway.marketData.onMarketListed(market),
  });
  teardown.add(() => finish({ gateway, admin, status, pool, writer, log }));

  const port = await gateway.http.listen(config.host, config.port);
  const adminPort = await admin.listen('127.0.0.1', config.adminPort);
  writeSecret(config.dataDir, 'admin-token', adminToken);
  writeSecret(config.dataDir, 'database-url', databaseUrl);
  const url = `http://${urlHost(config.host)}:${port}`;
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  signal?.throwIfAborted();

  if (config.demo) {
    const demo = new DemoTraders({ url, adminUrl, adminToken }, log);
    teardown.add(() => demo.stop());
    const { registry, marketData } = gateway;
    if (!(await demoMarketsQuoted(registry, marketData, DEMO_TIMEOUT_MS))) {
      log.error('demo traders: the demo markets are not quoted yet');
    }
    signal?.throwIfAborted();
  }
  const failed = failureOf(pool.stopped, writer.ended);
  return { url, adminUrl, adminToken, databaseUrl, failed, stop: () => teardown.run() };
}

/** Answers the URL of a database with an empty schema. */
async function startDatabase(config: Config, log: Log, teardown: Teardown): Promise<string> {
  let databaseUrl = config.databaseUrl;
  if (databaseUrl === null) {
    try {
      const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log: log.info });
      teardown.add(() => postgres.stop());
      databaseUrl = postgres.url;
    } catch (error) {
      throw new StartError(`cannot start the embedded Postgres: ${firstLine(error)}`);
    }
  }
  try {
    await resetDatabase(databaseUrl);
  } catch (error) {
    const url = withoutPassword(databaseUrl);
    throw new StartError(`cannot use the database DATABASE_URL=${url}: ${firstLine(error)}`);
  }
  return databaseUrl;
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
  readonly status: Status;
  readonly pool: ShardPool;
  readonly writer: Writer;
  readonly log: Log;
}

/**
 * The orderly end: takes nothing more, answers what was taken, tells the clients, lets the shards come
 * to rest and stop, writes their last events. Every step is bounded, and one that fails does not keep
 * the later ones from what is still safe.
 */
async function finish({ gateway, admin, status, pool, writer, log }: Running): Promise<void> {
  const { engine, http, websocket } = gateway;
  status.isTaking = false;
  gateway.orders.refuseOrders();
  const hasDied = status.runningShards < pool.stopped.length;
  if (hasDied) engine.failAll();
  if (!(await until(() => engine.pendingCount === 0, ANSWERS_TIMEOUT_MS))) {
    log.error(`stopping: ${engine.pendingCount} requests were not answered`);
  }
  gateway.stopTimers();
  http.stopListening();
  admin.stopListening();
  websocket.closeAll(1001, 'server shutdown');
  if (!hasDied) await withDeadline(restOf(engine), SHARDS_TIMEOUT_MS);
  for (let shard = 0; shard < engine.shardCount; shard++) engine.tell(StopShard, {}, shard);
  const allStopped = Promise.allSettled(pool.stopped);
  if (!(await withDeadline(allStopped, SHARDS_TIMEOUT_MS))) {
    log.error('stopping: a shard did not stop in time');
  }
  try {
    const { drained } = await writer.stop(DRAIN_TIMEOUT_MS);
    if (!drained) log.error('stopping: the last events did not reach the database');
  } catch (error) {
    log.error(`stopping: the persistence thread is gone: ${firstLine(error)}`);
  }
  await engine.stop();
  await gateway.fanOut.close();
  http.close();
  admin.close();
}

/** Resolves when nothing is under way between shards. */
async function restOf(engine: EngineClient): Promise<void> {
  let before = await reportState(engine);
  for (;;) {
    const after = await reportState(engine);
    if (wasQuiet(before, after)) return;
    before = after;
  }
}

async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}

class Status implements VenueStatus {
  isTaking = true;
  runningShards: number;
  gateway: Gateway | null = null;
  readonly #writer: Writer;
  readonly #rings: readonly (readonly [name: string, ring: ByteRing])[];

  constructor(topology: Topology, pool: ShardPool, writer: Writer) {
    this.#writer = writer;
    this.runningShards = pool.stopped.length;
    const stopped = (): void => {
      this.runningShards--;
    };
    for (const shard of pool.stopped) shard.then(stopped, stopped);
    this.#rings = pool.stopped.flatMap((_stopped, shard) => [
      [`gateway-shard-${shard}`, new ByteRing(topology.gatewayToShard[shard]!.ring)] as const,
      [`shard-${shard}-gateway`, new ByteRing(topology.shardToGateway[shard]!.ring)] as const,
      [
        `shard-${shard}-persistence`,
        new ByteRing(topology.shardToPersistence[shard]!.ring),
      ] as const,
    ]);
  }

  get database() {
    const { connected, lagEvents, committedSequences, failed } = this.#writer.status();
    return { connected: connected && !failed, lagEvents, positions: committedSequences };
  }

  get redisConnected(): boolean | null {
    return this.gateway?.redis?.statistics.connected ?? null;
  }

  get ringFillBytes(): Record<string, number> {
    return Object.fromEntries(this.#rings.map(([name, ring]) => [name, ring.fillBytes]));
  }
}
