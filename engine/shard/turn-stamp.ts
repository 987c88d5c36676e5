import { TurnCommitted } from '../protocol/events.ts';
import type { FrameWriter } from '../protocol/frame-writer.ts';

/** Of the frame's one field, a double at its end: see `wideUint`. */
const TIME_BYTES = 8;

/**
 * Says in front of a turn's events when they became durable. That is known only after they are written, so the frame
 * takes its place at the beginning of a turn, and gets its time at the end. Nothing may be taken from the frames
 * between.
 */
export class TurnStamp {
  readonly #frames: FrameWriter;
  readonly #body = TurnCommitted.create();
  /** Bytes that waited before the frame, and with it; equal while there is no turn. */
  #before = 0;
  #with = 0;

  constructor(frames: FrameWriter) {
    this.#frames = frames;
  }

  /** Before the first event of a turn; does nothing in the middle of one. */
  begin(): void {
    if (this.#with > this.#before) return;
    this.#before = this.#frames.pendingBytes;
    TurnCommitted.encode(this.#frames, 0, this.#body);
    this.#with = this.#frames.pendingBytes;
  }

  /** After the commit. A turn that was not begun, or has no events, has nothing to stamp. */
  end(timeUs: number): void {
    if (this.#with === this.#before) return;
    const frames = this.#frames;
    if (frames.pendingBytes === this.#with) frames.end -= this.#with - this.#before;
    else frames.view.setFloat64(frames.start + this.#with - TIME_BYTES, timeUs);
    this.#with = this.#before;
  }
}
