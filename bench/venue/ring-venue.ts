import { assert } from '../../engine/assert.ts';
import { Audit, StopShard } from '../../engine/protocol/commands.ts';
import {
  AuditEntry,
  BookDelta,
  OrderEvent,
  Rejected,
  RequestDone,
  Trade,
  TurnCommitted,
} from '../../engine/protocol/events.ts';
import { FrameReader } from '../../engine/protocol/frame-reader.ts';
import { ByteRing } from '../../engine/ring/byte-ring.ts';
import { LinkReader, LinkWriter } from '../../engine/ring/link.ts';
import { allocateTopology } from '../../engine/ring/topology.ts';
import { type ShardPool, startShards } from '../../engine/shard/shard-pool.ts';
import type { JournalTask } from '../../engine/shard/shard-thread.ts';
import type { CommandFlow } from '../workloads/command-flow.ts';
import { CommandEncoder, encodeSetup } from './commands.ts';
import { TradeDigest } from './trade-digest.ts';

/** Commands under way at most at full speed: enough to keep both threads busy, far from filling a ring. */
const WINDOW = 8192;
const BATCH = 256;
/** Answers under one reading of the clock; the reading comes after the last of them was decoded. */
const ANSWERS_PER_READING = 8;

/**
 * One shard thread and this thread as its gateway, without sockets: every command is encoded here into
 * the ring, every event it causes is decoded here, and the persistence ring is emptied undecoded. While it
 * works it spins over the rings and never yields.
 */
export class RingVenue {
  answers = 0;
  /** Request id of the answer that comes next. */
  #nextAnswer = 1;
  readonly heard = new TradeDigest();
  readonly #flow: CommandFlow;
  readonly #topology = allocateTopology(1);
  readonly #pool: ShardPool;
  readonly #commands = new LinkWriter(this.#topology.gatewayToShard[0]!);
  readonly #events = new LinkReader(this.#topology.shardToGateway[0]!);
  readonly #unrecorded = new ByteRing(this.#topology.shardToPersistence[0]!.ring);
  readonly #discard = new Uint8Array(2 ** 18);
  readonly #frame = new FrameReader();
  readonly #encoder = new CommandEncoder();
  readonly #order = OrderEvent.create();
  readonly #trade = Trade.create();
  readonly #delta = BookDelta.create();
  readonly #rejected = Rejected.create();
  readonly #unstamped = new Int32Array(ANSWERS_PER_READING);
  #unstampedCount = 0;
  /** When command `i` was answered; null while nobody wants to know. */
  #answeredAtMs: Float64Array | null = null;

  /**
   * @param flow whose markets, accounts and funds `setUp` makes: of this flow or others like it
   * @param journal of the shard; without one it keeps nothing
   */
  constructor(flow: CommandFlow, journal?: JournalTask) {
    this.#flow = flow;
    this.#pool = startShards(this.#topology, journal === undefined ? undefined : [journal]);
  }

  /** Markets, accounts and funds. */
  async setUp(): Promise<void> {
    const count = encodeSetup(this.#commands.frames, this.#flow);
    let answered = 0;
    while (answered < count) {
      this.#commands.flush();
      answered += this.#events.poll(this.#frame, () => {});
      this.#emptyUnrecorded();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Sends commands `from` … `to` − 1 as fast as they are answered, never more than `WINDOW` ahead. */
  sendAtFullSpeed(flow: CommandFlow, from: number, to: number): void {
    const answersBefore = this.answers;
    this.#nextAnswer = from + 1;
    let answered = from;
    let sent = from;
    while (answered < to) {
      const end = Math.min(to, sent + BATCH, answered + WINDOW);
      for (; sent < end; sent++) this.#encoder.encode(this.#commands.frames, flow, sent, sent + 1);
      this.#commands.flush();
      this.#takeEvents();
      answered = from + this.answers - answersBefore;
    }
  }

  /**
   * Sends command `i` of a flow when its time has come, `startMs + i × intervalMs`, however many are
   * unanswered, and returns when all are answered. A full ring delays what follows, as it would a gateway:
   * the delay counts, since latencies are taken from the planned time.
   *
   * @param sentAtMs filled in: when command `i` was encoded
   * @param answeredAtMs filled in: when its answer had been decoded
   */
  sendOnSchedule(
    flow: CommandFlow,
    startMs: number,
    intervalMs: number,
    sentAtMs: Float64Array,
    answeredAtMs: Float64Array,
  ): void {
    this.#answeredAtMs = answeredAtMs;
    const answersAfter = this.answers + flow.count;
    this.#nextAnswer = 1;
    let sent = 0;
    while (this.answers < answersAfter) {
      const now = performance.now();
      const due = Math.floor((now - startMs) / intervalMs) + 1;
      const end = Math.min(flow.count, due, sent + BATCH);
      if (this.#commands.flush()) {
        for (; sent < end; sent++) {
          this.#encoder.encode(this.#commands.frames, flow, sent, sent + 1);
          sentAtMs[sent] = now;
        }
        this.#commands.flush();
      }
      this.#takeEvents();
    }
    this.#answeredAtMs = null;
  }

  /** Whether every asset adds up to the unit. */
  isAudited(): boolean {
    Audit.encode(this.#commands.frames, 0, { requestId: 1 });
    this.#commands.flush();
    const entry = AuditEntry.create();
    let holds = true;
    let isDone = false;
    while (!isDone) {
      this.#events.poll(this.#frame, (frame) => {
        isDone ||= frame.type === RequestDone.type;
        if (frame.type !== AuditEntry.type) return;
        AuditEntry.decode(frame, entry);
        const { availableUnits, lockedUnits, feeUnits, inFlightUnits } = entry;
        const held = availableUnits + lockedUnits + feeUnits + inFlightUnits;
        holds &&= held === Number(BigInt(entry.depositUnits) - BigInt(entry.withdrawalUnits));
        holds &&= lockedUnits === entry.reservedUnits;
      });
    }
    return holds;
  }

  async stop(): Promise<void> {
    StopShard.encode(this.#commands.frames, 0, {});
    this.#commands.flush();
    await Promise.all(this.#pool.stopped);
    await this.#pool.close();
  }

  #takeEvents(): void {
    this.#events.poll(this.#frame, this.#take);
    this.#stamp();
    this.#emptyUnrecorded();
  }

  #emptyUnrecorded(): void {
    while (this.#unrecorded.read(this.#discard, 0) === this.#discard.length);
  }

  #take = (frame: FrameReader): void => {
    switch (frame.type) {
      case OrderEvent.type: {
        const { requestId } = OrderEvent.decode(frame, this.#order);
        if (requestId > 0) this.#answered(requestId);
        break;
      }
      case Trade.type:
        this.heard.add(Trade.decode(frame, this.#trade));
        break;
      case BookDelta.type:
        BookDelta.decode(frame, this.#delta);
        break;
      case Rejected.type:
        this.heard.refusals++;
        this.#answered(Rejected.decode(frame, this.#rejected).requestId);
        break;
      case TurnCommitted.type:
        break;
      default:
        assert(false, `unexpected event type ${frame.type}`);
    }
  };

  /** One shard answers in the order of the commands: each once, none left out. */
  #answered(requestId: number): void {
    assert(requestId === this.#nextAnswer++, 'an answer is missing, or came twice');
    this.answers++;
    if (this.#answeredAtMs === null) return;
    this.#unstamped[this.#unstampedCount++] = requestId - 1;
    if (this.#unstampedCount === ANSWERS_PER_READING) this.#stamp();
  }

  #stamp(): void {
    if (this.#unstampedCount === 0 || this.#answeredAtMs === null) return;
    const now = performance.now();
    for (let at = 0; at < this.#unstampedCount; at++) {
      this.#answeredAtMs[this.#unstamped[at]!] = now;
    }
    this.#unstampedCount = 0;
  }
}
