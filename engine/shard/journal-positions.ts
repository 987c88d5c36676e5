/** Of a shard that has not come to where its journal ends, or has ended. */
const NOT_WRITTEN = -1;

/** How far the shards' journals are committed, in shared memory: each shard tells its own, any thread reads all. */
export class JournalPositions {
  readonly shared: SharedArrayBuffer;
  readonly #cells: BigInt64Array;

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#cells = new BigInt64Array(shared);
  }

  static allocate(shardCount: number): SharedArrayBuffer {
    const shared = new SharedArrayBuffer(shardCount * BigInt64Array.BYTES_PER_ELEMENT);
    new BigInt64Array(shared).fill(BigInt(NOT_WRITTEN));
    return shared;
  }

  /** @param sequence of the last input whose commit has returned */
  tell(shard: number, sequence: number): void {
    Atomics.store(this.#cells, shard, BigInt(sequence));
  }

  /** From now on, until it tells again, nobody writes the shard's journal, or it is being read. */
  withdraw(shard: number): void {
    this.tell(shard, NOT_WRITTEN);
  }

  /** Sequence of the last input that a shard has committed; null while it is recovering, or has ended. */
  committed(shard: number): number | null {
    const sequence = Number(Atomics.load(this.#cells, shard));
    return sequence === NOT_WRITTEN ? null : sequence;
  }
}
