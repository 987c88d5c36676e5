import type { Frame, Session } from './session.ts';

/**
 * Bytes a socket may have waiting in our memory, beyond what the kernel holds: a second or so of the
 * busiest stream. A client that far behind is closed.
 */
const SLOW_CONSUMER_BYTES = 4 * 2 ** 20;

/**
 * Where uWebSockets.js begins to drop frames. Far above the limit that closes, so that the close frame
 * still fits behind everything that was sent before.
 */
export const MAX_BACKPRESSURE_BYTES = 16 * SLOW_CONSUMER_BYTES;

/** Published frames pass no code of ours, so their sockets are looked at this often. */
const SWEEP_INTERVAL_MS = 50;

const SLOW_CONSUMER_CODE = 1008;
const SLOW_CONSUMER_REASON = 'slow consumer';

/**
 * The open sockets: gathers replies and sends those of one turn of the loop to a socket in one piece,
 * and closes every socket that lost a frame or is about to. Invariant: what a socket was sent is
 * everything up to its close, in order.
 *
 * A socket is ended, not torn down: the close frame waits behind what is queued, so a client that reads
 * on still learns the reason. One that never reads again is dropped by the idle timeout, and holds at
 * most the limit until then. Closing leaves `#open` while it is walked, which a `Set` allows.
 */
export class Sessions {
  readonly #open = new Set<Session>();
  #waiting: Session[] = [];
  #flushScheduled = false;
  readonly #sweeper: NodeJS.Timeout;
  readonly #onFlushed: () => void;

  /** `onFlushed` is called when every gathered frame was handed over. */
  constructor(onFlushed: () => void) {
    this.#onFlushed = onFlushed;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS).unref();
  }

  get size(): number {
    return this.#open.size;
  }

  add(session: Session): void {
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

  /** A frame for this socket was dropped. Not in the handler itself: it runs amid the sending. */
  onDropped(session: Session): void {
    session.isLosing = true;
    setImmediate(() => this.closeSlow(session));
  }

  /** Ends a socket that cannot keep up; the close frame follows all that is on its way. */
  closeSlow(session: Session): void {
    session.isLosing = true;
    session.socket?.end(SLOW_CONSUMER_CODE, SLOW_CONSUMER_REASON);
  }

  /** Closes every socket that used this API key. */
  closeOfApiKey(apiKey: string): void {
    for (const session of this.#open) {
      if (session.apiKeys.has(apiKey)) session.socket?.end(1008, 'API key revoked');
    }
  }

  /** Sends what was gathered, then ends every socket; no sweeping after that. */
  closeAll(code: number, reason: string): void {
    this.flush();
    clearInterval(this.#sweeper);
    for (const session of this.#open) session.socket?.end(code, reason);
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
    if (session.socket !== null && socket.getBufferedAmount() > SLOW_CONSUMER_BYTES) {
      this.closeSlow(session);
    }
  }

  #sendFrames(session: Session): void {
    for (const frame of session.outbox) {
      if (session.isLosing || session.socket === null) return;
      session.socket.send(frame, typeof frame !== 'string');
    }
  }

  #sweep(): void {
    for (const session of this.#open) {
      if (session.socket !== null && session.socket.getBufferedAmount() > SLOW_CONSUMER_BYTES) {
        this.closeSlow(session);
      }
    }
  }
}
