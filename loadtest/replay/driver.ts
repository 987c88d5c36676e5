import { Unpackr } from 'msgpackr';
import type { DepthEvent } from '../client/book-builder.ts';
import type { WsClient } from '../client/ws-client.ts';
import type { OrderResult, ReplayChecker, TradeEvent } from './checker.ts';
import { type CommandFrames, commandOfRequestId } from './command-frames.ts';
import type { CommandList } from './commands.ts';
import { DepthFrameReader, queueDepthEvent } from './depth-frame.ts';

/** Without any news for this long the replay gives up: something is lost. */
const STALL_MS = 15_000;
const STALL_CHECK_MS = 1_000;

/** The replay cannot go on: a socket closed, or the venue fell silent. */
export class ReplayStopped extends Error {
  override name = 'ReplayStopped';
}

export interface DriverSetup {
  readonly list: CommandList;
  readonly frames: CommandFrames;
  readonly checker: ReplayChecker;
  /** One logged-in socket per account. */
  readonly sessions: readonly WsClient[];
  /** A socket without login; `subscribe` puts the market's public streams on it. */
  readonly feed: WsClient;
  readonly symbol: string;
  /** Most commands without a reply at any time. */
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
  readonly #unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });
  readonly #total: number;
  #sent = 0;
  #outstanding = 0;
  #activeAccount = 0;
  #pumpScheduled = false;
  #news = 0;
  #finish: (() => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  #firstSendMs = 0;

  constructor(setup: DriverSetup) {
    this.#setup = setup;
    this.#total = setup.list.commands.length;
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
        this.#firstSendMs = performance.now();
        this.#setup.checker.compareBooks();
        this.#pump();
      });
    } finally {
      clearInterval(watch);
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
    const reader = new DepthFrameReader(checker.queue, symbol);
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
      queueDepthEvent(this.#setup.checker.queue, data as unknown as DepthEvent);
      this.#setup.checker.compareBooks();
    } else {
      return false;
    }
    return true;
  }

  #onReply(frame: Buffer): void {
    const reply = this.#unpackr.unpack(frame) as {
      id: number;
      status: number;
      result?: OrderResult;
      error?: { code: string; message: string };
    };
    const now = performance.now();
    const index = commandOfRequestId(reply.id);
    if (!(index >= 0 && index < this.#sent) || this.#answered[index] === 1) {
      this.#stop(`a reply to request ${reply.id}, which is not open`);
      return;
    }
    this.#answered[index] = 1;
    this.#latencyMs[index] = now - this.#sentAtMs[index]!;
    this.#outstanding--;
    if (reply.status === 200 && reply.result !== undefined) {
      this.#setup.checker.onReply(index, reply.result);
    } else {
      const { code, message } = reply.error ?? { code: `status ${reply.status}`, message: '' };
      this.#setup.checker.onRefusal(index, `${code} ${message}`);
    }
    this.#schedulePump();
  }

  /** Once per batch of frames: many sends then share one write. */
  #schedulePump(): void {
    this.#news++;
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    queueMicrotask(() => {
      this.#pumpScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#sent < this.#total) this.#sendAllowed();
    else if (this.#outstanding === 0 && this.#setup.checker.isComplete) this.#finish?.();
  }

  #sendAllowed(): void {
    const { list, frames, sessions, pipelineDepth } = this.#setup;
    const { commands, waitFor } = list;
    let session: WsClient | undefined;
    while (this.#sent < this.#total && this.#outstanding < pipelineDepth) {
      const index = this.#sent;
      const { account } = commands[index]!;
      if (account !== this.#activeAccount) {
        if (this.#outstanding > 0) break;
        this.#activeAccount = account;
        session?.uncork();
        session = undefined;
      }
      const waitedFor = waitFor[index]!;
      if (waitedFor >= 0 && this.#answered[waitedFor] === 0) break;
      if (session === undefined) {
        session = sessions[account]!;
        session.cork();
      }
      this.#sentAtMs[index] = performance.now();
      session.sendEncoded(frames.frame(index));
      this.#sent++;
      this.#outstanding++;
    }
    session?.uncork();
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
