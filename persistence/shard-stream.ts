import { assert } from '../engine/assert.ts';
import { EventsResumed } from '../engine/protocol/events.ts';
import { FrameReader } from '../engine/protocol/frame-reader.ts';
import { ByteRing } from '../engine/ring/byte-ring.ts';
import type { SharedLink } from '../engine/ring/link.ts';
import type { Backlog } from './backlog.ts';
import { ProjectionFailure } from './projection-failure.ts';

const WINDOW_BYTES = 256 * 1024;
const LENGTH_BYTES = 4;
/** Frames that one call of `next` passes over at most: a journal replayed whole must not hold the thread. */
const SKIPPED_FRAMES_MAX = 16_384;

/** One shard's recorded events, from its ring through the backlog to whole frames. */
export class ShardStream {
  /** Stands on the frame that `next` moved to. */
  readonly reader = new FrameReader();
  /** Frames that have left the ring. */
  receivedFrames = 0;
  /** Events that `next` passed over. */
  skippedFrames = 0;
  readonly #ring: ByteRing;
  readonly #backlog: Backlog;
  #window = new Uint8Array(WINDOW_BYTES);
  #windowEnd = 0;
  #frameStart = 0;
  /** Sequence of the last frame that was not put back; null before the first. */
  #sequence: number | null = null;
  /** Where it stood when the shard started again by itself: up to there events may come once more. */
  #resumedAt: number | null = null;
  // Where the received bytes end: so far before the next frame's length, or so far into it.
  #bytesToLength = 0;
  #lengthBytes = 0;
  #length = 0;

  constructor(link: SharedLink, backlog: Backlog) {
    this.#ring = new ByteRing(link.ring);
    this.#backlog = backlog;
    this.reader.reset(this.#window, 0, 0);
  }

  get ringBytes(): number {
    return this.#ring.fillBytes;
  }

  /** Bytes taken from the ring and not yet read as frames. */
  get pendingBytes(): number {
    return this.#backlog.bytes + this.#windowEnd - this.reader.position;
  }

  get spooledBytes(): number {
    return this.#backlog.spooledBytes;
  }

  /** Empties the ring into the backlog; answers the bytes moved. */
  drainRing(): number {
    return this.#backlog.takeFrom(this.#ring, (bytes, start, end) => {
      this.#countFrames(bytes, start, end);
    });
  }

  /** Where the frame that `next` moved to stands: from `frameStart` to the reader's position. */
  get bytes(): Uint8Array {
    return this.#window;
  }

  get frameStart(): number {
    return this.#frameStart;
  }

  /**
   * Moves to the next whole frame behind `position`; false when there is none yet. Events up to it are
   * projected already and are passed over: a shard that replays its journal may send them once more. So are those that
   * a shard that has started again by itself repeats. Asserts that sequences are dense.
   *
   * @throws ProjectionFailure when the first event comes later than the one behind `position`
   */
  next(position: number): boolean {
    for (let skipped = 0; skipped < SKIPPED_FRAMES_MAX; skipped++) {
      if (!this.#moveToFrame()) return false;
      const { sequence } = this.reader;
      const last = this.#sequence;
      if (last === null && sequence > position + 1) throw missing(position, sequence);
      const isNew = last === null || sequence === last + 1;
      if (isNew) this.#sequence = sequence;
      else if (last !== this.#resumedAt || sequence > last) {
        assert(false, `event ${sequence} after ${last}`);
      }
      if (isNew && sequence > position) return true;
      this.skippedFrames++;
    }
    return false;
  }

  /** Undoes `next`: the same frame comes again. */
  putBack(): void {
    this.reader.reset(this.#window, this.#frameStart, this.#windowEnd);
    this.#sequence = this.reader.sequence - 1;
  }

  /** Forgets what waits. The stream cannot be read any more. */
  discard(): void {
    this.#backlog.close();
    this.#windowEnd = 0;
    this.reader.reset(this.#window, 0, 0);
  }

  /** Passes over answers to the gateway: they share the shard's stream, carry no sequence, record nothing. */
  #moveToFrame(): boolean {
    const { reader } = this;
    for (;;) {
      this.#frameStart = reader.position;
      if (!reader.next()) {
        if (!this.#refill()) return false;
      } else if (reader.sequence !== 0) {
        return true;
      } else {
        this.receivedFrames--;
        if (reader.type === EventsResumed.type) this.#resumedAt = this.#sequence;
      }
    }
  }

  /**
   * Reads on behind what the window holds. A full window is left behind as it is, since a batch may hold
   * frames in it; its last, incomplete frame begins the next one.
   */
  #refill(): boolean {
    if (this.#backlog.bytes === 0) return false;
    const start = this.reader.position;
    if (this.#windowEnd === this.#window.length) {
      const rest = this.#window.subarray(start);
      this.#window = new Uint8Array(Math.max(WINDOW_BYTES, rest.length * 2));
      this.#window.set(rest);
      this.#windowEnd = rest.length;
      this.#windowEnd += this.#backlog.read(this.#window, this.#windowEnd);
      this.reader.reset(this.#window, 0, this.#windowEnd);
    } else {
      this.#windowEnd += this.#backlog.read(this.#window, this.#windowEnd);
      this.reader.reset(this.#window, start, this.#windowEnd);
    }
    return true;
  }

  /** Counts the frames that begin in `bytes[start..end)`, hopping from length to length. */
  #countFrames(bytes: Uint8Array, start: number, end: number): void {
    let at = start + this.#bytesToLength;
    if (this.#lengthBytes > 0) {
      at = this.#takeLength(bytes, at, end);
      if (this.#lengthBytes < LENGTH_BYTES) return;
      at += this.#length;
      this.#lengthBytes = 0;
      this.receivedFrames++;
    }
    for (; at + LENGTH_BYTES <= end; this.receivedFrames++) {
      const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
      at += LENGTH_BYTES + low + bytes[at + 3]! * 2 ** 24;
    }
    if (at < end) at = this.#takeLength(bytes, at, end);
    this.#bytesToLength = at - end;
  }

  /** Takes what there is of a length that ends in other bytes than it began. */
  #takeLength(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    if (this.#lengthBytes === 0) this.#length = 0;
    while (this.#lengthBytes < LENGTH_BYTES && at < end) {
      this.#length += bytes[at++]! * 2 ** (8 * this.#lengthBytes++);
    }
    return at;
  }
}

/** The shard's journal begins behind what the database holds. */
function missing(position: number, sequence: number): ProjectionFailure {
  const place = `the database is at event ${position} of a shard that begins with ${sequence}`;
  return new ProjectionFailure(`${place}: those between are gone`);
}
