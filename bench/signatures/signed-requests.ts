import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { Random } from '../../engine/collections/random.ts';

/** PrivateKeyInfo of an Ed25519 key up to its 32-byte seed (RFC 8410, section 7). */
const ED25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Texts as order requests are signed, each by one of some keys, and some of them by nobody. */
export interface SignedRequests {
  /** SubjectPublicKeyInfo in DER, by number of the key. */
  readonly publicKeys: readonly Uint8Array[];
  readonly keyOf: readonly number[];
  readonly texts: readonly string[];
  readonly signatures: readonly Uint8Array[];
  /** 1 where the signature is one, 0 where a bit of it was changed. */
  readonly expected: Uint8Array;
}

/** A fraction of the signatures is wrong: each that is drawn as the first of so many. */
const WRONG_ONE_IN = 16;

/** The same for the same seed, on every machine: Ed25519 draws nothing. */
export function makeSignedRequests(seed: number, count: number, keyCount: number): SignedRequests {
  const random = new Random(seed);
  const pairs = Array.from({ length: keyCount }, () => makeKey(random));
  const keyOf: number[] = [];
  const texts: string[] = [];
  const signatures: Uint8Array[] = [];
  const expected = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const key = random.below(keyCount);
    const text =
      `instruction=orderExecute&clientId=${index}&orderType=Limit&price=${random.below(100_000) / 100}` +
      `&quantity=1.23&side=Bid&symbol=SOL_USDC&timestamp=${1_700_000_000_000 + index}&window=5000`;
    const signature = new Uint8Array(sign(null, Buffer.from(text), pairs[key]!.privateKey));
    const isWrong = random.below(WRONG_ONE_IN) === 0;
    if (isWrong) signature[random.below(64)]! ^= 1 << random.below(8);
    keyOf.push(key);
    texts.push(text);
    signatures.push(signature);
    expected[index] = isWrong ? 0 : 1;
  }
  return { publicKeys: pairs.map(({ spki }) => spki), keyOf, texts, signatures, expected };
}

function makeKey(random: Random): { privateKey: KeyObject; spki: Uint8Array } {
  const seed = Buffer.from(Array.from({ length: 32 }, () => random.below(256)));
  const der = Buffer.concat([ED25519_PKCS8_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, spki: new Uint8Array(spki) };
}
