import { Worker } from 'node:worker_threads';
import { busyError, shuttingDownError } from '../api-error.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './ed25519.ts';
import type { SignatureBatch } from './signature-thread.ts';

const ENTRY = new URL('./signature-thread.js', import.meta.url);

/** Checks that may wait or be under way: a fifth of a second of them. */
export const SIGNATURE_CHECKS_MAX = 4096;
/** Of the texts of those that wait, in characters: a body that has to be encoded whole is nine times as long. */
const TEXTS_LENGTH_MAX = 2 ** 25;
/** Some milliseconds of work, so that its answers need not wait for many others. */
const BATCH_CHECKS_MAX = 64;
/** One is being checked, and one is there when that is done. */
const BATCHES_UNDER_WAY_MAX = 2;

interface Check {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
  readonly texts: readonly string[];
  readonly textsLength: number;
  readonly resolve: (isAuthentic: boolean) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Checks signatures on a thread of their own, in batches of what has come meanwhile: a batch costs the gateway's thread
 * a fifth of what so many single jobs of libuv's pool do (`bench/benchmarks/signatures.ts`).
 *
 * Invariant: requests go on in the order of their checks. What one does when its check is told, up to its first wait
 * for something else, is done before the next is told; a signature that is none holds up nobody.
 */
export class SignatureChecks {
  #thread: Worker | null = null;
  #waiting: Check[] = [];
  /** By batch, in the order in which they were sent. */
  #underWay: Check[][] = [];
  /** Ended, in order, and not yet told to who asked; from `#told` on. */
  #ended: (readonly [check: Check, outcome: boolean | Error])[] = [];
  #told = 0;
  #count = 0;
  #textsLength = 0;
  #isSendScheduled = false;
  #isTelling = false;
  #isClosed = false;

  /** Checks that were asked for and are not told yet. */
  get count(): number {
    return this.#count;
  }

  /**
   * Whether one of the texts was signed so.
   *
   * @throws ApiError at once: 503 BUSY when too many wait, 503 SHUTTING_DOWN when it is closed
   */
  check(publicKey: Uint8Array, signature: Uint8Array, texts: readonly string[]): Promise<boolean> {
    if (this.#isClosed) throw shuttingDownError();
    const textsLength = texts.reduce((sum, { length }) => sum + length, 0);
    const isFull =
      this.#count >= SIGNATURE_CHECKS_MAX || this.#textsLength + textsLength > TEXTS_LENGTH_MAX;
    if (isFull) throw busyError();
    this.#count++;
    this.#textsLength += textsLength;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ publicKey, signature, texts, textsLength, resolve, reject });
      this.#scheduleSend();
    });
  }

  /** Ends the thread; whoever waits for it, or comes later, is told that the venue is shutting down. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.terminate();
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
    while (this.#waiting.length > 0 && this.#underWay.length < BATCHES_UNDER_WAY_MAX) {
      const checks = this.#waiting.splice(0, BATCH_CHECKS_MAX);
      this.#thread ??= this.#start();
      // An idle thread keeps no process alive.
      this.#thread.ref();
      this.#underWay.push(checks);
      this.#thread.postMessage(batchOf(checks));
    }
  }

  #start(): Worker {
    const thread = new Worker(ENTRY, { name: 'signatures' });
    thread.on('message', (answers: Uint8Array) => {
      const checks = this.#underWay.shift()!;
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
      if (this.#isClosed) this.#end(this.#waiting.splice(0), () => failure);
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
      this.#count--;
      this.#textsLength -= check.textsLength;
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

function batchOf(checks: readonly Check[]): SignatureBatch {
  const publicKeys = new Uint8Array(checks.length * PUBLIC_KEY_BYTES);
  const signatures = new Uint8Array(checks.length * SIGNATURE_BYTES);
  for (const [index, { publicKey, signature }] of checks.entries()) {
    publicKeys.set(publicKey, index * PUBLIC_KEY_BYTES);
    signatures.set(signature, index * SIGNATURE_BYTES);
  }
  return { publicKeys, signatures, texts: checks.map(({ texts }) => texts) };
}
