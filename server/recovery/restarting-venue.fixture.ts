import assert from 'node:assert/strict';
import { join } from 'node:path';
import { nodeDisk } from '../../engine/journal/disk.ts';
import { allocateTopology, type Topology } from '../../engine/ring/topology.ts';
import { JournalPositions } from '../../engine/shard/journal-positions.ts';
import { RecoveryBoard } from '../../engine/shard/recovery-board.ts';
import { ShardCounters } from '../../engine/shard/shard-counters.ts';
import { type ShardPool, startShards } from '../../engine/shard/shard-pool.ts';
import { resetDatabase } from '../../persistence/migrations.ts';
import { ProjectionQueries } from '../../persistence/queries.ts';
import type { TestServer } from '../../persistence/testing/test-server.ts';
import { until } from '../../persistence/testing/until.ts';
import { startWriter, type Writer } from '../../persistence/writer-client.ts';
import { makeAdminServer } from '../admin/admin-server.ts';
import { reportState } from '../admin/shard-reports.ts';
import {
  bodyParameters,
  queryParameters,
  type SignedParameters,
  signingStrings,
} from '../auth/signing-strings.ts';
import { type Gateway, makeGateway } from '../gateway.ts';
import type { HttpServer } from '../http/http-server.ts';
import { DEFAULT_LIMITS } from '../limits/limit-settings.ts';
import { LiveStatus } from '../live-status.ts';
import type { Signer } from '../orders/venue.fixture.ts';
import type { Market } from '../registry/registry.ts';
import { heldFetch } from '../schemas/held-answers.fixture.ts';
import { ShardSupervisor, type SupervisedHistory } from '../shard-supervisor.ts';
import { comeToRest, stopShards } from '../stop-shards.ts';
import { Threads } from '../threads.ts';

const TOKEN = 'a-token-for-tests';
const REST_TIMEOUT_MS = 30_000;
/** Enough for a projection that is not held up. */
const PROJECTION_TIMEOUT_MS = 500;

/** The tests place orders faster than a busy machine takes them, in the gateway's own thread. */
const SHEDS_NOTHING = { ...DEFAULT_LIMITS, shedPending: 0, shedLagMs: 0, shedRingPercent: 0 };

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** A gateway with its servers, as a venue has it. */
interface Front {
  readonly gateway: Gateway;
  readonly admin: HttpServer;
  readonly url: string;
  readonly adminUrl: string;
}

interface OpenOptions {
  /** Other ways to the database of the server. */
  readonly writer?: string;
  readonly queries?: string;
  /** Where the shards keep journals; then one that fails comes back, as long as the first gateway lives. */
  readonly journalFolder?: string;
}

/** Shards and a projection that outlive the gateways in front of them. */
export class RestartingVenue {
  /** What the gateways said to the operator. */
  readonly lines: string[] = [];
  readonly topology: Topology;
  readonly pool: ShardPool;
  readonly #history: SupervisedHistory | null;
  #supervisor: ShardSupervisor | null = null;
  readonly #writer: Writer;
  readonly #queries: ProjectionQueries;
  readonly #threads: Threads;
  readonly #status: LiveStatus;
  #front!: Front;

  private constructor(
    topology: Topology,
    writer: Writer,
    queriedUrl: string,
    journalFolder: string | undefined,
  ) {
    this.topology = topology;
    this.#writer = writer;
    this.#queries = new ProjectionQueries(queriedUrl);
    this.#history =
      journalFolder === undefined ? null : beginHistory(journalFolder, topology, writer);
    const { shardCount } = topology;
    const counters = ShardCounters.allocate(shardCount);
    this.pool = startShards(topology, this.#history?.tasks, counters);
    this.#threads = new Threads(counters, shardCount, writer);
    const restarts = this.pool.stopped.map(() => 0);
    const nothing = { halted: [], restarts };
    this.#status = new LiveStatus(
      topology,
      () => this.#supervisor ?? nothing,
      writer,
      this.#threads,
    );
  }

  static async open(
    server: TestServer,
    shardCount: number,
    options: OpenOptions = {},
  ): Promise<RestartingVenue> {
    await resetDatabase(server.url);
    const topology = allocateTopology(shardCount);
    const writer = await startWriter({
      topology,
      databaseUrl: options.writer ?? server.url,
      dataDir: server.dataDir,
      log: () => {},
    });
    const queriedUrl = options.queries ?? server.url;
    const venue = new RestartingVenue(topology, writer, queriedUrl, options.journalFolder);
    await venue.#openFront();
    return venue;
  }

  /** Of the public server. */
  get url(): string {
    return this.#front.url;
  }

  get gateway(): Gateway {
    return this.#front.gateway;
  }

  /** Of a venue with journals. */
  get supervisor(): ShardSupervisor {
    assert.ok(this.#supervisor !== null, 'a venue without journals');
    return this.#supervisor;
  }

  /** Ends the gateway and puts another one in its place, which has heard nothing. */
  async restartGateway(): Promise<void> {
    await this.#closeFront();
    await this.#openFront();
  }

  /** Waits until nothing is under way. */
  async rest(): Promise<void> {
    const { engine } = this.gateway;
    await until('all requests are answered', () => engine.pendingCount === 0);
    await comeToRest(engine, REST_TIMEOUT_MS);
  }

  /** Waits until nothing is under way and all of it is in the database. */
  async settle(): Promise<void> {
    await this.rest();
    const { engine } = this.gateway;
    const { shards } = await reportState(engine);
    await until('the projection has caught up', () => {
      const { committedSequences } = this.#writer.status();
      return shards.every(
        ({ eventSequence }, shard) => committedSequences[shard] === eventSequence,
      );
    });
  }

  /** Any public answer. */
  get(path: string): Promise<Answer> {
    return answerOf(heldFetch(this.#front.url + path));
  }

  signedGet(signer: Signer, path: string, instruction: string): Promise<Answer> {
    return answerOf(this.signed(signer, 'GET', path, instruction));
  }

  /** @param content the query of a GET, the body of anything else; a list is signed as a batch */
  signed(
    signer: Signer,
    method: 'GET' | 'POST' | 'DELETE' | 'PATCH',
    path: string,
    instruction: string,
    content = '',
  ): Promise<Response> {
    const isGet = method === 'GET';
    const body: unknown = isGet ? {} : JSON.parse(content);
    const sets = Array.isArray(body)
      ? body.map(parametersOf)
      : [isGet ? queryParameters(content)! : parametersOf(body)];
    const timestamp = String(Date.now());
    const [text] = signingStrings(instruction, sets, timestamp, '5000');
    const headers = {
      'X-API-Key': signer.apiKey,
      // What cannot be written down has no text to sign, and is refused.
      'X-Signature': signer.sign(text ?? ''),
      'X-Timestamp': timestamp,
      'X-Window': '5000',
    };
    const url = `${this.#front.url}${path}${isGet && content !== '' ? `?${content}` : ''}`;
    return heldFetch(url, { method, headers, ...(!isGet && { body: content }) });
  }

  admin(method: string, path: string, body?: Json): Promise<Answer> {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    return answerOf(fetch(this.#front.adminUrl + path, { method, headers, ...content }));
  }

  async close(): Promise<void> {
    const { pool, gateway } = this;
    const all = new Map(pool.stopped.entries());
    await this.#supervisor?.stop();
    await stopShards(gateway.engine, this.#supervisor?.running ?? all, REST_TIMEOUT_MS);
    await this.#closeFront();
    await pool.close();
    await this.#writer.stop();
    await this.#queries.close();
    this.#threads.stop();
  }

  async #openFront(): Promise<void> {
    const status = this.#status;
    const say = (line: string): void => void this.lines.push(line);
    const log = { info: say, error: say };
    const taking = { isTaking: () => true, projectionTimeoutMs: PROJECTION_TIMEOUT_MS };
    const options = { ...taking, acknowledgement: 'accepted' } as const;
    const { topology, pool } = this;
    const haltedShards = () => status.haltedShards;
    const parts = { topology, queries: this.#queries, redisUrl: null, haltedShards };
    const projection = this.#writer;
    const gateway = makeGateway({ ...parts, ...options, projection, limits: SHEDS_NOTHING, log });
    if (this.#history !== null) {
      const { engine } = gateway;
      this.#supervisor ??= new ShardSupervisor({ pool, engine, history: this.#history, log });
    }
    const { marketData, http } = gateway;
    const onMarketListed = (market: Market): void => marketData.onMarketListed(market);
    const admin = makeAdminServer({ ...gateway, status, log, onMarketListed, token: TOKEN });
    await gateway.start(() => status.database);
    this.#supervisor?.serve();
    const url = `http://127.0.0.1:${await http.listen('127.0.0.1', 0)}`;
    const adminUrl = `http://127.0.0.1:${await admin.listen('127.0.0.1', 0)}`;
    this.#front = { gateway, admin, url, adminUrl };
  }

  async #closeFront(): Promise<void> {
    const { gateway, admin } = this.#front;
    gateway.stopTimers();
    admin.close();
    gateway.http.close();
    await gateway.engine.stop();
  }
}

/** What is no map has none. */
function parametersOf(body: unknown): SignedParameters {
  return typeof body === 'object' && body !== null ? bodyParameters(body) : [];
}

function beginHistory(folder: string, topology: Topology, writer: Writer): SupervisedHistory {
  const { shardCount } = topology;
  const board = new RecoveryBoard(RecoveryBoard.allocate(shardCount), shardCount);
  const positions = JournalPositions.allocate(shardCount);
  const tasks = topology.shardBells.map((_bell, shard) => {
    const directory = join(folder, `shard-${shard}`);
    nodeDisk.makeDirectory(directory);
    const kept = { directory, durability: 'fsync' } as const;
    return { ...kept, board: board.shared, positions, projectedSequence: 0 };
  });
  return { tasks, board, positions: () => writer.status().committedSequences };
}

async function answerOf(reply: Promise<Response>): Promise<Answer> {
  const response = await reply;
  return { status: response.status, body: (await response.json()) as Json };
}

/** The body of an answer of 200. */
export async function done(answer: Promise<Answer>): Promise<Json> {
  const { status, body } = await answer;
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
