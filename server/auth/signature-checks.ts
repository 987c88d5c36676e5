import { Worker } from 'node:worker_threads';
import type { SignatureStatus } from '../admin/venue-status.ts';
import { busyError, shuttingDownError } from '../api-error.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './ed25519.ts';
import { FairQueue } from './fair-queue.ts';
import type { SignatureAnswers, SignatureBatch, ThreadUse } from './signature-thread.ts';

const ENTRY = new URL('./signature-thread.js', import.meta.url);

/** Short checks that may wait or be under way: a fifth of a second of them. */
export const SIGNATURE_CHECKS_MAX = 4096;
/**
 * What is longer, in characters, counts for more: so all texts together have at most 2^25. (A body that has to be
 * encoded whole is nine times as long.)
 */
const SHORT_LENGTH_MAX = 2 ** 25 / SIGNATURE_CHECKS_MAX;
/** Short checks of a batch: some milliseconds of work, so that its answers need not wait for many others. */
const BATCH_CHECKS_MAX = 64;
/** One is being checked, and one is there when that is done. */
const BATCHES_UNDER_WAY_MAX = 2;

/** Whose a check is: nobody has proved yet that the key is his, so the address goes first. */
export interface CheckSource {
  /** As `limitedAddress` has it. */
  readonly address: string;
  /** Text of the key that the sender claims. */
  readonly publicKey: string;
}

interface Check {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
  readonly texts: readonly string[];
  readonly weight: number;
  readonly resolve: (isAuthentic: boolean) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Checks signatures on a thread of their own, in batches of what has come meanwhile: a batch costs the gateway's thread
 * a fifth of what so many single jobs of libuv's pool do (`bench/benchmarks/signatures.ts`).
 *
 * Addresses take turns, and within an address keys do: a flood of signatures, forged or not, holds up its sender. When
 * no more may wait, a sender of few takes the place of the last check of whoever has most waiting (see `FairQueue`).
 *
 * Invariant: requests of one source go on in the order of their checks. What one does when its check is told, up to its
 * first wait for something else, is done before the next is told; a signature that is none holds up nobody.
 */
export class SignatureChecks {
  #thread: Worker | null = null;
  readonly #waiting = new FairQueue<Check>(2);
  /** By batch, in the order in which they were sent. */
  #underWay: Check[][] = [];
  /** Ended, in order, and not yet told to who asked; from `#told` on. */
  #ended: (readonly [check: Check, outcome: boolean | Error])[] = [];
  #told = 0;
  #count = 0;
  /** Of all that were asked for and are not told yet, in short checks. */
  #weight = 0;
  #isSendScheduled = false;
  #isTelling = false;
  #isClosed = false;
  #checked = 0;
  #forged = 0;
  #batches = 0;
  #refused = 0;
  /** What its thread has used as it said last; null before it was needed. */
  use: ThreadUse | null = null;

  /** Checks that were asked for and are not told yet. */
  get count(): number {
    return this.#count;
  }

  /** Counts since the start, but for those that wait. */
  get status(): SignatureStatus {
    return {
      ...{ waiting: this.#count, checked: this.#checked, forged: this.#forged },
      ...{ batches: this.#batches, refused: this.#refused },
    };
  }

  /**
   * Whether one of the texts was signed so.
   *
   * @throws ApiError 503 SHUTTING_DOWN when it is closed; 503 BUSY when too many wait: at once, or later when others
   * make the sender's line the longest
   */
  check(
    source: CheckSource,
    publicKey: Uint8Array,
    signature: Uint8Array,
    texts: readonly string[],
  ): Promise<boolean> {
    if (this.#isClosed) throw shuttingDownError();
    const weight = weightOf(texts);
    const path = [source.address, source.publicKey];
    if (!this.#makeRoom(path, weight)) {
      this.#refused++;
      throw busyError();
    }
    this.#count++;
    this.#weight += weight;
    return new Promise((resolve, reject) => {
      this.#waiting.add(path, { publicKey, signature, texts, weight, resolve, reject }, weight);
      this.#scheduleSend();
    });
  }

  /** Ends the thread; whoever waits for it, or comes later, is told that the venue is shutting down. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.terminate();
  }

  /** False when nobody has a longer line than the sender. */
  #makeRoom(path: readonly string[], weight: number): boolean {
    while (this.#weight + weight > SIGNATURE_CHECKS_MAX) {
      const dropped = this.#waiting.dropFor(path, weight);
      if (dropped === null) return false;
      this.#forget(dropped);
      this.#refused++;
      dropped.reject(busyError());
    }
    return true;
  }

  #forget({ weight }: Check): void {
    this.#count--;
    this.#weight -= weight;
  }

  /** At the end of the turn of the event loop: with all that it brings. */
  #scheduleSend(): void {
    if (this.#isSendScheduled) return;
    this.#isSendScheduled = true;
    setImmediate(() => {
      this.#isSendScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    while (this.#underWay.length < BATCHES_UNDER_WAY_MAX) {
      const checks = this.#takeBatch(BATCH_CHECKS_MAX);
      if (checks.length === 0) return;
      this.#thread ??= this.#start();
      // An idle thread keeps no process alive.
      this.#thread.ref();
      this.#underWay.push(checks);
      this.#thread.postMessage(batchOf(checks));
    }
  }

  /** Of so much weight, or one more check. */
  #takeBatch(weight: number): Check[] {
    const checks: Check[] = [];
    for (let taken = 0; taken < weight; ) {
      const check = this.#waiting.take();
      if (check === undefined) break;
      checks.push(check);
      taken += check.weight;
    }
    return checks;
  }

  #start(): Worker {
    const thread = new Worker(ENTRY, { name: 'signatures' });
    thread.on('message', ({ answers, use }: SignatureAnswers) => {
      const checks = this.#underWay.shift()!;
      this.use = use;
      this.#batches++;
      this.#checked += answers.length;
      for (const answer of answers) this.#forged += 1 - answer;
      if (this.#underWay.length === 0) thread.unref();
      this.#end(checks, (index) => answers[index] === 1);
      this.#send();
    });
    let failure = new Error('the thread that checks signatures has ended');
    thread.on('error', (error) => {
      failure = error as Error;
    });
    // What was under way may be why: the others are checked by the next one.
    thread.on('exit', () => {
      this.#thread = null;
      if (this.#isClosed) failure = shuttingDownError();
      this.#end(this.#underWay.splice(0).flat(), () => failure);
      if (this.#isClosed) this.#end(this.#takeBatch(Number.POSITIVE_INFINITY), () => failure);
      else this.#send();
    });
    return thread;
  }

  #end(checks: readonly Check[], outcomeOf: (index: number) => boolean | Error): void {
    for (const [index, check] of checks.entries()) this.#ended.push([check, outcomeOf(index)]);
    if (this.#isTelling || checks.length === 0) return;
    this.#isTelling = true;
    this.#tellNext();
  }

  /**
   * Within a microtask, which comes after those that the one before has caused; and the next tick comes only when there
   * is no microtask left.
   */
  #tellNext = (): void => {
    queueMicrotask(() => {
      const [check, outcome] = this.#ended[this.#told++]!;
      this.#forget(check);
      if (outcome instanceof Error) check.reject(outcome);
      else check.resolve(outcome);
      if (this.#told < this.#ended.length) {
        process.nextTick(this.#tellNext);
        return;
      }
      this.#ended = [];
      this.#told = 0;
      this.#isTelling = false;
    });
  };
}

/** In short checks, at least one; the time of a check grows with the length, too. */
function weightOf(texts: readonly string[]): number {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  return Math.max(1, Math.ceil(length / SHORT_LENGTH_MAX));
}

function batchOf(checks: readonly Check[]): SignatureBatch {
  const publicKeys = new Uint8Array(checks.length * PUBLIC_KEY_BYTES);
  const signatures = new Uint8Array(checks.length * SIGNATURE_BYTES);
  for (const [index, { publicKey, signature }] of checks.entries()) {
    publicKeys.set(publicKey, index * PUBLIC_KEY_BYTES);
    signatures.set(signature, index * SIGNATURE_BYTES);
  }
  return { publicKeys, signatures, texts: checks.map(({ texts }) => texts) };
}
