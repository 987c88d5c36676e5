import { FrameSocket } from '../client/frame-socket.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import { type Phase, phaseAt } from '../neighbours/phases.ts';
import { FanOutSpread } from './fan-out-spread.ts';
import { MarketFrame } from './market-frame.ts';
import type { SubscribersReport, SubscribersSetup } from './messages.ts';
import { SelfDelay } from './self-delay.ts';

/** A venue that does not acknowledge subscriptions has made one by then. */
const ACKNOWLEDGEMENT_MS = 2_000;
/** How a venue ends a connection that does not keep up (RFC 6455: policy violation). */
const SLOW_CONSUMER_CODE = 1008;
/** The tail is over when nothing came in so many turns of the event loop, each so long. */
const QUIET_TURNS = 10;
const TURN_MS = 20;
const TAIL_TIMEOUT_MS = 10_000;

/** A market as the subscribers that listen to it hear it. */
interface Market {
  readonly symbol: string;
  readonly spread: FanOutSpread;
}

/** All subscribers of a run, in one process: so the first and the last that hears of a trade are known by one clock. */
export class Subscribers {
  readonly #setup: SubscribersSetup;
  readonly #markets: readonly Market[];
  readonly #listeners: Listener[] = [];
  readonly #marketData = new LatencyCounts();
  readonly #fanOut = new LatencyCounts();
  readonly #byPhase: Readonly<Record<Phase, LatencyCounts>> = {
    quiet: new LatencyCounts(),
    bad: new LatencyCounts(),
  };
  readonly #frame = new MarketFrame();
  readonly #selfDelay = new SelfDelay();
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.POSITIVE_INFINITY;
  #frames = 0;
  /** Of subscribers that keep reading, whenever they came. */
  #heard = 0;
  #isTailCut = false;
  #endTrades: ReadonlyMap<Market, number> = new Map();
  #pauses = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(setup: SubscribersSetup) {
    this.#setup = setup;
    const { symbols, subscribers, slow } = setup;
    this.#markets = symbols.map((symbol, index) => {
      const reading = subscribers - slow;
      const listeners =
        Math.floor(reading / symbols.length) + (index < reading % symbols.length ? 1 : 0);
      return { symbol, spread: new FanOutSpread(listeners, this.#fanOut) };
    });
  }

  /** Opens and subscribes all of them. */
  async connect(): Promise<void> {
    const { streamUrl, subscribers, slow } = this.#setup;
    for (let index = 0; index < subscribers; index++) {
      const market = this.#markets[index % this.#markets.length]!;
      const isSlow = index >= subscribers - slow;
      const listener = new Listener(market, isSlow);
      await listener.connect(streamUrl, (buffer, start, end) =>
        this.#onFrame(listener, buffer, start, end),
      );
      this.#listeners.push(listener);
    }
  }

  /** Counts from one moment to another (ms of the epoch); slow ones stop reading with the first. */
  start(fromEpochMs: number, toEpochMs: number): void {
    this.#fromMs = fromEpochMs - performance.timeOrigin;
    this.#toMs = toEpochMs - performance.timeOrigin;
    this.#selfDelay.start(this.#fromMs);
    const untilStartMs = Math.max(0, this.#fromMs - performance.now());
    this.#timer = setTimeout(() => this.#pauseSlow(true), untilStartMs);
  }

  /** Pauses the slow ones or lets them read, for as long as either takes, and then the other way round. */
  #pauseSlow(isPaused: boolean): void {
    for (const listener of this.#listeners) {
      if (!listener.isSlow || !listener.isOpen) continue;
      if (isPaused) this.#pauses++;
      listener.setPaused(isPaused);
    }
    this.#timer = setTimeout(() => this.#pauseSlow(!isPaused), this.#setup.slowPauseMs);
  }

  /** Waits for what is still on its way, ends all connections and answers what was heard. */
  async stop(): Promise<SubscribersReport> {
    await this.#tail();
    clearTimeout(this.#timer);
    await this.#resumeSlow();
    const report = this.#report();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    return report;
  }

  /** Turns are counted, not time: a process that was held up has heard nothing for long, and has it all to read. */
  async #tail(): Promise<void> {
    this.#endTrades = this.#lastTrades();
    const deadlineMs = performance.now() + TAIL_TIMEOUT_MS;
    let heard = this.#heard;
    for (let quiet = 0; quiet < QUIET_TURNS || this.#behind() > 0; quiet++) {
      this.#isTailCut = performance.now() > deadlineMs;
      if (this.#isTailCut) return;
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
      if (this.#heard !== heard && !this.#setup.isEndless) quiet = -1;
      heard = this.#heard;
    }
  }

  /** Lets the slow ones read what is left for them: a venue that has closed one says so behind it. */
  async #resumeSlow(): Promise<void> {
    const slow = this.#listeners.filter(({ isSlow }) => isSlow);
    for (const listener of slow) {
      listener.waitedBytes = 0;
      listener.setPaused(false);
    }
    const deadlineMs = performance.now() + TAIL_TIMEOUT_MS;
    let heard = -1;
    for (let quiet = 0; quiet < QUIET_TURNS && performance.now() < deadlineMs; quiet++) {
      const now = slow.reduce((sum, listener) => sum + listener.frames, 0);
      if (now !== heard) quiet = 0;
      heard = now;
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    }
  }

  /** How many keep reading and lack a trade that another one of their market has. */
  #behind(): number {
    // Of what never ends, the last trade is that of the moment at which the end was to be.
    const last = this.#setup.isEndless ? this.#endTrades : this.#lastTrades();
    return this.#reading().filter(({ market, lastTrade }) => lastTrade < last.get(market)!).length;
  }

  #lastTrades(): Map<Market, number> {
    const last = new Map<Market, number>();
    for (const { market, lastTrade } of this.#reading()) {
      last.set(market, Math.max(last.get(market) ?? 0, lastTrade));
    }
    return last;
  }

  #reading(): Listener[] {
    return this.#listeners.filter(({ isSlow, isOpen }) => !isSlow && isOpen);
  }

  #report(): SubscribersReport {
    const reading = this.#listeners.filter(({ isSlow }) => !isSlow);
    const slow = this.#listeners.filter(({ isSlow }) => isSlow);
    const gapsOf = (listeners: readonly Listener[]): number =>
      listeners.reduce((sum, { gaps }) => sum + gaps, 0);
    return {
      watch: this.#selfDelay.end(),
      frames: this.#frames,
      marketData: this.#marketData.toSparse(),
      ...(this.#setup.phases === undefined
        ? {}
        : {
            marketDataByPhase: {
              quiet: this.#byPhase.quiet.toSparse(),
              bad: this.#byPhase.bad.toSparse(),
            },
          }),
      fanOut: this.#fanOut.toSparse(),
      gaps: gapsOf(reading),
      behind: this.#behind(),
      isTailCut: this.#isTailCut,
      lost: reading.filter(({ isOpen }) => !isOpen).length,
      slow: {
        pauses: this.#pauses,
        gaps: gapsOf(slow),
        closedAsSlow: slow.filter(({ closeCode }) => closeCode === SLOW_CONSUMER_CODE).length,
        closedOtherwise: slow.filter(isLostOtherwise).length,
        waitedBytesMax: Math.max(0, ...slow.map(({ waitedBytes }) => waitedBytes)),
      },
    };
  }

  #onFrame(listener: Listener, buffer: Buffer, start: number, end: number): void {
    const nowMs = performance.now();
    const frame = this.#frame;
    frame.read(buffer, start, end);
    listener.frames++;
    listener.waitedBytes += end - start;
    if (frame.kind !== 'other') listener.follow(frame);
    if (!listener.isSlow) this.#heard++;
    if (!this.#isMeasured(frame, nowMs)) return;
    this.#frames++;
    if (listener.isSlow || frame.kind !== 'trade') return;
    listener.market.spread.heard(frame.first, nowMs);
    if (!this.#setup.sharesClock) return;
    const us = (performance.timeOrigin + nowMs) * 1000 - frame.engineTimeUs;
    this.#marketData.record(us);
    const { phases } = this.#setup;
    if (phases === undefined) return;
    const atMs = frame.engineTimeUs / 1000 - performance.timeOrigin - this.#fromMs;
    const phase = phaseAt(phases, atMs);
    if (phase !== undefined) this.#byPhase[phase].record(us);
  }

  /**
   * By the moment of what it tells, however late it comes: to leave out the late ones would be to leave out the slow
   * ones. Without a common clock, or a time in the frame, by its arrival.
   */
  #isMeasured({ engineTimeUs }: Readonly<MarketFrame>, nowMs: number): boolean {
    const isDated = this.#setup.sharesClock && engineTimeUs !== 0;
    const atMs = isDated ? engineTimeUs / 1000 - performance.timeOrigin : nowMs;
    return atMs >= this.#fromMs && atMs < this.#toMs;
  }
}

function isLostOtherwise({ isOpen, closeCode }: Listener): boolean {
  return !isOpen && closeCode !== SLOW_CONSUMER_CODE;
}

/** One subscriber. */
class Listener {
  readonly market: Market;
  readonly isSlow: boolean;
  gaps = 0;
  frames = 0;
  /** Read since it was last asked to read on. */
  waitedBytes = 0;
  /** Undefined while it is open. */
  closeCode: number | undefined;
  #socket: FrameSocket | undefined;
  #lastTrade = 0;
  #lastUpdate = 0;

  constructor(market: Market, isSlow: boolean) {
    this.market = market;
    this.isSlow = isSlow;
  }

  get lastTrade(): number {
    return this.#lastTrade;
  }

  get isOpen(): boolean {
    return this.#socket?.isOpen === true;
  }

  async connect(
    streamUrl: string,
    onFrame: (buffer: Buffer, start: number, end: number) => void,
  ): Promise<void> {
    const { symbol } = this.market;
    await new Promise<void>((resolve, reject) => {
      // The answer to the subscription is the first frame that comes, or else nothing: then this is one of a stream.
      const connecting = FrameSocket.connect(streamUrl, (buffer, start, end) => {
        this.#socket?.setMessageHandler(onFrame);
        const reply = JSON.parse(buffer.toString('utf8', start, end)) as {
          error?: object;
          stream?: string;
        };
        if (reply.stream !== undefined) onFrame(buffer, start, end);
        if (reply.error === undefined) resolve();
        else reject(new Error(`a subscription was refused: ${JSON.stringify(reply.error)}`));
      });
      connecting.then((socket) => {
        this.#socket = socket;
        socket.onClose = (code) => {
          this.closeCode = code;
        };
        const params = [`trade.${symbol}`, `depth.${symbol}`, `bookTicker.${symbol}`];
        socket.sendText(JSON.stringify({ id: 1, method: 'SUBSCRIBE', params }));
        setTimeout(resolve, ACKNOWLEDGEMENT_MS).unref();
      }, reject);
    });
  }

  /** Trades of a market are numbered one by one, depth updates follow each other. */
  follow({ kind, first, last }: Readonly<MarketFrame>): void {
    if (kind === 'trade') {
      if (this.#lastTrade !== 0 && first !== this.#lastTrade + 1) this.gaps++;
      this.#lastTrade = last;
    } else {
      if (this.#lastUpdate !== 0 && first !== this.#lastUpdate + 1) this.gaps++;
      this.#lastUpdate = last;
    }
  }

  setPaused(isPaused: boolean): void {
    if (isPaused) this.#socket?.pause();
    else this.#socket?.resume();
  }

  async close(): Promise<void> {
    this.#socket?.resume();
    await this.#socket?.close();
  }
}
