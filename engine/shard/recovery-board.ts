import { SNAPSHOT_ERROR_CODES, type SnapshotErrorCode } from '../snapshot/snapshot-error.ts';

const WORD_BYTES = 8;
/** Shards that have told what they consumed. */
const READY_COUNT = 0;

/** What a shard found when it started, for who reports it. */
export interface Recovered {
  /** Inputs that the snapshot had which it began with; 0 without one. */
  readonly snapshotSequence: number;
  /** Inputs of its journal that were applied. */
  readonly inputs: number;
  /** Why the newest snapshot could not be used; null when it could, or there was none. */
  readonly refusal: SnapshotErrorCode | null;
  /** Bytes of a torn batch that were cut off. */
  readonly tornBytes: number;
  readonly elapsedMs: number;
}

const FIELDS = 5;
const NO_REFUSAL = -1;

/**
 * Where shards that start from their journals meet. Each tells how many messages of every other it has in
 * its journal; only then can the others know which of the messages they are about to cause again are new to it.
 */
export class RecoveryBoard {
  readonly shared: SharedArrayBuffer;
  readonly #shardCount: number;
  readonly #cells: Int32Array;
  /** `consumed[by × shardCount + from]`, then `FIELDS` words per shard. */
  readonly #words: Float64Array;

  constructor(shared: SharedArrayBuffer, shardCount: number) {
    this.shared = shared;
    this.#shardCount = shardCount;
    this.#cells = new Int32Array(shared, 0, 2);
    this.#words = new Float64Array(shared, WORD_BYTES);
  }

  static allocate(shardCount: number): SharedArrayBuffer {
    return new SharedArrayBuffer(WORD_BYTES * (1 + shardCount * (shardCount + FIELDS)));
  }

  /** Tells the highest sequence of each other shard's messages that this shard's journal has. */
  tellConsumed(by: number, highest: readonly number[]): void {
    for (const [from, sequence] of highest.entries()) {
      this.#words[by * this.#shardCount + from] = sequence;
    }
    Atomics.add(this.#cells, READY_COUNT, 1);
    Atomics.notify(this.#cells, READY_COUNT);
  }

  /** Blocks until every shard has told. One that cannot start never does: its end has to end the others. */
  awaitAll(): void {
    for (;;) {
      const ready = Atomics.load(this.#cells, READY_COUNT);
      if (ready === this.#shardCount) return;
      Atomics.wait(this.#cells, READY_COUNT, ready);
    }
  }

  consumed(by: number, from: number): number {
    return this.#words[by * this.#shardCount + from]!;
  }

  tellRecovered(shard: number, recovered: Recovered): void {
    const { snapshotSequence, inputs, refusal, tornBytes, elapsedMs } = recovered;
    const code = refusal === null ? NO_REFUSAL : SNAPSHOT_ERROR_CODES.indexOf(refusal);
    this.#words.set([snapshotSequence, inputs, code, tornBytes, elapsedMs], this.#at(shard));
  }

  recovered(shard: number): Recovered {
    const at = this.#at(shard);
    const [snapshotSequence, inputs, code, tornBytes, elapsedMs] = this.#words.subarray(
      at,
      at + FIELDS,
    );
    return {
      snapshotSequence: snapshotSequence!,
      inputs: inputs!,
      refusal: SNAPSHOT_ERROR_CODES[code!] ?? null,
      tornBytes: tornBytes!,
      elapsedMs: elapsedMs!,
    };
  }

  #at(shard: number): number {
    return this.#shardCount * this.#shardCount + shard * FIELDS;
  }
}
