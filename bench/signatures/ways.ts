import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SignedRequests } from './signed-requests.ts';
import type { Library, VerifyAnswer, VerifyBatch, VerifySetting } from './verify-thread.ts';

const ENTRY = new URL('./verify-thread.js', import.meta.url);

/** A way to check the signatures of all requests, as a gateway could; answers 1 for each that is authentic. */
export interface Way {
  readonly name: string;
  run(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Checks that may be under way at once: as many as a burst of requests puts there. */
const UNDER_WAY_MAX = 512;

/** One after the other on the calling thread. */
export function onThisThread(requests: SignedRequests): Way {
  const keys = keyObjects(requests);
  const { texts, keyOf, signatures } = requests;
  return {
    name: 'this thread',
    run: async () =>
      Uint8Array.from(texts, (text, index) =>
        verify(null, Buffer.from(text), keys[keyOf[index]!]!, signatures[index]!) ? 1 : 0,
      ),
    close: async () => {},
  };
}

/** Each by itself on libuv's pool, by the callback form of `verify`. */
export function onThePool(requests: SignedRequests): Way {
  const keys = keyObjects(requests);
  const { texts, keyOf, signatures } = requests;
  const run = (): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const answers = new Uint8Array(texts.length);
      let sent = 0;
      let done = 0;
      const send = (): void => {
        const index = sent++;
        const key = keys[keyOf[index]!]!;
        verify(null, Buffer.from(texts[index]!), key, signatures[index]!, (error, isAuthentic) => {
          if (error) reject(error);
          answers[index] = isAuthentic ? 1 : 0;
          if (++done === texts.length) resolve(answers);
          else if (sent < texts.length) send();
        });
      };
      while (sent < Math.min(UNDER_WAY_MAX, texts.length)) send();
    });
  return { name: 'pool', run, close: async () => {} };
}

/** In batches on threads of our own, the next one of a thread when it has answered the one before. */
export function onThreads(
  requests: SignedRequests,
  library: Library,
  threadCount: number,
  batchSize: number,
): Way {
  const workerData: VerifySetting = { library, publicKeys: requests.publicKeys };
  const threads = Array.from({ length: threadCount }, () => new Worker(ENTRY, { workerData }));
  const { texts } = requests;
  const run = (): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const answers = new Uint8Array(texts.length);
      let sent = 0;
      let done = 0;
      const send = (thread: Worker): void => {
        if (sent === texts.length) return;
        const end = Math.min(sent + batchSize, texts.length);
        thread.postMessage(batchOf(requests, sent, end));
        sent = end;
      };
      for (const thread of threads) {
        thread.removeAllListeners('message');
        thread.once('error', reject);
        thread.on('message', (answer: VerifyAnswer) => {
          answers.set(answer.answers, answer.first);
          done += answer.answers.length;
          if (done === texts.length) resolve(answers);
          else send(thread);
        });
        // One batch waits while another is being checked.
        send(thread);
        send(thread);
      }
    });
  const close = async (): Promise<void> => {
    await Promise.all(
      threads.map(async (thread) => {
        const exit = once(thread, 'exit');
        await thread.terminate();
        await exit;
      }),
    );
  };
  const plural = threadCount === 1 ? 'thread' : 'threads';
  return { name: `${threadCount} ${plural}, ${library}`, run, close };
}

function batchOf({ texts, keyOf, signatures }: SignedRequests, first: number, end: number) {
  const joined = new Uint8Array((end - first) * 64);
  for (let index = first; index < end; index++) {
    joined.set(signatures[index]!, (index - first) * 64);
  }
  const keys = keyOf.slice(first, end);
  return { first, keys, texts: texts.slice(first, end), signatures: joined } satisfies VerifyBatch;
}

function keyObjects({ publicKeys }: SignedRequests): KeyObject[] {
  return publicKeys.map((spki) =>
    createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }),
  );
}
