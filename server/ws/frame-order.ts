import type { Session } from './session.ts';

/** What one socket may have waiting behind a signature: some thousand orders. */
export const SOCKET_HELD_BYTES_MAX = 512 * 1024;
/** The same of all sockets together. */
const HELD_BYTES_MAX = 64 * 2 ** 20;
/** What a frame takes beside its bytes. */
const FRAME_OVERHEAD_BYTES = 200;

/** One frame as it came. */
export interface HeldFrame {
  readonly message: ArrayBuffer;
  readonly isBinary: boolean;
  /** Microseconds since the epoch. */
  readonly receivedUs: number;
}

/**
 * Keeps the frames of a socket in their order while a signature of it is checked on another thread: what a client sends
 * behind its login runs under that login. What a socket had waiting when it closes is dropped: it would run without
 * what the login asks for when a socket is gone.
 */
export class FrameOrder {
  readonly #take: (session: Session, frame: HeldFrame) => void;
  #heldBytes = 0;

  /** @param take called with each frame when its turn has come */
  constructor(take: (session: Session, frame: HeldFrame) => void) {
    this.#take = take;
  }

  /**
   * Takes a frame, now or in its turn. False when it would have to wait and there is no room.
   *
   * @param frame its message is copied if it has to wait
   */
  onFrame(session: Session, frame: HeldFrame): boolean {
    if (!session.isBeingChecked) {
      this.#take(session, frame);
      return true;
    }
    const bytes = bytesOf(frame);
    if (session.heldBytes + bytes > SOCKET_HELD_BYTES_MAX) return false;
    if (this.#heldBytes + bytes > HELD_BYTES_MAX) return false;
    session.held.push({ ...frame, message: frame.message.slice(0) });
    this.#count(session, bytes);
    return true;
  }

  /**
   * Makes what comes behind the frame that is being taken wait until `work` has ended. Counts as a request under way.
   *
   * @param work must not fail: who asked is told within it
   */
  holdWhile(session: Session, work: Promise<void>): void {
    session.isBeingChecked = true;
    session.inFlight++;
    void work.finally(() => {
      session.isBeingChecked = false;
      session.inFlight--;
      this.#takeHeld(session);
    });
  }

  #takeHeld(session: Session): void {
    const frames = session.held;
    let taken = 0;
    while (taken < frames.length && !session.isBeingChecked && isTaking(session)) {
      const frame = frames[taken++]!;
      this.#count(session, -bytesOf(frame));
      this.#take(session, frame);
    }
    frames.splice(0, taken);
    if (!isTaking(session)) this.drop(session);
  }

  /** Forgets what the socket had waiting. */
  drop(session: Session): void {
    this.#count(session, -session.heldBytes);
    session.held.length = 0;
  }

  #count(session: Session, bytes: number): void {
    session.heldBytes += bytes;
    this.#heldBytes += bytes;
  }
}

function isTaking({ socket, closing }: Session): boolean {
  return socket !== null && closing === null;
}

function bytesOf({ message }: HeldFrame): number {
  return message.byteLength + FRAME_OVERHEAD_BYTES;
}
