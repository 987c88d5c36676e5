import { parentPort } from 'node:worker_threads';
import { assert } from '../../engine/assert.ts';
import { ownThreadId, watchCollections } from '../../engine/ring/this-thread.ts';
import { isSigned, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './ed25519.ts';

/** Signatures to be checked; keys and signatures one behind the other, each in its bytes. */
export interface SignatureBatch {
  readonly publicKeys: Uint8Array;
  readonly signatures: Uint8Array;
  /** What each may have signed. */
  readonly texts: readonly (readonly string[])[];
}

/** What a batch is answered. */
export interface SignatureAnswers {
  /** 1 for each signature that is one, 0 for the others. */
  readonly answers: Uint8Array;
  readonly use: ThreadUse;
}

/** What the thread has used so far. */
export interface ThreadUse {
  /** See `ownThreadId`. */
  readonly threadId: number;
  readonly collections: number;
  readonly collectionMs: number;
}

const port = parentPort;
assert(port !== null, 'this is the entry of a thread');

const threadId = ownThreadId();
let collections = 0;
let collectionMs = 0;
watchCollections((durationMs) => {
  collections++;
  collectionMs += durationMs;
});

/** Answers every batch, in their order. */
port.on('message', ({ publicKeys, signatures, texts }: SignatureBatch) => {
  const answers = Uint8Array.from(texts, (some, index) => {
    const publicKey = part(publicKeys, index, PUBLIC_KEY_BYTES);
    return isSigned(publicKey, part(signatures, index, SIGNATURE_BYTES), some) ? 1 : 0;
  });
  const use: ThreadUse = { threadId, collections, collectionMs };
  port.postMessage({ answers, use } satisfies SignatureAnswers);
});

function part(bytes: Uint8Array, index: number, length: number): Uint8Array {
  return bytes.subarray(index * length, (index + 1) * length);
}
