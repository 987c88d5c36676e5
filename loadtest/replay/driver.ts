import type { DepthEvent } from '../client/book-builder.ts';
import { DepthFrameReader, queueDepthEvent } from '../client/depth-frame.ts';
import { ReplyReader } from '../client/reply-reader.ts';
import type { WsClient } from '../client/ws-client.ts';
import type { ReplayChecker, TradeEvent } from './checker.ts';
import { type CommandFrames, commandOfRequestId } from './command-frames.ts';
import type { CommandList } from './commands.ts';
import { DAY_UNITS } from './day-parser.ts';
import { FlowWindow } from './flow-window.ts';

/** Without any news for this long the replay gives up: something is lost. */
const STALL_MS = 15_000;
const STALL_CHECK_MS = 1_000;

/** The replay cannot go on: a socket closed, or the venue fell silent. */
export class ReplayStopped extends Error {
  override name = 'ReplayStopped';
}

interface DriverSetup {
  readonly list: CommandList;
  readonly frames: CommandFrames;
  readonly checker: ReplayChecker;
  /** One logged-in socket per account. */
  readonly sessions: readonly WsClient[];
  /** A socket without login; `subscribe` puts the market's public streams on it. */
  readonly feed: WsClient;
  readonly symbol: string;
  /** Most commands without a reply at any time; slow replies make it fewer. */
  readonly pipelineDepth: number;
}

/**
 * Sends the commands in order and feeds what comes back to the checker.
 *
 * Commands of one account go through one socket, which keeps their order. Two sockets have no common
 * order, so a command of another account than the last one waits until nothing is outstanding.
 */
export class ReplayDriver {
  readonly #setup: DriverSetup;
  readonly #sentAtMs: Float64Array;
  readonly #latencyMs: Float64Array;
  readonly #answered: Uint8Array;
  readonly #reader = new ReplyReader();
  readonly #window: FlowWindow;
  readonly #total: number;
  #sent = 0;
  #outstanding = 0;
  #activeAccount = 0;
  #pumpScheduled = false;
  /** Nothing is sent before `run`, although the streams may speak: a quiet market has heartbeats. */
  #isRunning = false;
  #news = 0;
  #finish: (() => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  #firstSendMs = 0;

  constructor(setup: DriverSetup) {
    this.#setup = setup;
    this.#total = setup.list.commands.length;
    this.#window = new FlowWindow(setup.pipelineDepth);
    this.#sentAtMs = new Float64Array(this.#total);
    this.#latencyMs = new Float64Array(this.#total);
    this.#answered = new Uint8Array(this.#total);
    for (const session of setup.sessions) this.#attachSession(session);
    this.#attachFeed();
  }

  get sent(): number {
    return this.#sent;
  }

  /** Order-to-reply time of every answered command, in ms. */
  get latenciesMs(): Float64Array {
    return this.#latencyMs.filter((_, command) => this.#answered[command] === 1);
  }

  /** Time of the first send, on the clock of `performance.now`. */
  get firstSendMs(): number {
    return this.#firstSendMs;
  }

  /** Subscribes the market's public streams; resolves when they are on. */
  async subscribe(): Promise<void> {
    const { feed, symbol } = this.#setup;
    // The frame handler sees the streams' frames before this callback would.
    await feed.subscribe([`depth.${symbol}`, `trade.${symbol}`], () => undefined);
  }

  /** Sends everything; resolves when all is answered and checked. */
  async run(): Promise<void> {
    const watch = setInterval(this.#stallWatch(), STALL_CHECK_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#finish = resolve;
        this.#fail = reject;
        this.#isRunning = true;
        this.#firstSendMs = performance.now();
        this.#setup.checker.compareBooks();
        this.#pump();
      });
    } finally {
      clearInterval(watch);
      this.#isRunning = false;
      this.#detach();
    }
  }

  #attachSession(session: WsClient): void {
    session.setFrameHandler((frame, isBinary) => {
      if (!isBinary) return false;
      this.#onReply(frame);
      return true;
    });
    session.onClose = (code, reason) => this.#stop(`an order socket closed (${code} ${reason})`);
  }

  #attachFeed(): void {
    const { feed, checker, symbol } = this.#setup;
    const reader = new DepthFrameReader(checker.queue, symbol, DAY_UNITS);
    feed.setFrameHandler((frame) => {
      if (reader.read(frame)) checker.compareBooks();
      else if (!this.#onPublicFrame(frame)) return false;
      this.#schedulePump();
      return true;
    });
    feed.onClose = (code, reason) => this.#stop(`the stream socket closed (${code} ${reason})`);
  }

  /** Leaves the sockets to ordinary requests. */
  #detach(): void {
    for (const socket of [...this.#setup.sessions, this.#setup.feed]) {
      socket.setFrameHandler(undefined);
      socket.onClose = undefined;
    }
  }

  /** Takes a stream frame of any layout; false when it is none. */
  #onPublicFrame(frame: Buffer): boolean {
    const { data } = JSON.parse(frame.toString('utf8')) as { data?: { e?: string } };
    if (data?.e === 'trade') {
      this.#setup.checker.onTrade(data as unknown as TradeEvent);
    } else if (data?.e === 'depth') {
      queueDepthEvent(this.#setup.checker.queue, data as unknown as DepthEvent, DAY_UNITS);
      this.#setup.checker.compareBooks();
    } else {
      return false;
    }
    return true;
  }

  #onReply(frame: Buffer): void {
    const reader = this.#reader;
    const { checker } = this.#setup;
    reader.read(frame);
    const now = performance.now();
    const index = commandOfRequestId(reader.requestId);
    if (!(index >= 0 && index < this.#sent) || this.#answered[index] === 1) {
      this.#stop(`a reply to request ${reader.requestId}, which is not open`);
      return;
    }
    this.#answered[index] = 1;
    const latencyMs = now - this.#sentAtMs[index]!;
    this.#latencyMs[index] = latencyMs;
    this.#window.onReply(latencyMs);
    this.#outstanding--;
    if (reader.status === 200 && reader.hasResult) checker.onReply(index, reader.result);
    else checker.onRefusal(index, `${reader.status} ${reader.errorCode} ${reader.errorMessage}`);
    this.#schedulePump();
  }

  /** Once per batch of frames: many sends then share one write. */
  #schedulePump(): void {
    this.#news++;
    if (this.#pumpScheduled || !this.#isRunning) return;
    this.#pumpScheduled = true;
    queueMicrotask(() => {
      this.#pumpScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#sent < this.#total) this.#sendAllowed();
    else if (this.#setup.checker.isComplete) this.#finish?.();
  }

  /** Sends as many commands as may go now, all of one account, in one write. */
  #sendAllowed(): void {
    const { list, frames, sessions } = this.#setup;
    const first = this.#sent;
    if (first === this.#total) return;
    const { account } = list.commands[first]!;
    if (account !== this.#activeAccount) {
      if (this.#outstanding > 0) return;
      this.#activeAccount = account;
    }
    const end = Math.min(first + this.#window.size - this.#outstanding, this.#total);
    let next = first;
    while (next < end && list.commands[next]!.account === account && this.#isFree(next)) next++;
    if (next === first) return;
    this.#sentAtMs.fill(performance.now(), first, next);
    this.#sent = next;
    this.#outstanding += next - first;
    sessions[account]!.sendFrames(frames.frames(first, next - 1));
  }

  /** True when the command that this one waits for, if any, is answered. */
  #isFree(command: number): boolean {
    const waitedFor = this.#setup.list.waitFor[command]!;
    return waitedFor < 0 || this.#answered[waitedFor] === 1;
  }

  #stallWatch(): () => void {
    let lastNews = -1;
    let lastNewsMs = performance.now();
    return () => {
      const now = performance.now();
      if (this.#news !== lastNews) {
        lastNews = this.#news;
        lastNewsMs = now;
      } else if (now - lastNewsMs > STALL_MS) {
        this.#stop(
          `nothing came for ${STALL_MS / 1000} s; missing: ${this.#setup.checker.missing}`,
        );
      }
    };
  }

  #stop(reason: string): void {
    this.#fail?.(new ReplayStopped(reason));
  }
}
