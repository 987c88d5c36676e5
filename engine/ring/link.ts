import { assert } from '../assert.ts';
import { type FrameReader, viewOf } from '../protocol/frame-reader.ts';
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
  #view = viewOf(this.#buffer);
  /** What was copied out and not yet handed on: `buffer[start..end)`. */
  #start = 0;
  #end = 0;

  constructor(link: SharedLink) {
    this.#ring = new ByteRing(link.ring);
  }

  /** Bytes in the ring that were not taken yet. */
  get fillBytes(): number {
    return this.#ring.fillBytes;
  }

  /**
   * Hands up to one chunk of frames to `handle`, which must read each frame before it returns, and stops
   * early when `mayGoOn` says no: the rest waits for the next call. Answers the number of frames handed on.
   */
  poll(
    reader: FrameReader,
    handle: (reader: FrameReader) => void,
    mayGoOn: () => boolean = always,
  ): number {
    this.#refill();
    reader.reset(this.#buffer, this.#start, this.#end, this.#view);
    let frames = 0;
    while (mayGoOn() && reader.next()) {
      frames++;
      handle(reader);
    }
    this.#start = reader.position;
    if (frames > 0 || this.#end - this.#start < this.#buffer.length || !mayGoOn()) return frames;
    this.#grow();
    // 0 means that nothing is left to wait for, so what the ring still has of the frame is read too.
    return this.poll(reader, handle, mayGoOn);
  }

  #refill(): void {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    this.#end += this.#ring.read(this.#buffer, this.#end);
  }

  /** One frame fills the whole buffer and is not complete. */
  #grow(): void {
    assert(this.#buffer.length < 2 ** 30, 'frame without end');
    const grown = new Uint8Array(this.#buffer.length * 2);
    grown.set(this.#buffer);
    this.#buffer = grown;
    this.#view = viewOf(grown);
  }
}

function always(): boolean {
  return true;
}
