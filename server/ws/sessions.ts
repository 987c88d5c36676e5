import type { WebSocket } from 'uWebSockets.js';
import type { LimitSettings } from '../limits/limit-settings.ts';
import type { Closing, Frame, Session, SocketData } from './session.ts';

/**
 * Bytes a socket may have waiting in our memory, beyond what the kernel holds: a second or so of the
 * busiest stream, or one list of all the orders that an account can have. A client that far behind is closed.
 */
const SLOW_CONSUMER_BYTES = 8 * 2 ** 20;

/** Published frames pass no code of ours, so sockets are looked at when so much was published, and this often. */
const SWEEP_BYTES = 4 * 2 ** 20;
const SWEEP_INTERVAL_MS = 50;

/**
 * No socket ever has more than this and one frame waiting: uWebSockets.js drops what comes beyond it. It is not
 * reached: what was under the limit at a sweep, with a batch of published frames still on its way, has grown by another
 * such batch at the next, and then the close frame still fits behind it.
 */
export const MAX_BACKPRESSURE_BYTES = SLOW_CONSUMER_BYTES + 2 * SWEEP_BYTES;

/** A reply this long is sent only behind less than the limit. */
const LARGE_FRAME_LENGTH = 64 * 1024;

/** Close code of RFC 6455. */
export const POLICY_VIOLATION = 1008;
const SLOW_CONSUMER_REASON = 'slow consumer';

/** uWebSockets.js tears a socket down that takes nothing for 12 to 16 s after it was ended. */
const ENDED_MS_MAX = 20_000;

/** See `LimitSettings`. */
type SocketLimits = Pick<LimitSettings, 'pingSeconds' | 'firstRequestSeconds' | 'bufferedMiBMax'>;

const DEFAULT_LIMITS: SocketLimits = {
  ...{ pingSeconds: 60, firstRequestSeconds: 60, bufferedMiBMax: 256 },
};

/** What the open sockets have cost. */
export interface SocketCounts {
  /** Bytes waiting in our memory, of all sockets together and of the one with most. */
  readonly bufferedBytes: number;
  readonly bufferedBytesMax: number;
  /** Sockets closed because they did not keep up, since the start. */
  readonly slowConsumers: number;
}

/**
 * The open sockets: gathers replies and sends those of one turn of the loop to a socket in one piece,
 * and closes every socket that lost a frame or is about to. Invariant: what a socket was sent is
 * everything up to its close, in order.
 *
 * A socket is ended, not torn down: the close frame waits behind what is queued, so a client that reads
 * on still learns the reason. One that takes nothing for 12 to 16 s after that is torn down by uWebSockets.js (its
 * timeout after `end`), and holds at most the limit until then. Closing leaves `#open` while it is walked, which a `Set` allows.
 */
export class Sessions {
  readonly #open = new Set<Session>();
  #waiting: Session[] = [];
  #flushScheduled = false;
  readonly #sweeper: NodeJS.Timeout;
  readonly #onFlushed: () => void;
  readonly #onEnding: (session: Session) => void;
  readonly #limits: SocketLimits;
  #slowConsumers = 0;
  /** Since the last sweep: of every frame once, and of every frame for each of its sockets. */
  #publishedLength = 0;
  #deliveredLength = 0;
  /** What sockets that were ended may still hold. */
  #endedBytes = 0;

  /**
   * @param onFlushed called when every gathered frame was handed over
   * @param onEnding called when the venue ends a socket, which may take until its client has read all; perhaps again
   */
  constructor(
    onFlushed: () => void,
    onEnding: (session: Session) => void,
    limits: SocketLimits = DEFAULT_LIMITS,
  ) {
    this.#onFlushed = onFlushed;
    this.#onEnding = onEnding;
    this.#limits = limits;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS).unref();
  }

  get size(): number {
    return this.#open.size;
  }

  /** Looks at every socket: for who asks, not for every frame. */
  get counts(): SocketCounts {
    let bufferedBytes = 0;
    let bufferedBytesMax = 0;
    for (const { socket } of this.#open) {
      const bytes = socket?.getBufferedAmount() ?? 0;
      bufferedBytes += bytes;
      bufferedBytesMax = Math.max(bufferedBytesMax, bytes);
    }
    return { bufferedBytes, bufferedBytesMax, slowConsumers: this.#slowConsumers };
  }

  add(session: Session): void {
    const nowMs = performance.now();
    session.firstRequestDueMs = nowMs + 1000 * this.#limits.firstRequestSeconds;
    session.pingDueMs = nowMs + 1000 * this.#limits.pingSeconds;
    this.#open.add(session);
  }

  remove(session: Session): void {
    this.#open.delete(session);
    session.outbox.length = 0;
  }

  /** Sends `frame` at the end of this turn, after what was given before. Nothing for a closed socket. */
  send(session: Session, frame: Frame): void {
    if (session.socket === null) return;
    if (session.outbox.push(frame) === 1) this.#waiting.push(session);
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    setImmediate(this.#flushScheduledFrames);
  }

  /** Sends what was gathered. Called at the end of a batch of events, and of every turn that sent. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const session of waiting) this.#sendOutbox(session);
    this.#onFlushed();
  }

  /** To be told before a frame of so many characters is published to so many sockets. */
  onPublish(length: number, sockets: number): void {
    this.#publishedLength += length;
    this.#deliveredLength += length * sockets;
    const isMuch = this.#deliveredLength > this.#bufferedBytesMax / 4;
    if (isMuch || this.#publishedLength > SWEEP_BYTES) this.#sweep();
  }

  /**
   * A frame for this socket was dropped: it is torn down, since a close frame would be dropped, too. Not in the handler
   * itself: it runs amid the sending.
   */
  onDropped(session: Session): void {
    session.isLosing = true;
    setImmediate(() => this.#tearDown(session));
  }

  /**
   * Ends a socket that cannot keep up; the close frame follows all that is on its way. When many are being ended, and
   * hold on to what they do not read, it is torn down.
   */
  closeSlow(session: Session): void {
    session.isLosing = true;
    if (session.socket === null) return;
    const bytes = session.socket.getBufferedAmount();
    if (this.#endedBytes + bytes > this.#bufferedBytesMax) {
      this.#tearDown(session);
      return;
    }
    this.#endedBytes += bytes;
    setTimeout(() => {
      this.#endedBytes -= bytes;
    }, ENDED_MS_MAX).unref();
    this.#slowConsumers++;
    this.#end(session, SLOW_CONSUMER_REASON);
  }

  /** Ends a socket that asks for more than it may; the close frame follows the answers so far. */
  closeOverdone(session: Session): void {
    this.#sendOutbox(session);
    this.#end(session, 'too many requests');
  }

  /** The sockets that used this API key. Looks at all of them: keys are seldom taken away. */
  ofApiKey(apiKey: string): Session[] {
    return [...this.#open].filter(({ apiKeys }) => apiKeys.has(apiKey));
  }

  /** Takes nothing more from a socket, and ends it behind the answers to what it has asked before. */
  closeWhenAnswered(session: Session, closing: Closing): void {
    session.closing ??= closing;
    this.#endIfAnswered(session);
  }

  /** Sends what was gathered, then ends every socket; no sweeping after that. */
  closeAll(code: number, reason: string): void {
    this.flush();
    clearInterval(this.#sweeper);
    for (const session of this.#open) session.socket?.end(code, reason);
  }

  /** Nobody must wait for the close itself: its frame may stand behind much that the client does not read. */
  #end(session: Session, reason: string): void {
    this.#onEnding(session);
    session.socket?.end(POLICY_VIOLATION, reason);
  }

  #flushScheduledFrames = (): void => {
    this.#flushScheduled = false;
    this.flush();
  };

  #sendOutbox(session: Session): void {
    const { socket, outbox } = session;
    if (socket === null || outbox.length === 0) return;
    if (outbox.length === 1) this.#sendFrames(session);
    else socket.cork(() => this.#sendFrames(session));
    outbox.length = 0;
    // A send may have closed the socket, and with it what `socket` names.
    if (session.socket !== null && isBehind(socket)) this.closeSlow(session);
  }

  #sendFrames(session: Session): void {
    for (const frame of session.outbox) {
      if (session.isLosing || session.socket === null) return;
      if (frame.length > LARGE_FRAME_LENGTH && isBehind(session.socket)) {
        this.closeSlow(session);
        return;
      }
      session.socket.send(frame, typeof frame !== 'string');
    }
  }

  #sweep(): void {
    this.#publishedLength = 0;
    this.#deliveredLength = 0;
    const nowMs = performance.now();
    let bufferedBytes = this.#endedBytes;
    for (const session of this.#open) {
      const { socket } = session;
      if (socket === null) continue;
      bufferedBytes += socket.getBufferedAmount();
      if (isBehind(socket)) this.closeSlow(session);
      else if (nowMs >= session.firstRequestDueMs) this.#end(session, 'no request');
      else if (nowMs >= session.pingDueMs) this.#ping(session, socket, nowMs);
      this.#endIfAnswered(session);
    }
    if (bufferedBytes > this.#bufferedBytesMax) this.#tearDownFurthestBehind(bufferedBytes);
  }

  get #bufferedBytesMax(): number {
    return this.#limits.bufferedMiBMax * 2 ** 20;
  }

  /** Until the rest has no more waiting than all sockets together may. */
  #tearDownFurthestBehind(bufferedBytes: number): void {
    const behind = [...this.#open]
      .map((session) => ({ session, bytes: session.socket?.getBufferedAmount() ?? 0 }))
      .sort((a, b) => b.bytes - a.bytes);
    let left = bufferedBytes;
    for (const { session, bytes } of behind) {
      if (left <= this.#bufferedBytesMax || bytes === 0) return;
      left -= bytes;
      this.#tearDown(session);
    }
  }

  /** Ends a socket without a close frame, and frees what it had waiting at once. */
  #tearDown(session: Session): void {
    session.isLosing = true;
    if (session.socket === null) return;
    this.#slowConsumers++;
    session.socket.close();
  }

  #endIfAnswered(session: Session): void {
    if (session.closing === null || session.inFlight > 0) return;
    this.#sendOutbox(session);
    this.#onEnding(session);
    session.socket?.end(session.closing.code, session.closing.reason);
  }

  #ping(session: Session, socket: WebSocket<SocketData>, nowMs: number): void {
    session.pingDueMs = nowMs + 1000 * this.#limits.pingSeconds;
    socket.ping();
  }
}

function isBehind(socket: WebSocket<SocketData>): boolean {
  return socket.getBufferedAmount() > SLOW_CONSUMER_BYTES;
}
