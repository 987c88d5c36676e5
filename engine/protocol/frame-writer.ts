import { assert } from '../assert.ts';

/** What a writer keeps once it is empty: twice what the outputs of an ordinary turn of a shard come to. */
const KEPT_BYTES_MAX = 2 ** 22;

/**
 * Collects frames in memory until they are copied to a ring in one piece. A frame is
 * `uint32 little-endian length` + one message as a msgpack array; the messages' generated codecs write
 * them at `end`, after `ensure` has made room. `bytes[start..end)` are frames not yet taken. The memory
 * grows as needed; what one large answer took is given back when the writer is empty again.
 */
export class FrameWriter {
  bytes: Uint8Array;
  /** The same memory. */
  view: DataView;
  /** First byte not yet taken by `consume`. */
  start = 0;
  /** End of the written frames. */
  end = 0;
  readonly #initialBytes: number;

  constructor(initialBytes = 64 * 1024) {
    this.#initialBytes = initialBytes;
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
    if (this.start === this.end) this.clear();
  }

  /** Drops whatever is written. `bytes` may be other memory afterwards, with the old one left as it was. */
  clear(): void {
    this.start = this.end = 0;
    if (this.bytes.length > KEPT_BYTES_MAX) this.#giveBack();
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

  #giveBack(): void {
    if (this.bytes.length <= this.#initialBytes) return;
    this.bytes = new Uint8Array(this.#initialBytes);
    this.view = new DataView(this.bytes.buffer);
  }
}
