import { setTimeout as delay } from 'node:timers/promises';
import { FrameSocket } from '../client/frame-socket.ts';
import { forgedLogins, listFrame, loginFrame, malformedFrames } from './bad-frames.ts';
import type { BadClientsSetup, Misbehaviour, MisbehaviourCounts } from './messages.ts';

const TICK_MS = 10;
/** Who was closed, or not let in, comes back so much later. */
const RECONNECT_MS = 50;
/** What our own side has not got rid of: more is not added, since the venue does not take it. */
const WAITING_BYTES_MAX = 1_048_576;
/** Who has not read reads in the end, for so long at most: how the venue ended it stands behind what it was sent. */
const READ_ON_MS = 500;

/** One client that misbehaves in one way, whenever it is there. */
export class BadClient {
  readonly #setup: BadClientsSetup;
  readonly #kind: Misbehaviour;
  readonly #counts: MisbehaviourCounts;
  #isThere = false;
  #leaving: Promise<void> = Promise.resolve();
  #leave: () => void = () => {};

  /** @param counts where it adds what it does */
  constructor(setup: BadClientsSetup, kind: Misbehaviour, counts: MisbehaviourCounts) {
    this.#setup = setup;
    this.#kind = kind;
    this.#counts = counts;
  }

  /** Comes, and comes back whenever the venue has closed it, until `leave`. */
  come(): void {
    this.#isThere = true;
    const left = new Promise<void>((resolve) => {
      this.#leave = resolve;
    });
    this.#leaving = this.#stay(left);
  }

  /** Resolves when its connection is gone. */
  leave(): Promise<void> {
    this.#isThere = false;
    this.#leave();
    return this.#leaving;
  }

  async #stay(left: Promise<void>): Promise<void> {
    while (this.#isThere) {
      await this.#connection(left);
      if (this.#isThere) await Promise.race([left, delay(RECONNECT_MS)]);
    }
  }

  async #connection(left: Promise<void>): Promise<void> {
    const counts = this.#counts;
    const { streamUrl, address } = this.#setup;
    const hear = (): void => {
      counts.answers++;
    };
    let socket: FrameSocket;
    try {
      socket = await FrameSocket.connect(streamUrl, hear, address);
    } catch {
      counts.refusedConnections++;
      return;
    }
    counts.connections++;
    const closed = new Promise<void>((resolve) => {
      socket.onClose = (code) => {
        counts.closed[code] = (counts.closed[code] ?? 0) + 1;
        resolve();
      };
    });
    const flood = this.#misbehave(socket);
    await Promise.race([left, closed]);
    clearInterval(flood);
    if (this.#kind === 'not-reading') {
      socket.resume();
      await Promise.race([closed, delay(READ_ON_MS)]);
    }
    // From here on it is we who end it.
    socket.onClose = undefined;
    socket.destroy();
  }

  #misbehave(socket: FrameSocket): NodeJS.Timeout {
    const { account, listsPerSecond, framesPerSecond } = this.#setup;
    const perSecond = this.#kind === 'not-reading' ? listsPerSecond : framesPerSecond;
    const frames = this.#frames();
    if (this.#kind === 'not-reading') {
      socket.sendFrames(loginFrame(account));
      socket.pause();
    }
    let sent = 0;
    const startedMs = performance.now();
    return setInterval(() => {
      const due = Math.floor(((performance.now() - startedMs) * perSecond) / 1000);
      if (socket.waitingBytes > WAITING_BYTES_MAX) {
        // What was not sent is not made up for: nobody floods what does not take it.
        sent = due;
        return;
      }
      const burst: Buffer[] = [];
      for (; sent < due; sent++) burst.push(frames[sent % frames.length]!);
      this.#counts.framesSent += burst.length;
      if (burst.length > 0) socket.sendFrames(Buffer.concat(burst));
    }, TICK_MS);
  }

  #frames(): Buffer[] {
    if (this.#kind === 'malformed') return malformedFrames();
    return this.#kind === 'forged' ? forgedLogins(this.#setup.victim) : [listFrame()];
  }
}
