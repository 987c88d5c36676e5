import { FrameSocket } from '../client/frame-socket.ts';
import { keyPairOf, websocketSignature } from '../client/signing.ts';
import { type Flow, type FlowSpec, flowOf } from '../flows/flow.ts';
import {
  countsPerSecond,
  durationMs,
  initialRate,
  type Schedule,
  scheduleOf,
} from '../schedule/schedule.ts';
import { SharedSchedule, WarmedSchedule } from '../schedule/share.ts';
import { ClosedLoop } from './closed-loop.ts';
import { DoubtfulOrders } from './doubtful-orders.ts';
import { FrameBatch } from './frame-batch.ts';
import type {
  AccountKey,
  ConnectionCounts,
  GeneratorProgress,
  GeneratorReport,
  GeneratorSetup,
} from './messages.ts';
import { Recorder } from './recorder.ts';
import { ReplyFills } from './reply-fills.ts';
import { ReplyScan, saysCancelled } from './reply-scan.ts';
import { ReplySpans } from './reply-spans.ts';
import { RequestDraft, RequestKind } from './request-draft.ts';
import { encoderOf, type RequestEncoder } from './request-encoder.ts';
import { RequestSlots } from './request-slots.ts';
import { LATE_MS, SelfWatch } from './self-watch.ts';
import { Ticker } from './ticker.ts';
import { ToldLog } from './told-by-replies.ts';
import { until, type Worker } from './worker.ts';

/** Least time between two looks at what is due: what is due more often goes out in one write. */
const TICK_MS = 0.2;
/** Sends of one turn of the event loop: what has come in is read in between. */
const SENDS_PER_TURN = 512;
/** Requests under way while the prelude is sent; a venue allows each connection some thousands. */
const PRELUDE_WINDOW = 256;
const PRELUDE_TIMEOUT_MS = 60_000;
/** Of requests before the measured part; theirs is not looked at. */
const PRELUDE_INTENDED_MS = Number.NEGATIVE_INFINITY;
const LOGIN_TIMEOUT_MS = 10_000;
/** How a venue refuses a request for an order that is over. */
const NO_SUCH_ORDER = 'RESOURCE_NOT_FOUND';

/** The generator cannot begin, or not go on. */
export class GeneratorFailure extends Error {
  override name = 'GeneratorFailure';
}

interface Connection {
  readonly socket: FrameSocket;
  readonly batch: FrameBatch;
}

/**
 * One generator process: sends what its flow says when its schedule says, over its connections, whatever is
 * outstanding, and measures every reply from the intended moment of its request.
 */
export class Generator implements Worker {
  readonly #setup: GeneratorSetup;
  readonly #flow: Flow;
  readonly #schedule: Schedule;
  readonly #encoder: RequestEncoder;
  readonly #slots: RequestSlots;
  readonly #recorder: Recorder;
  readonly #orders: DoubtfulOrders;
  readonly #watch = new SelfWatch();
  readonly #draft = new RequestDraft();
  readonly #reply = new ReplyScan();
  readonly #replySpans: ReplySpans;
  readonly #closedLoop: ClosedLoop;
  readonly #fills: ReplyFills;
  readonly #told: ToldLog | undefined;
  readonly #connections: Connection[] = [];
  /** Of the connections that have something to send in this turn. */
  readonly #filled: FrameBatch[] = [];
  #loginReply: ((refusal: string | undefined) => void) | undefined;
  /** The start of the measured part on the clock of `performance.now`. */
  #startMs = 0;
  #nextIntendedMs: number;
  #isMeasuring = false;
  #isStopped = false;
  #isTurnPending = false;
  #notSent = 0;
  #lostConnections = 0;
  #strayReplies = 0;
  #progressLate = 0;
  /** Since when there has been no room for another request. */
  #fullSinceMs = Number.POSITIVE_INFINITY;

  constructor(setup: GeneratorSetup, flow: FlowSpec) {
    this.#setup = setup;
    const { process, processes, schedule, warmUpSeconds, accounts, markets, encoding } = setup;
    const whole = new WarmedSchedule(scheduleOf(schedule), initialRate(schedule), warmUpSeconds);
    this.#schedule = new SharedSchedule(whole, process, processes);
    this.#flow = flowOf(flow, {
      markets,
      connections: accounts.length,
      firstConnection: setup.firstConnection,
      seed: setup.seed,
    });
    const measured = countsPerSecond(schedule).reduce((sum, count) => sum + count, 0);
    const requests = measured + initialRate(schedule) * warmUpSeconds + this.#flow.preludeRequests;
    this.#slots = new RequestSlots(requests / processes + 1);
    this.#recorder = new Recorder(accounts.length, durationMs(schedule));
    this.#replySpans = new ReplySpans(this.#reply, this.#slots, this.#recorder);
    this.#closedLoop = new ClosedLoop(accounts.length);
    this.#orders = new DoubtfulOrders(accounts.length);
    this.#fills = new ReplyFills(markets.length);
    this.#told = setup.hearsAccounts === true ? new ToldLog() : undefined;
    this.#encoder = encoderOf(encoding, markets);
    this.#nextIntendedMs = this.#schedule.next();
  }

  /** Opens and logs in all connections, one after the other. */
  async connect(): Promise<void> {
    for (const [index, account] of this.#setup.accounts.entries()) {
      const socket = await FrameSocket.connect(
        this.#setup.streamUrl,
        (buffer, start, end, isBinary) => this.#onMessage(index, buffer, start, end, isBinary),
      );
      this.#connections.push({ socket, batch: new FrameBatch(socket) });
      socket.onClose = () => this.#onLost(index);
      await this.#logIn(socket, account);
    }
  }

  /** Sends what must rest before the start, a few hundred requests at a time, and waits for the answers. */
  async prelude(): Promise<void> {
    const slots = this.#slots;
    for (let left = this.#flow.preludeRequests; left > 0; ) {
      const first = slots.nextId;
      for (; left > 0 && slots.outstanding < PRELUDE_WINDOW; left--)
        this.#send(PRELUDE_INTENDED_MS);
      this.#flush(first);
      const allowed = left > 0 ? PRELUDE_WINDOW / 2 : 0;
      const isAnswered = await until(() => slots.outstanding <= allowed, PRELUDE_TIMEOUT_MS);
      if (!isAnswered) throw new GeneratorFailure('the prelude was not answered');
    }
    const { acknowledged, sent, refused } = this.#recorder.all;
    if (acknowledged === sent) return;
    throw new GeneratorFailure(`the prelude was not accepted: ${JSON.stringify(refused)}`);
  }

  /** Keeps the schedule and resolves when all is answered, or given up. */
  async run(startEpochMs: number): Promise<GeneratorReport> {
    this.#startMs = startEpochMs - performance.timeOrigin;
    if (this.#setup.sharesClock) this.#replySpans.startedAtMs(startEpochMs);
    const ticker = new Ticker(TICK_MS, () => {
      this.#turn();
      ticker.setDue(startEpochMs + this.#nextIntendedMs);
    });
    const { drainTimeoutMs } = this.#setup;
    try {
      await until(() => this.#isOver, Number.POSITIVE_INFINITY);
      const watch = this.#watch.end();
      await until(() => this.#slots.outstanding === 0, drainTimeoutMs);
      this.#slots.closeAll(undefined, (slot) => this.#onUnknown(slot));
      return this.#report(watch);
    } finally {
      await ticker.stop();
      for (const { socket } of this.#connections) socket.onClose = undefined;
      await Promise.all(this.#connections.map(({ socket }) => socket.close()));
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  takeProgress(): GeneratorProgress {
    const lateSends = this.#watch.lateSends - this.#progressLate;
    this.#progressLate = this.#watch.lateSends;
    return {
      seconds: this.#recorder.takeSeconds(),
      lateSends,
      outstanding: this.#slots.outstanding,
    };
  }

  get #isOver(): boolean {
    return this.#isStopped || this.#nextIntendedMs === Number.POSITIVE_INFINITY;
  }

  #report(watch: GeneratorReport['watch']): GeneratorReport {
    const { measured, all } = this.#recorder;
    return {
      measured,
      all,
      connections: this.#recorder.connectionCounts().map((counts, connection) => ({
        ...counts,
        ...this.#toldOf(connection),
      })),
      spans: this.#recorder.spanCounts(),
      acknowledgedInTime: this.#recorder.acknowledgedInTime,
      notSent: this.#notSent,
      lostConnections: this.#lostConnections,
      strayReplies: this.#strayReplies,
      watch,
      fillsInReplies: this.#fills.told,
      ...(this.#told === undefined ? {} : { told: this.#told.report() }),
    };
  }

  #toldOf(connection: number): Partial<ConnectionCounts> {
    const openOrders = this.#orders.told(connection, this.#flow);
    return {
      cancelsAcknowledged: this.#orders.cancelsAcknowledged(connection),
      ...(openOrders === undefined ? {} : { openOrders }),
    };
  }

  async #logIn(socket: FrameSocket, { apiKey, secret }: AccountKey): Promise<void> {
    const signature = websocketSignature(keyPairOf(apiKey, secret));
    const refusal = await new Promise<string | undefined>((resolve) => {
      this.#loginReply = resolve;
      socket.sendText(JSON.stringify({ id: 0, method: 'session.login', signature }));
      setTimeout(() => resolve('no answer'), LOGIN_TIMEOUT_MS).unref();
    });
    if (refusal === undefined) return;
    throw new GeneratorFailure(
      `a login was refused (${refusal}): of a venue without order entry over websockets, rest and market-data can be run`,
    );
  }

  /** Sends what is due, some hundreds at a time. */
  #turn(): void {
    if (this.#isOver) return;
    const nowMs = performance.now() - this.#startMs;
    if (!this.#isMeasuring && nowMs >= 0) {
      this.#isMeasuring = true;
      this.#watch.start();
    }
    if (this.#nextIntendedMs > nowMs) return;
    if (!this.#slots.hasRoom) {
      this.#awaitRoom(nowMs);
      return;
    }
    this.#fullSinceMs = Number.POSITIVE_INFINITY;
    const first = this.#slots.nextId;
    let left = SENDS_PER_TURN;
    while (this.#nextIntendedMs <= nowMs && left-- > 0 && this.#slots.hasRoom) {
      this.#send(this.#nextIntendedMs);
      this.#nextIntendedMs = this.#schedule.next();
    }
    this.#flush(first);
    if (this.#nextIntendedMs <= nowMs) this.#turnSoon();
  }

  /**
   * Millions are under way: nothing is sent until the oldest is answered, and no more at all when that takes too
   * long.
   */
  #awaitRoom(nowMs: number): void {
    this.#fullSinceMs = Math.min(this.#fullSinceMs, nowMs);
    this.#watch.lastSendLateMs = nowMs - this.#nextIntendedMs;
    if (nowMs - this.#fullSinceMs > this.#setup.drainTimeoutMs) this.#isStopped = true;
  }

  /** What is still due is sent after what has come in was read. */
  #turnSoon(): void {
    if (this.#isTurnPending) return;
    this.#isTurnPending = true;
    setImmediate(() => {
      this.#isTurnPending = false;
      this.#turn();
    });
  }

  #send(intendedMs: number): void {
    const draft = this.#draft;
    this.#flow.next(draft);
    const { socket, batch } = this.#connections[draft.connection]!;
    if (!socket.isOpen) {
      this.#notSent++;
      this.#orders.doubt(draft.connection, draft.clientId);
      return;
    }
    const slots = this.#slots;
    const id = slots.open();
    const slot = slots.slotOf(id);
    slots.intendedMs[slot] = intendedMs;
    slots.kind[slot] = draft.kind;
    slots.connection[slot] = draft.connection;
    slots.clientId[slot] = draft.clientId;
    slots.market[slot] = draft.market;
    const mayRest = draft.kind === RequestKind.Place && !draft.isImmediateOrCancel;
    if (mayRest && intendedMs >= 0)
      this.#told?.placed(draft.connection, draft.clientId, intendedMs);
    this.#closedLoop.sent(draft.connection, slot);
    if (batch.isEmpty) this.#filled.push(batch);
    batch.add(this.#encoder.payload, this.#encoder.encode(draft, id), this.#encoder.isBinary);
  }

  /** Writes the gathered frames and notes when. */
  #flush(firstId: number): void {
    for (const batch of this.#filled) batch.flush();
    this.#filled.length = 0;
    const sentMs = performance.now() - this.#startMs;
    const slots = this.#slots;
    const watch = this.#watch;
    for (let id = firstId; id < slots.nextId; id++) {
      const slot = slots.slotOf(id);
      const intendedMs = slots.intendedMs[slot]!;
      slots.sentMs[slot] = sentMs;
      this.#recorder.sent(slots.kind[slot]!, intendedMs, sentMs);
      if (intendedMs >= 0) {
        watch.lastSendLateMs = sentMs - intendedMs;
        if (watch.lastSendLateMs > LATE_MS) watch.lateSends++;
      }
    }
    if (slots.outstanding > watch.outstandingMax) watch.outstandingMax = slots.outstanding;
  }

  #onMessage(
    connection: number,
    buffer: Buffer,
    start: number,
    end: number,
    isBinary: boolean,
  ): void {
    const reply = this.#reply;
    reply.read(buffer, start, end, isBinary);
    if (this.#loginReply !== undefined && this.#isLoginReply()) {
      this.#loginReply(
        reply.status === 200 ? undefined : reply.errorCode || `status ${reply.status}`,
      );
      this.#loginReply = undefined;
      return;
    }
    const slots = this.#slots;
    if (!slots.close(reply.id, connection)) {
      this.#strayReplies++;
      return;
    }
    const slot = slots.slotOf(reply.id);
    const nowMs = performance.now() - this.#startMs;
    const intendedMs = slots.intendedMs[slot]!;
    const kind = slots.kind[slot]!;
    const isInLoop = this.#closedLoop.ended(slots.connection[slot]!, slot);
    if (reply.status === 200) {
      this.#recorder.acknowledged(kind, connection, reply.trades.length, intendedMs, nowMs);
      if (kind === RequestKind.Cancel && saysCancelled(buffer, start, end, isBinary)) {
        this.#orders.cancelled(connection);
        this.#recorder.cancelled(intendedMs);
      }
      if (reply.trades.length > 0) this.#onFills(slot);
    } else {
      this.#onRefused(slot, intendedMs);
    }
    if (intendedMs >= 0) this.#replySpans.record(slot, nowMs, isInLoop);
  }

  /** An error may come without the id of what it is about. */
  #isLoginReply(): boolean {
    const { id, errorCode } = this.#reply;
    return id === 0 || (id < 0 && errorCode !== '');
  }

  #onFills(slot: number): void {
    const { order, trades } = this.#reply;
    const market = this.#slots.market[slot]!;
    this.#fills.take(market, order, trades, this.#slots.kind[slot] === RequestKind.Place);
    for (const { tradeId } of trades) this.#told?.trade(market, tradeId);
  }

  #onRefused(slot: number, intendedMs: number): void {
    const slots = this.#slots;
    const connection = slots.connection[slot]!;
    const clientId = slots.clientId[slot]!;
    const { errorCode } = this.#reply;
    // Of an order that was placed for all we know: it was filled, or expired, before its cancel came.
    const isTooLate = errorCode === NO_SUCH_ORDER && !this.#orders.isDoubtful(connection, clientId);
    if (isTooLate && slots.kind[slot] === RequestKind.Cancel) {
      this.#recorder.cancelTooLate(intendedMs);
    }
    this.#orders.doubt(connection, clientId);
    this.#recorder.refused(errorCode, intendedMs);
  }

  #onLost(connection: number): void {
    this.#lostConnections++;
    this.#slots.closeAll(connection, (slot) => this.#onUnknown(slot));
  }

  /** Given up: it would have taken longer than it was waited for. */
  #onUnknown(slot: number): void {
    const slots = this.#slots;
    const intendedMs = slots.intendedMs[slot]!;
    const connection = slots.connection[slot]!;
    const isInLoop = this.#closedLoop.ended(connection, slot);
    this.#orders.doubt(connection, slots.clientId[slot]!);
    this.#recorder.unknown(connection, intendedMs);
    if (intendedMs < 0) return;
    const nowMs = performance.now() - this.#startMs;
    const waitedUs = (nowMs - slots.sentMs[slot]!) * 1000;
    this.#recorder.answered(intendedMs, (nowMs - intendedMs) * 1000, waitedUs);
    if (isInLoop) this.#recorder.answeredInLoop(intendedMs, waitedUs);
  }
}
