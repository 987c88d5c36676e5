import { createPublicKey, verify } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import sodium from 'sodium-native';

/** What checks the signatures. */
export type Library = 'node:crypto' | 'libsodium';

export interface VerifySetting {
  readonly library: Library;
  /** SubjectPublicKeyInfo in DER; its last 32 bytes are the key. */
  readonly publicKeys: readonly Uint8Array[];
}

/** Some requests to be checked: their keys by number, their texts, and their signatures one behind the other. */
export interface VerifyBatch {
  readonly first: number;
  readonly keys: readonly number[];
  readonly texts: readonly string[];
  readonly signatures: Uint8Array;
}

/** 1 for each that is authentic, in the order of the batch. */
export interface VerifyAnswer {
  readonly first: number;
  readonly answers: Uint8Array;
}

const port = parentPort!;
const { library, publicKeys } = workerData as VerifySetting;
const keys = publicKeys.map((spki) =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }),
);
const check =
  library === 'libsodium'
    ? (text: string, key: number, signature: Uint8Array) =>
        sodium.crypto_sign_verify_detached(
          signature,
          Buffer.from(text),
          publicKeys[key]!.subarray(-32),
        )
    : (text: string, key: number, signature: Uint8Array) =>
        verify(null, Buffer.from(text), keys[key]!, signature);

port.on('message', ({ first, keys: numbers, texts, signatures }: VerifyBatch) => {
  const answers = texts.map((text, index) => {
    const signature = signatures.subarray(index * 64, index * 64 + 64);
    return check(text, numbers[index]!, signature) ? 1 : 0;
  });
  port.postMessage({ first, answers: Uint8Array.from(answers) } satisfies VerifyAnswer);
});
