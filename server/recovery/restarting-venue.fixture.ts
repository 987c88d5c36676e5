import assert from 'node:assert/strict';
import { StopShard } from '../../engine/protocol/commands.ts';
import { allocateTopology, type Topology } from '../../engine/ring/topology.ts';
import { type ShardPool, startShards } from '../../engine/shard/shard-pool.ts';
import { resetDatabase } from '../../persistence/migrations.ts';
import { ProjectionQueries } from '../../persistence/queries.ts';
import type { TestServer } from '../../persistence/testing/test-server.ts';
import { until } from '../../persistence/testing/until.ts';
import { startWriter, type Writer } from '../../persistence/writer-client.ts';
import { makeAdminServer } from '../admin/admin-server.ts';
import { reportState } from '../admin/shard-reports.ts';
import { queryParameters, signingStrings } from '../auth/signing-strings.ts';
import { type Gateway, makeGateway } from '../gateway.ts';
import type { HttpServer } from '../http/http-server.ts';
import { LiveStatus } from '../live-status.ts';
import type { Signer } from '../orders/venue.fixture.ts';
import type { Market } from '../registry/registry.ts';
import { comeToRest } from '../stop-shards.ts';

const TOKEN = 'a-token-for-tests';
const REST_TIMEOUT_MS = 30_000;
/** Enough for a projection that is not held up. */
const PROJECTION_TIMEOUT_MS = 500;

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

/** Shards and a projection that outlive the gateways in front of them. */
export class RestartingVenue {
  /** What the gateways said to the operator. */
  readonly lines: string[] = [];
  readonly #topology: Topology;
  readonly #pool: ShardPool;
  readonly #writer: Writer;
  readonly #queries: ProjectionQueries;
  readonly #status: LiveStatus;
  #front!: Front;

  private constructor(topology: Topology, writer: Writer, queries: ProjectionQueries) {
    this.#topology = topology;
    this.#writer = writer;
    this.#queries = queries;
    this.#pool = startShards(topology);
    const restarts = this.#pool.stopped.map(() => 0);
    this.#status = new LiveStatus(topology, () => ({ halted: [], restarts }), writer);
  }

  /** @param urls other ways to the database of the server */
  static async open(
    server: TestServer,
    shardCount: number,
    urls: { readonly writer?: string; readonly queries?: string } = {},
  ): Promise<RestartingVenue> {
    await resetDatabase(server.url);
    const topology = allocateTopology(shardCount);
    const writer = await startWriter({
      topology,
      databaseUrl: urls.writer ?? server.url,
      dataDir: server.dataDir,
      log: () => {},
    });
    const queries = new ProjectionQueries(urls.queries ?? server.url);
    const venue = new RestartingVenue(topology, writer, queries);
    await venue.#openFront();
    return venue;
  }

  get gateway(): Gateway {
    return this.#front.gateway;
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
    return answerOf(fetch(this.#front.url + path));
  }

  signedGet(signer: Signer, path: string, instruction: string): Promise<Answer> {
    const timestamp = String(Date.now());
    const [text] = signingStrings(instruction, [queryParameters('')!], timestamp, '5000');
    const headers = {
      'X-API-Key': signer.apiKey,
      'X-Signature': signer.sign(text!),
      'X-Timestamp': timestamp,
      'X-Window': '5000',
    };
    return answerOf(fetch(this.#front.url + path, { headers }));
  }

  admin(method: string, path: string, body?: Json): Promise<Answer> {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    return answerOf(fetch(this.#front.adminUrl + path, { method, headers, ...content }));
  }

  async close(): Promise<void> {
    for (let shard = 0; shard < this.#topology.shardCount; shard++) {
      this.gateway.engine.tell(StopShard, {}, shard);
    }
    await Promise.all(this.#pool.stopped);
    await this.#closeFront();
    await this.#pool.close();
    await this.#writer.stop();
    await this.#queries.close();
  }

  async #openFront(): Promise<void> {
    const status = this.#status;
    const say = (line: string): void => void this.lines.push(line);
    const log = { info: say, error: say };
    const taking = { isTaking: () => true, projectionTimeoutMs: PROJECTION_TIMEOUT_MS };
    const options = { ...taking, acknowledgement: 'accepted' } as const;
    const { topology, queries } = { topology: this.#topology, queries: this.#queries };
    const gateway = makeGateway({ topology, queries, redisUrl: null, ...options, log });
    const { marketData, http } = gateway;
    const onMarketListed = (market: Market): void => marketData.onMarketListed(market);
    const admin = makeAdminServer({ ...gateway, status, log, onMarketListed, token: TOKEN });
    await gateway.start(() => status.database);
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
