import { assert } from '../assert.ts';

/**
 * Collects frames in memory until they are copied to a ring in one piece. A frame is
 * `uint32 little-endian length` + one message as a msgpack array; the messages' generated codecs write
 * them at `end`, after `ensure` has made room. `bytes[start..end)` are frames not yet taken.
 */
export class FrameWriter {
  bytes: Uint8Array;
  /** The same memory. */
  view: DataView;
  /** First byte not yet taken by `consume`. */
  start = 0;
  /** End of the written frames. */
  end = 0;

  constructor(initialBytes = 64 * 1024) {
    this.bytes = new Uint8Array(initialBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Bytes waiting to be taken. */
  get pendingBytes(): number {
    return this.end - this.start;
  }

  /** Marks `byteCount` bytes as taken. */
  consume(byteCount: number): void {
    this.start += byteCount;
    assert(this.start <= this.end, 'took more bytes than were written');
    if (this.start === this.end) this.start = this.end = 0;
  }

  /** Appends whole frames that another writer made. */
  append(source: Uint8Array, start: number, end: number): void {
    this.ensure(end - start);
    this.bytes.set(source.subarray(start, end), this.end);
    this.end += end - start;
  }

  /** Makes room for `byteCount` bytes at `end`; may replace or move everything but the frames' content. */
  ensure(byteCount: number): void {
    if (this.end + byteCount <= this.bytes.length) return;
    const pending = this.end - this.start;
    if (this.start > 0 && pending + byteCount <= this.bytes.length / 2) {
      this.bytes.copyWithin(0, this.start, this.end);
    } else {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, (pending + byteCount) * 2));
      grown.set(this.bytes.subarray(this.start, this.end));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.start = 0;
    this.end = pending;
  }
}
