import { assert } from '../assert.ts';
import { type FrameReader, viewOf } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { ByteRing } from './byte-ring.ts';
import { Doorbell } from './doorbell.ts';
import { writeFrames } from './whole-frames.ts';

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

  /** How full the ring is with what waits for it, 0 to 1; above 1 when that does not fit. */
  get fillShare(): number {
    return 1 - this.roomBytes / this.#ring.capacity;
  }

  /** Moves the frames that fit into the ring and rings the bell; true when nothing is left waiting. */
  flush(): boolean {
    const { frames } = this;
    if (frames.pendingBytes === 0) return true;
    const count = writeFrames(this.#ring, frames.bytes, frames.start, frames.end);
    if (count > 0) {
      frames.consume(count);
      this.#bell.ring();
    }
    return frames.pendingBytes === 0;
  }

  /** Throws away what waits here and in the ring: the reading thread is gone. */
  discard(): void {
    this.frames.clear();
    this.#ring.discard();
  }
}

/** Bytes copied out of the ring at a time: bounds how long one link can hold the others up. */
const READ_CHUNK_BYTES = 256 * 1024;

/** When the room of what was taken out of a ring is free again: at once, or when `release` is called. */
export type RoomIsFreed = 'at once' | 'on release';

/**
 * The reading end: copies a run of bytes out of the ring and yields frames. One that frees room on release leaves all
 * that it has not released to the next reader of the ring, which begins with a whole frame.
 */
export class LinkReader {
  readonly #ring: ByteRing;
  readonly #isHolding: boolean;
  #buffer = new Uint8Array(READ_CHUNK_BYTES);
  #view = viewOf(this.#buffer);
  /** What was copied out and not yet handed on: `buffer[start..end)`. */
  #start = 0;
  #end = 0;
  /** Bytes that were copied out and are still in the ring. */
  #heldBytes = 0;

  constructor(link: SharedLink, roomIsFreed: RoomIsFreed = 'at once') {
    this.#ring = new ByteRing(link.ring);
    this.#isHolding = roomIsFreed === 'on release';
  }

  /** Bytes in the ring that were not taken yet. */
  get fillBytes(): number {
    return this.#ring.fillBytes - this.#heldBytes;
  }

  /** Takes all that is in the ring out of it, to be handed on later, but keeps no more than `bytesMax`. */
  absorb(bytesMax: number): void {
    while (this.fillBytes > this.#roomBytes && this.#buffer.length < bytesMax) this.#grow();
    this.#refill();
  }

  get #roomBytes(): number {
    return this.#buffer.length - (this.#end - this.#start);
  }

  /** Frees the room of the frames that were handed on. */
  release(): void {
    if (this.#heldBytes === 0) return;
    const waitingBytes = this.#end - this.#start;
    this.#ring.free(this.#heldBytes - waitingBytes);
    this.#heldBytes = waitingBytes;
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

  /** After it the buffer has all that was in the ring, or is full. */
  #refill(): void {
    if (this.#start > 0 && this.fillBytes > this.#buffer.length - this.#end) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const count = this.#ring.copy(this.#buffer, this.#end, this.#heldBytes);
    this.#end += count;
    if (this.#isHolding) this.#heldBytes += count;
    else this.#ring.free(count);
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
