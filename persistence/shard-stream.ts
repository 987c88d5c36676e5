import { assert } from '../engine/assert.ts';
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
  // Where the received bytes stand in their frame: only frame starts are counted.
  #headerBytes = 0;
  #bodyBytesLeft = 0;

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
   * projected already and are passed over: a shard that replays its journal may send them once more.
   * Asserts that sequences are dense.
   *
   * @throws ProjectionFailure when the first event comes later than the one behind `position`
   */
  next(position: number): boolean {
    for (let skipped = 0; skipped < SKIPPED_FRAMES_MAX; skipped++) {
      if (!this.#moveToFrame()) return false;
      const { sequence } = this.reader;
      const last = this.#sequence;
      if (last !== null) assert(sequence === last + 1, `event ${sequence} after ${last}`);
      else if (sequence > position + 1) throw missing(position, sequence);
      this.#sequence = sequence;
      if (sequence > position) return true;
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
      }
    }
  }

  #refill(): boolean {
    const start = this.reader.position;
    if (this.#backlog.bytes === 0) return false;
    this.#window.copyWithin(0, start, this.#windowEnd);
    this.#windowEnd -= start;
    if (this.#windowEnd === this.#window.length) {
      const grown = new Uint8Array(this.#window.length * 2);
      grown.set(this.#window);
      this.#window = grown;
    }
    this.#windowEnd += this.#backlog.read(this.#window, this.#windowEnd);
    this.reader.reset(this.#window, 0, this.#windowEnd);
    return true;
  }

  /** Counts the frames that begin in `bytes[start..end)`, hopping from length to length. */
  #countFrames(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#bodyBytesLeft > 0 && this.#headerBytes === LENGTH_BYTES) {
        const step = Math.min(this.#bodyBytesLeft, end - at);
        at += step;
        this.#bodyBytesLeft -= step;
        continue;
      }
      if (this.#headerBytes === LENGTH_BYTES) {
        this.#headerBytes = 0;
        this.#bodyBytesLeft = 0;
      }
      this.#bodyBytesLeft += bytes[at++]! * 2 ** (8 * this.#headerBytes++);
      if (this.#headerBytes === LENGTH_BYTES) this.receivedFrames++;
    }
  }
}

/** The shard's journal begins behind what the database holds. */
function missing(position: number, sequence: number): ProjectionFailure {
  const place = `the database is at event ${position} of a shard that begins with ${sequence}`;
  return new ProjectionFailure(`${place}: those between are gone`);
}
