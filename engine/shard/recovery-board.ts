import { SNAPSHOT_ERROR_CODES, type SnapshotErrorCode } from '../snapshot/snapshot-error.ts';

const WORD_BYTES = 8;
/** Journals that were opened. */
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
 * What shards know of each other beside what their rings say: how many messages of every other each has in its
 * journal, from which the others know, when they start again, what of the messages that they are about to cause once
 * more is new to it; and which of them are away.
 */
export class RecoveryBoard {
  readonly shared: SharedArrayBuffer;
  readonly #shardCount: number;
  readonly #cells: Int32Array;
  /** `consumed[by × shardCount + from]`, then one word per shard that is 1 while it is down. */
  readonly #counts: BigInt64Array;
  /** `FIELDS` words per shard. */
  readonly #recovered: Float64Array;

  constructor(shared: SharedArrayBuffer, shardCount: number) {
    const counts = shardCount * (shardCount + 1);
    this.shared = shared;
    this.#shardCount = shardCount;
    this.#cells = new Int32Array(shared, 0, 2);
    this.#counts = new BigInt64Array(shared, WORD_BYTES, counts);
    this.#recovered = new Float64Array(shared, WORD_BYTES * (1 + counts));
  }

  static allocate(shardCount: number): SharedArrayBuffer {
    return new SharedArrayBuffer(WORD_BYTES * (1 + shardCount * (shardCount + 1 + FIELDS)));
  }

  /** Tells the highest sequence of each other shard's messages that this shard's journal has, when it was opened. */
  tellOpened(by: number, highest: readonly number[]): void {
    for (const [from, sequence] of highest.entries()) this.tellConsumed(by, from, sequence);
    Atomics.add(this.#cells, READY_COUNT, 1);
    Atomics.notify(this.#cells, READY_COUNT);
  }

  /** Blocks until every shard has told. One that cannot start never does: its end has to end the others. */
  awaitAll(): void {
    for (;;) {
      const ready = Atomics.load(this.#cells, READY_COUNT);
      if (ready >= this.#shardCount) return;
      Atomics.wait(this.#cells, READY_COUNT, ready);
    }
  }

  /** Tells the highest sequence of one other shard's messages that this shard's journal has, after each commit. */
  tellConsumed(by: number, from: number, sequence: number): void {
    Atomics.store(this.#counts, by * this.#shardCount + from, BigInt(sequence));
  }

  /** Of a shard that runs, a lower bound: it may have committed more by now. */
  consumed(by: number, from: number): number {
    return Number(Atomics.load(this.#counts, by * this.#shardCount + from));
  }

  /** The shard's thread is gone, or back: until then nobody reads its rings. */
  setDown(shard: number, isDown: boolean): void {
    Atomics.store(this.#counts, this.#shardCount ** 2 + shard, isDown ? 1n : 0n);
  }

  isDown(shard: number): boolean {
    return Atomics.load(this.#counts, this.#shardCount ** 2 + shard) === 1n;
  }

  tellRecovered(shard: number, recovered: Recovered): void {
    const { snapshotSequence, inputs, refusal, tornBytes, elapsedMs } = recovered;
    const code = refusal === null ? NO_REFUSAL : SNAPSHOT_ERROR_CODES.indexOf(refusal);
    const words = [snapshotSequence, inputs, code, tornBytes, elapsedMs];
    this.#recovered.set(words, shard * FIELDS);
  }

  recovered(shard: number): Recovered {
    const at = shard * FIELDS;
    const words = this.#recovered.subarray(at, at + FIELDS);
    const [snapshotSequence, inputs, code, tornBytes, elapsedMs] = words;
    return {
      snapshotSequence: snapshotSequence!,
      inputs: inputs!,
      refusal: SNAPSHOT_ERROR_CODES[code!] ?? null,
      tornBytes: tornBytes!,
      elapsedMs: elapsedMs!,
    };
  }
}
