import { SNAPSHOT_ERROR_CODES, type SnapshotErrorCode } from '../snapshot/snapshot-error.ts';

const WORD_BYTES = 8;

/** What shards that start together wait for, by number: how many of them have got there. */
const READ = 0;
const REPLAYED = 1;
const AGREED = 2;
const OPENED = 3;
const STEPS = 4;
const HEAD_BYTES = STEPS * Int32Array.BYTES_PER_ELEMENT;

/** What a shard found when it started, for who reports it. */
export interface Recovered {
  /** Inputs that the snapshot had which it began with; 0 without one. */
  readonly snapshotSequence: number;
  /** Inputs of its journal that were applied. */
  readonly inputs: number;
  /** Why a snapshot could not be used, of several the newest; null when there was none of that kind. */
  readonly refusal: SnapshotErrorCode | null;
  /** Inputs that it had. */
  readonly refusedSequence: number;
  /** Bytes of a torn batch that were cut off, and their checksum: see `tornEndPath`. */
  readonly tornBytes: number;
  readonly tornChecksum: number;
  /** Of its last input, µs; 0 when there is none: its time goes on from there, whatever the clock says. */
  readonly lastTimeUs: number;
  readonly elapsedMs: number;
}

const FIELDS = 8;
/** The place of `tornBytes` among them, before `tornChecksum`. */
const TORN_BYTES = 3;
const NO_REFUSAL = -1;

/**
 * What shards know of each other beside what their rings say: how many messages of every other each has in its
 * journal, from which the others know, when they start again, what of the messages that they are about to cause once
 * more is new to it; which of them are away; and how far those are that start together.
 */
export class RecoveryBoard {
  readonly shared: SharedArrayBuffer;
  readonly #shardCount: number;
  readonly #cells: Int32Array;
  /**
   * `consumed[by × shardCount + from]`, then one word per shard that is 1 while it is down, and one with the inputs that
   * its journal held when it was read.
   */
  readonly #counts: BigInt64Array;
  /** `FIELDS` words per shard. */
  readonly #recovered: Float64Array;

  constructor(shared: SharedArrayBuffer, shardCount: number) {
    const counts = shardCount * (shardCount + 2);
    this.shared = shared;
    this.#shardCount = shardCount;
    this.#cells = new Int32Array(shared, 0, STEPS);
    this.#counts = new BigInt64Array(shared, HEAD_BYTES, counts);
    this.#recovered = new Float64Array(shared, HEAD_BYTES + WORD_BYTES * counts);
  }

  static allocate(shardCount: number): SharedArrayBuffer {
    return new SharedArrayBuffer(HEAD_BYTES + WORD_BYTES * shardCount * (shardCount + 2 + FIELDS));
  }

  /**
   * Tells what a shard's journal held when it was read.
   *
   * @param highest by shard: the highest sequence of its messages
   * @param inputs of the last one, which may be in a snapshot only
   */
  tellRead(by: number, highest: readonly number[], inputs: number): void {
    for (const [from, sequence] of highest.entries()) this.tellConsumed(by, from, sequence);
    Atomics.store(this.#counts, this.#shardCount * (this.#shardCount + 1) + by, BigInt(inputs));
    this.#tell(READ);
  }

  /** Blocks until every shard has told. One that cannot start never does: its end has to end the others. */
  awaitRead(): void {
    this.#await(READ);
  }

  /** Tells that a shard's journal causes all that the others have of it, and waits for them. */
  meetReplayed(): void {
    this.#tell(REPLAYED);
    this.#await(REPLAYED);
  }

  /** Tells that the database has no more of a shard than its journal causes, and waits; then files may change. */
  meetAgreed(): void {
    this.#tell(AGREED);
    this.#await(AGREED);
  }

  /**
   * Resolves, on a thread with an event loop, when all shards that start together have agreed: then the database may
   * be changed. Never when one of them cannot start.
   */
  async agreed(): Promise<void> {
    for (;;) {
      const count = Atomics.load(this.#cells, AGREED);
      if (count >= this.#shardCount) return;
      const waiting = Atomics.waitAsync(this.#cells, AGREED, count);
      if (waiting.async) await waiting.value;
    }
  }

  /** Tells that a shard's journal can be written to, and waits for the others; then inputs may be taken. */
  meetOpened(): void {
    this.#tell(OPENED);
    this.#await(OPENED);
  }

  /** Of a shard's journal when it was read, those included that only a snapshot has. */
  inputs(shard: number): number {
    return Number(Atomics.load(this.#counts, this.#shardCount * (this.#shardCount + 1) + shard));
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
    const { snapshotSequence, inputs, refusal, tornBytes, tornChecksum } = recovered;
    const { refusedSequence, lastTimeUs, elapsedMs } = recovered;
    const code = refusal === null ? NO_REFUSAL : SNAPSHOT_ERROR_CODES.indexOf(refusal);
    const began = [snapshotSequence, inputs, code];
    const words = [...began, tornBytes, tornChecksum, refusedSequence, lastTimeUs, elapsedMs];
    this.#recovered.set(words, shard * FIELDS);
  }

  /** Of a torn end that was told to whoever has to know. */
  forgetTornEnd(shard: number): void {
    this.#recovered.fill(0, shard * FIELDS + TORN_BYTES, shard * FIELDS + TORN_BYTES + 2);
  }

  recovered(shard: number): Recovered {
    const at = shard * FIELDS;
    const words = this.#recovered.subarray(at, at + FIELDS);
    const [snapshotSequence, inputs, code, tornBytes, tornChecksum, ...more] = words;
    const [refusedSequence, lastTimeUs, elapsedMs] = more;
    return {
      snapshotSequence: snapshotSequence!,
      inputs: inputs!,
      refusal: SNAPSHOT_ERROR_CODES[code!] ?? null,
      refusedSequence: refusedSequence!,
      tornBytes: tornBytes!,
      tornChecksum: tornChecksum!,
      lastTimeUs: lastTimeUs!,
      elapsedMs: elapsedMs!,
    };
  }

  #tell(step: number): void {
    Atomics.add(this.#cells, step, 1);
    Atomics.notify(this.#cells, step);
  }

  #await(step: number): void {
    for (;;) {
      const count = Atomics.load(this.#cells, step);
      if (count >= this.#shardCount) return;
      Atomics.wait(this.#cells, step, count);
    }
  }
}
