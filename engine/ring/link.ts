import { assert } from '../assert.ts';
import type { FrameReader } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { ByteRing } from './byte-ring.ts';
import { Doorbell } from './doorbell.ts';

/** One direction between two threads: the ring and the bell of the thread that reads it. */
export interface SharedLink {
  readonly ring: SharedArrayBuffer;
  readonly readerBell: SharedArrayBuffer;
}

/**
 * The writing end. Messages are encoded into `frames` and stay there, unseen by the reader, until
 * `flush`: the place where a batch waits for its group commit, and where it waits for room.
 */
export class LinkWriter {
  readonly frames: FrameWriter;
  readonly #ring: ByteRing;
  readonly #bell: Doorbell;

  constructor(link: SharedLink, frames = new FrameWriter()) {
    this.frames = frames;
    this.#ring = new ByteRing(link.ring);
    this.#bell = new Doorbell(link.readerBell);
  }

  /** Bytes that can still be written and flushed at once. */
  get roomBytes(): number {
    return this.#ring.capacity - this.#ring.fillBytes - this.frames.pendingBytes;
  }

  get capacityBytes(): number {
    return this.#ring.capacity;
  }

  /** Bytes in the ring that the reader has not taken. */
  get fillBytes(): number {
    return this.#ring.fillBytes;
  }

  /** Moves what fits into the ring and rings the bell; true when nothing is left waiting. */
  flush(): boolean {
    const { frames } = this;
    if (frames.pendingBytes === 0) return true;
    const count = this.#ring.write(frames.bytes, frames.start, frames.end);
    if (count > 0) {
      frames.consume(count);
      this.#bell.ring();
    }
    return frames.pendingBytes === 0;
  }
}

/** Bytes copied out of the ring at a time: bounds how long one link can hold the others up. */
const READ_CHUNK_BYTES = 256 * 1024;

/** The reading end: copies a run of bytes out of the ring, which frees it at once, and yields frames. */
export class LinkReader {
  readonly #ring: ByteRing;
  #buffer = new Uint8Array(READ_CHUNK_BYTES);
  /** Bytes of an incomplete frame at the start of the buffer. */
  #kept = 0;

  constructor(link: SharedLink) {
    this.#ring = new ByteRing(link.ring);
  }

  get fillBytes(): number {
    return this.#ring.fillBytes;
  }

  /**
   * Hands up to one chunk of frames to `handle`, which must read each frame before it returns.
   * Answers the number of frames.
   */
  poll(reader: FrameReader, handle: (reader: FrameReader) => void): number {
    const count = this.#ring.read(this.#buffer, this.#kept);
    if (count === 0) return 0;
    const end = this.#kept + count;
    reader.reset(this.#buffer, 0, end);
    let frames = 0;
    while (reader.next()) {
      frames++;
      handle(reader);
    }
    const position = reader.position;
    this.#kept = end - position;
    if (position > 0) {
      this.#buffer.copyWithin(0, position, end);
    } else if (end === this.#buffer.length) {
      assert(this.#buffer.length < 2 ** 30, 'frame without end');
      const grown = new Uint8Array(this.#buffer.length * 2);
      grown.set(this.#buffer);
      this.#buffer = grown;
      // 0 means that nothing is left to wait for, so what the ring still has of the frame is read too.
      return this.poll(reader, handle);
    }
    return frames;
  }
}
