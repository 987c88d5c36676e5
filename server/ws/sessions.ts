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

const DEFAULT_TIMES: SocketTimes = { pingSeconds: 60, firstRequestSeconds: 60 };

/** See `LimitSettings`. */
type SocketTimes = Pick<LimitSettings, 'pingSeconds' | 'firstRequestSeconds'>;

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
 * on still learns the reason. One that takes nothing for 16 s after that is torn down by uWebSockets.js (its timeout
 * after `end`), and holds at most the limit until then. Closing leaves `#open` while it is walked, which a `Set` allows.
 */
export class Sessions {
  readonly #open = new Set<Session>();
  #waiting: Session[] = [];
  #flushScheduled = false;
  readonly #sweeper: NodeJS.Timeout;
  readonly #onFlushed: () => void;
  readonly #onEnding: (session: Session) => void;
  readonly #times: SocketTimes;
  #slowConsumers = 0;
  /** Since the last sweep. */
  #publishedLength = 0;

  /**
   * @param onFlushed called when every gathered frame was handed over
   * @param onEnding called when the venue ends a socket, which may take until its client has read all; perhaps again
   */
  constructor(
    onFlushed: () => void,
    onEnding: (session: Session) => void,
    times: SocketTimes = DEFAULT_TIMES,
  ) {
    this.#onFlushed = onFlushed;
    this.#onEnding = onEnding;
    this.#times = times;
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
    session.firstRequestDueMs = nowMs + 1000 * this.#times.firstRequestSeconds;
    session.pingDueMs = nowMs + 1000 * this.#times.pingSeconds;
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

  /** To be told before a frame of so many characters is published. */
  onPublish(length: number): void {
    this.#publishedLength += length;
    if (this.#publishedLength > SWEEP_BYTES) this.#sweep();
  }

  /**
   * A frame for this socket was dropped: it is torn down, since a close frame would be dropped, too. Not in the handler
   * itself: it runs amid the sending.
   */
  onDropped(session: Session): void {
    session.isLosing = true;
    setImmediate(() => {
      if (session.socket === null) return;
      this.#slowConsumers++;
      session.socket.close();
    });
  }

  /** Ends a socket that cannot keep up; the close frame follows all that is on its way. */
  closeSlow(session: Session): void {
    session.isLosing = true;
    if (session.socket === null) return;
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
    const nowMs = performance.now();
    for (const session of this.#open) {
      const { socket } = session;
      if (socket === null) continue;
      if (isBehind(socket)) this.closeSlow(session);
      else if (nowMs >= session.firstRequestDueMs) socket.end(POLICY_VIOLATION, 'no request');
      else if (nowMs >= session.pingDueMs) this.#ping(session, socket, nowMs);
      this.#endIfAnswered(session);
    }
  }

  #endIfAnswered(session: Session): void {
    if (session.closing === null || session.inFlight > 0) return;
    this.#sendOutbox(session);
    this.#onEnding(session);
    session.socket?.end(session.closing.code, session.closing.reason);
  }

  #ping(session: Session, socket: WebSocket<SocketData>, nowMs: number): void {
    session.pingDueMs = nowMs + 1000 * this.#times.pingSeconds;
    socket.ping();
  }
}

function isBehind(socket: WebSocket<SocketData>): boolean {
  return socket.getBufferedAmount() > SLOW_CONSUMER_BYTES;
}
