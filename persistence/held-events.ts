/** An event as its shard sent it. */
export interface HeldEvent {
  readonly shard: number;
  /** With the length before it. */
  readonly frame: Uint8Array;
}

const INITIAL_BYTES = 256 * 1024;

/**
 * The frames of a batch's events in the order they were taken, one behind the other. They are kept
 * until the batch is committed: should the database refuse it, smaller ones are made of them.
 */
export class HeldEvents {
  #bytes = new Uint8Array(INITIAL_BYTES);
  readonly #shards: number[] = [];
  readonly #ends: number[] = [];

  get count(): number {
    return this.#ends.length;
  }

  get byteLength(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** Takes a copy of the frame `source[start..end)`. */
  add(shard: number, source: Uint8Array, start: number, end: number): void {
    const at = this.byteLength;
    const newEnd = at + end - start;
    if (newEnd > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, newEnd));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#bytes.set(source.subarray(start, end), at);
    this.#shards.push(shard);
    this.#ends.push(newEnd);
  }

  clear(): void {
    this.#shards.length = 0;
    this.#ends.length = 0;
  }

  /** Copies: they stay when the batch is cleared. */
  copies(): HeldEvent[] {
    return this.#ends.map((end, index) => {
      const start = index === 0 ? 0 : this.#ends[index - 1]!;
      return { shard: this.#shards[index]!, frame: this.#bytes.slice(start, end) };
    });
  }
}
