import { assert } from '../assert.ts';

/** One 64-byte cache line each for the two positions, so that the two threads do not share a line. */
const WRITTEN_INDEX = 0;
const READ_INDEX = 16;
const HEADER_BYTES = 128;

/**
 * A single-producer, single-consumer queue of bytes over shared memory. Bytes come out in the order
 * they went in; nothing is overwritten before it was read, and nothing is visible before it is whole:
 * the producer copies first and then publishes its position with one atomic store. A full ring takes
 * fewer bytes than offered and says so.
 *
 * The positions count bytes modulo 2^32 and never wrap to the capacity, so written − read is the fill
 * level even across the overflow (capacity ≤ 2^30).
 */
export class ByteRing {
  readonly shared: SharedArrayBuffer;
  readonly capacity: number;
  readonly #positions: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #mask: number;

  /** `shared` comes from `ByteRing.allocate`, on this thread or another. */
  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.capacity = shared.byteLength - HEADER_BYTES;
    assert(
      this.capacity >= 64 && (this.capacity & (this.capacity - 1)) === 0,
      'ring capacity is not a power of two',
    );
    this.#mask = this.capacity - 1;
    this.#positions = new Int32Array(shared, 0, HEADER_BYTES / 4);
    this.#bytes = new Uint8Array(shared, HEADER_BYTES);
  }

  /** @param capacityBytes a power of two, 64 … 2^30 */
  static allocate(capacityBytes: number): SharedArrayBuffer {
    assert(capacityBytes <= 2 ** 30, 'ring capacity above 2^30');
    return new SharedArrayBuffer(capacityBytes + HEADER_BYTES);
  }

  /** Bytes in the ring. Exact on neither side while the other works; never an overestimate of room. */
  get fillBytes(): number {
    const written = Atomics.load(this.#positions, WRITTEN_INDEX);
    return (written - Atomics.load(this.#positions, READ_INDEX)) >>> 0;
  }

  /** Producer only. Copies as much of `source[start..end)` as fits and publishes it; answers the count. */
  write(source: Uint8Array, start: number, end: number): number {
    const written = this.#positions[WRITTEN_INDEX]!;
    const fill = (written - Atomics.load(this.#positions, READ_INDEX)) >>> 0;
    const count = Math.min(end - start, this.capacity - fill);
    if (count === 0) return 0;
    const at = written & this.#mask;
    const first = Math.min(count, this.capacity - at);
    this.#bytes.set(source.subarray(start, start + first), at);
    if (first < count) this.#bytes.set(source.subarray(start + first, start + count), 0);
    Atomics.store(this.#positions, WRITTEN_INDEX, (written + count) | 0);
    return count;
  }

  /** Consumer only. Moves up to `target.length − at` bytes into `target` at `at`; answers the count. */
  read(target: Uint8Array, at: number): number {
    const count = this.copy(target, at, 0);
    this.free(count);
    return count;
  }

  /** Consumer only. As `read`, from `offset` bytes behind the oldest on, and frees no room. */
  copy(target: Uint8Array, at: number, offset: number): number {
    const read = (this.#positions[READ_INDEX]! + offset) | 0;
    const fill = (Atomics.load(this.#positions, WRITTEN_INDEX) - read) >>> 0;
    const count = Math.min(fill, target.length - at);
    if (count === 0) return 0;
    const from = read & this.#mask;
    const first = Math.min(count, this.capacity - from);
    target.set(this.#bytes.subarray(from, from + first), at);
    if (first < count) target.set(this.#bytes.subarray(0, count - first), at + first);
    return count;
  }

  /** Consumer only. Frees the room of the `count` oldest bytes. */
  free(count: number): void {
    if (count === 0) return;
    Atomics.store(this.#positions, READ_INDEX, (this.#positions[READ_INDEX]! + count) | 0);
  }

  /** Throws away what is in it. Only for the producer, and only once the consumer's thread is gone. */
  discard(): void {
    Atomics.store(this.#positions, READ_INDEX, this.#positions[WRITTEN_INDEX]!);
  }
}
