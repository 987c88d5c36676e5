import type { ByteRing } from '../engine/ring/byte-ring.ts';
import type { Spool } from './spool.ts';

const CHUNK_BYTES = 256 * 1024;

/** Memory that the backlogs of all shards share. */
export class MemoryBudget {
  readonly #limitBytes: number;
  usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  take(byteCount: number): boolean {
    if (this.usedBytes + byteCount > this.#limitBytes) return false;
    this.usedBytes += byteCount;
    return true;
  }

  give(byteCount: number): void {
    this.usedBytes -= byteCount;
  }
}

interface Chunk {
  readonly bytes: Uint8Array;
  start: number;
  end: number;
}

/**
 * The bytes of one shard's event stream between its ring and the decoder, in order. The oldest are in
 * memory; what the budget has no room for goes to the spool, and once something is spooled all that
 * follows is, until the spool has been read back.
 */
export class Backlog {
  readonly #budget: MemoryBudget;
  readonly #spool: Spool;
  readonly #chunks: Chunk[] = [];
  readonly #staging = new Uint8Array(CHUNK_BYTES);
  #memoryBytes = 0;

  constructor(budget: MemoryBudget, spool: Spool) {
    this.#budget = budget;
    this.#spool = spool;
  }

  /** Bytes in memory and on disk. */
  get bytes(): number {
    return this.#memoryBytes + this.#spool.bytes;
  }

  get spooledBytes(): number {
    return this.#spool.bytes;
  }

  /**
   * Moves what the ring holds to the end of the backlog, at most one ring full, so that a busy ring
   * does not keep the others waiting. Every run of bytes is also shown to `observe`. Answers the count.
   */
  takeFrom(
    ring: ByteRing,
    observe: (bytes: Uint8Array, start: number, end: number) => void,
  ): number {
    let taken = 0;
    while (taken < ring.capacity && ring.fillBytes > 0) {
      const tail = this.#tail();
      if (tail === null) {
        const count = ring.read(this.#staging, 0);
        observe(this.#staging, 0, count);
        this.#spool.append(this.#staging, 0, count);
        taken += count;
      } else {
        const count = ring.read(tail.bytes, tail.end);
        observe(tail.bytes, tail.end, tail.end + count);
        tail.end += count;
        this.#memoryBytes += count;
        taken += count;
      }
    }
    return taken;
  }

  /** Moves up to `target.length − at` of the oldest bytes into `target`; answers the count. */
  read(target: Uint8Array, at: number): number {
    const head = this.#chunks[0];
    if (this.#memoryBytes === 0 || head === undefined) return this.#spool.read(target, at);
    const count = Math.min(head.end - head.start, target.length - at);
    target.set(head.bytes.subarray(head.start, head.start + count), at);
    head.start += count;
    this.#memoryBytes -= count;
    if (head.start === head.end) this.#releaseHead();
    return count;
  }

  close(): void {
    this.#budget.give(this.#chunks.length * CHUNK_BYTES);
    this.#chunks.length = 0;
    this.#memoryBytes = 0;
    this.#spool.close();
  }

  /** The chunk that takes the next bytes, or null when they must go to disk. */
  #tail(): Chunk | null {
    if (this.#spool.bytes > 0) return null;
    const tail = this.#chunks.at(-1);
    if (tail !== undefined && tail.end < CHUNK_BYTES) return tail;
    if (!this.#budget.take(CHUNK_BYTES)) return null;
    const chunk = { bytes: new Uint8Array(CHUNK_BYTES), start: 0, end: 0 };
    this.#chunks.push(chunk);
    return chunk;
  }

  #releaseHead(): void {
    const head = this.#chunks[0]!;
    if (this.#chunks.length === 1) {
      // A quiet stream fills and empties the one chunk over and over.
      head.start = head.end = 0;
      return;
    }
    this.#chunks.shift();
    this.#budget.give(CHUNK_BYTES);
  }
}
