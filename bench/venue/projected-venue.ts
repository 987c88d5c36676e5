import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { assert } from '../../engine/assert.ts';
import { StopShard } from '../../engine/protocol/commands.ts';
import { OrderEvent, Rejected, Trade } from '../../engine/protocol/events.ts';
import { FrameReader } from '../../engine/protocol/frame-reader.ts';
import { LinkReader, LinkWriter } from '../../engine/ring/link.ts';
import { allocateTopology, type Topology } from '../../engine/ring/topology.ts';
import { type ShardPool, startShards } from '../../engine/shard/shard-pool.ts';
import { resetDatabase } from '../../persistence/migrations.ts';
import { startWriter, type Writer } from '../../persistence/writer-client.ts';
import type { CommandFlow } from '../workloads/command-flow.ts';
import { CommandEncoder, encodeSetup } from './commands.ts';
import { TradeDigest } from './trade-digest.ts';

/** Commands under way at most. */
const WINDOW = 8192;
const BATCH = 256;
const POLL_MS = 1;

/** How fast commands are sent: as fast as they are answered, unless it says otherwise. */
export interface Pace {
  readonly ordersPerSecond?: number;
  /** Nothing is sent while more bytes of events than this wait for the database. */
  readonly queuedBytesMax?: number;
}

/** What was seen of the projection while commands were sent. */
export interface Watch {
  readonly seconds: number;
  /** One for each look, some each millisecond. */
  readonly lagEvents: number[];
  readonly spooledBytesMost: number;
  /** Of events that wait in memory. */
  readonly queuedBytesMost: number;
}

/**
 * A shard thread, the persistence thread and this thread as their gateway, without sockets. Unlike
 * `RingVenue` it sleeps when it has nothing to do, since the database needs a processor too.
 */
export class ProjectedVenue {
  readonly heard = new TradeDigest();
  readonly writer: Writer;
  readonly #flow: CommandFlow;
  readonly #pool: ShardPool;
  readonly #commands: LinkWriter;
  readonly #events: LinkReader;
  readonly #frame = new FrameReader();
  readonly #encoder = new CommandEncoder();
  readonly #order = OrderEvent.create();
  readonly #trade = Trade.create();
  readonly #rejected = Rejected.create();
  #answers = 0;
  /** Of the last event that was recorded. */
  #sequence = 0;

  private constructor(flow: CommandFlow, topology: Topology, writer: Writer) {
    this.#flow = flow;
    this.#pool = startShards(topology);
    this.writer = writer;
    this.#commands = new LinkWriter(topology.gatewayToShard[0]!);
    this.#events = new LinkReader(topology.shardToGateway[0]!);
  }

  /** On an empty schema, with the markets, accounts and funds that the flow needs. */
  static async start(
    flow: CommandFlow,
    databaseUrl: string,
    dataDir: string,
  ): Promise<ProjectedVenue> {
    await resetDatabase(databaseUrl);
    const topology = allocateTopology(1);
    const writer = await startWriter({ topology, databaseUrl, dataDir });
    const venue = new ProjectedVenue(flow, topology, writer);
    await venue.#setUp();
    return venue;
  }

  async #setUp(): Promise<void> {
    const count = encodeSetup(this.#commands.frames, this.#flow);
    for (let answered = 0; answered < count; await nextTurn()) {
      this.#commands.flush();
      answered += this.#events.poll(this.#frame, this.#note);
    }
    await this.untilProjected();
  }

  /** Sends commands `from` … `to` − 1 at a pace and returns when all are answered. */
  async send(from: number, to: number, pace: Pace = {}): Promise<Watch> {
    const { ordersPerSecond, queuedBytesMax = Number.POSITIVE_INFINITY } = pace;
    const lagEvents: number[] = [];
    let spooledBytesMost = 0;
    let queuedBytesMost = 0;
    const answersBefore = this.#answers;
    const startMs = performance.now();
    for (let sent = from; this.#answers - answersBefore < to - from; ) {
      const status = this.writer.status();
      assert(!status.failed, status.lastError ?? 'the projection has stopped');
      lagEvents.push(status.lagEvents);
      spooledBytesMost = Math.max(spooledBytesMost, status.spooledBytes);
      queuedBytesMost = Math.max(queuedBytesMost, status.queuedBytes - status.spooledBytes);
      const dueEnd =
        ordersPerSecond === undefined
          ? to
          : from + Math.ceil(((performance.now() - startMs) * ordersPerSecond) / 1000);
      const answered = from + this.#answers - answersBefore;
      const isHeld = status.queuedBytes > queuedBytesMax;
      const end = isHeld ? sent : Math.min(to, dueEnd, sent + BATCH, answered + WINDOW);
      const isIdle = end === sent;
      for (; sent < end; sent++) {
        this.#encoder.encode(this.#commands.frames, this.#flow, sent, sent + 1);
      }
      this.#commands.flush();
      this.#events.poll(this.#frame, this.#take);
      await (isIdle ? delay(POLL_MS) : nextTurn());
    }
    const seconds = (performance.now() - startMs) / 1000;
    return { seconds, lagEvents, spooledBytesMost, queuedBytesMost };
  }

  /** Waits until every event has its rows; answers the seconds that took. */
  async untilProjected(): Promise<number> {
    const startMs = performance.now();
    for (;;) {
      const { failed, lastError, committedSequences } = this.writer.status();
      assert(!failed, lastError ?? 'the projection has stopped');
      if (committedSequences[0] === this.#sequence) break;
      await delay(POLL_MS);
    }
    return (performance.now() - startMs) / 1000;
  }

  async stop(): Promise<void> {
    StopShard.encode(this.#commands.frames, 0, {});
    this.#commands.flush();
    await Promise.all(this.#pool.stopped);
    await this.#pool.close();
    await this.writer.stop();
  }

  #note = (frame: FrameReader): void => {
    if (frame.sequence > 0) this.#sequence = frame.sequence;
  };

  #take = (frame: FrameReader): void => {
    this.#note(frame);
    if (frame.type === OrderEvent.type) {
      if (OrderEvent.decode(frame, this.#order).requestId > 0) this.#answers++;
    } else if (frame.type === Trade.type) {
      this.heard.add(Trade.decode(frame, this.#trade));
    } else if (frame.type === Rejected.type) {
      Rejected.decode(frame, this.#rejected);
      this.heard.refusals++;
      this.#answers++;
    }
  };
}
