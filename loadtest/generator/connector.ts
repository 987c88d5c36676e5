import { FrameSocket, UpgradeRefused } from '../client/frame-socket.ts';
import { type KeyPair, keyPairOf, websocketSignature } from '../client/signing.ts';
import { durationMs, initialRate, type Schedule, scheduleOf } from '../schedule/schedule.ts';
import { SharedSchedule, WarmedSchedule } from '../schedule/share.ts';
import type {
  ConnectsSpec,
  GeneratorProgress,
  GeneratorReport,
  GeneratorSetup,
} from './messages.ts';
import { Recorder } from './recorder.ts';
import { RequestKind } from './request-draft.ts';
import { LATE_MS, SelfWatch } from './self-watch.ts';
import { Ticker } from './ticker.ts';
import { until, type Worker } from './worker.ts';

const TICK_MS = 0.5;
/** A connection that is not logged in by then is given up. */
const LOGIN_TIMEOUT_MS = 10_000;
/** Nothing is ever placed. */
const NO_ORDERS = { orders: [], doubtful: new Uint32Array(0), tradedTicks: 0 };

/** Opens a connection at every moment of the schedule, logs it in, holds it for a while and closes it. */
export class Connector implements Worker {
  readonly #setup: GeneratorSetup;
  readonly #holdMs: number;
  readonly #schedule: Schedule;
  readonly #recorder: Recorder;
  readonly #watch = new SelfWatch();
  readonly #keys: readonly KeyPair[];
  readonly #open = new Set<FrameSocket>();
  #startMs = 0;
  #nextIntendedMs: number;
  #attempts = 0;
  #outstanding = 0;
  #isMeasuring = false;
  #isStopped = false;
  #progressLate = 0;
  #strayReplies = 0;

  constructor(setup: GeneratorSetup, { holdMs }: ConnectsSpec) {
    this.#setup = setup;
    this.#holdMs = holdMs;
    const { schedule, warmUpSeconds, accounts, process, processes } = setup;
    const whole = new WarmedSchedule(scheduleOf(schedule), initialRate(schedule), warmUpSeconds);
    this.#schedule = new SharedSchedule(whole, process, processes);
    this.#recorder = new Recorder(accounts.length, durationMs(schedule));
    this.#keys = accounts.map(({ apiKey, secret }) => keyPairOf(apiKey, secret));
    this.#nextIntendedMs = this.#schedule.next();
  }

  async connect(): Promise<void> {}

  async prelude(): Promise<void> {}

  async run(startEpochMs: number): Promise<GeneratorReport> {
    this.#startMs = startEpochMs - performance.timeOrigin;
    const ticker = new Ticker(TICK_MS, () => {
      this.#turn();
      ticker.setDue(startEpochMs + this.#nextIntendedMs);
    });
    try {
      await until(() => this.#isOver, Number.POSITIVE_INFINITY);
      const watch = this.#watch.end();
      await until(() => this.#outstanding === 0, LOGIN_TIMEOUT_MS + 1000);
      const { measured, all } = this.#recorder;
      return {
        measured,
        all,
        connections: this.#recorder.connectionCounts().map((counts) => ({
          ...counts,
          openOrders: NO_ORDERS,
        })),
        spans: this.#recorder.spanCounts(),
        acknowledgedInTime: this.#recorder.acknowledgedInTime,
        notSent: 0,
        lostConnections: 0,
        strayReplies: this.#strayReplies,
        watch,
      };
    } finally {
      await ticker.stop();
      await Promise.all([...this.#open].map((socket) => socket.close()));
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  takeProgress(): GeneratorProgress {
    const lateSends = this.#watch.lateSends - this.#progressLate;
    this.#progressLate = this.#watch.lateSends;
    return { seconds: this.#recorder.takeSeconds(), lateSends, outstanding: this.#outstanding };
  }

  get #isOver(): boolean {
    return this.#isStopped || this.#nextIntendedMs === Number.POSITIVE_INFINITY;
  }

  #turn(): void {
    if (this.#isOver) return;
    const nowMs = performance.now() - this.#startMs;
    if (!this.#isMeasuring && nowMs >= 0) {
      this.#isMeasuring = true;
      this.#watch.start();
    }
    while (this.#nextIntendedMs <= nowMs) {
      void this.#attempt(this.#nextIntendedMs);
      this.#nextIntendedMs = this.#schedule.next();
    }
  }

  async #attempt(intendedMs: number): Promise<void> {
    const account = this.#attempts++ % this.#keys.length;
    const sentMs = performance.now() - this.#startMs;
    const watch = this.#watch;
    this.#recorder.sent(RequestKind.Connect, intendedMs, sentMs);
    if (intendedMs >= 0) {
      watch.lastSendLateMs = sentMs - intendedMs;
      if (watch.lastSendLateMs > LATE_MS) watch.lateSends++;
    }
    this.#outstanding++;
    watch.outstandingMax = Math.max(watch.outstandingMax, this.#outstanding);
    const code = await this.#logIn(this.#keys[account]!);
    this.#outstanding--;
    const nowMs = performance.now() - this.#startMs;
    if (code !== undefined && code !== 'unknown') {
      this.#recorder.refused(code, intendedMs);
    } else {
      if (code === 'unknown') this.#recorder.unknown(account, intendedMs);
      else this.#recorder.acknowledged(RequestKind.Connect, account, 0, intendedMs, nowMs);
      if (intendedMs < 0) return;
      const { span } = this.#recorder;
      span.connect.record((nowMs - intendedMs) * 1000);
      span['connect-from-send'].record((nowMs - sentMs) * 1000);
    }
  }

  /** Connects and logs in; answers the code of the refusal, `unknown` when there was no answer. */
  async #logIn(keyPair: KeyPair): Promise<string | undefined> {
    let answered: ((code: string | undefined) => void) | undefined;
    const answer = new Promise<string | undefined>((resolve) => {
      answered = resolve;
    });
    const timer = setTimeout(() => answered?.('unknown'), LOGIN_TIMEOUT_MS);
    let socket: FrameSocket | undefined;
    let replies = 0;
    try {
      socket = await FrameSocket.connect(this.#setup.streamUrl, (buffer, start, end) => {
        if (++replies > 1) this.#strayReplies++;
        const { status, error } = JSON.parse(buffer.toString('utf8', start, end)) as {
          status?: number;
          error?: { code: string };
        };
        answered?.(status === 200 ? undefined : (error?.code ?? `STATUS_${status}`));
      });
      socket.onClose = () => answered?.('unknown');
      const signature = websocketSignature(keyPair);
      socket.sendText(JSON.stringify({ id: 1, method: 'session.login', signature }));
      const code = await answer;
      this.#hold(socket);
      return code;
    } catch (error) {
      return error instanceof UpgradeRefused ? 'UPGRADE_REFUSED' : 'unknown';
    } finally {
      clearTimeout(timer);
    }
  }

  #hold(socket: FrameSocket): void {
    this.#open.add(socket);
    setTimeout(() => {
      this.#open.delete(socket);
      void socket.close();
    }, this.#holdMs).unref();
  }
}
