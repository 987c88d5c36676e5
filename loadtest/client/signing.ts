import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';

/** A value that may stand in a query or a JSON body and so is part of the signed text. */
export type SignedValue = string | number | boolean | null | undefined;
export type SignedParameters = Readonly<Record<string, SignedValue | readonly SignedValue[]>>;

/** An API key as its owner holds it. `apiKey` is base64 of the 32-byte Ed25519 public key. */
export interface KeyPair {
  readonly apiKey: string;
  readonly privateKey: KeyObject;
}

/** DER prefix of a PKCS #8 Ed25519 private key; the 32-byte seed follows (RFC 8410, section 7). */
const PKCS8_ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** DER prefix of an SPKI Ed25519 public key; the 32 key bytes follow (RFC 8410, section 4). */
const SPKI_PREFIX_BYTES = 12;
const SEED_BYTES = 32;

const DEFAULT_WINDOW_MS = 5000;

/** A new random key pair. */
export function generateKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { apiKey: publicKeyText(publicKey), privateKey };
}

/** The secret of a pair as it goes to another process: base64 of the 32-byte seed. */
export function secretOf({ privateKey }: KeyPair): string {
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  return der.subarray(PKCS8_ED25519_PREFIX.length).toString('base64');
}

/** The API key that belongs to the private key of a pair, whatever the pair says. */
export function apiKeyOf({ privateKey }: KeyPair): string {
  return publicKeyText(createPublicKey(privateKey));
}

/** The pair of an existing key: `secret` is base64 of the 32-byte seed (or of seed and public key). */
export function keyPairOf(apiKey: string, secret: string): KeyPair {
  const seed = Buffer.from(secret, 'base64').subarray(0, SEED_BYTES);
  if (seed.length !== SEED_BYTES) throw new RangeError('an Ed25519 secret has 32 bytes');
  const der = Buffer.concat([PKCS8_ED25519_PREFIX, seed]);
  return { apiKey, privateKey: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) };
}

function publicKeyText(publicKey: KeyObject): string {
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return der.subarray(SPKI_PREFIX_BYTES).toString('base64');
}

/** `encodeURIComponent` and the characters that RFC 3986 reserves beyond it. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** `k1=v1&k2=v2…` in byte order of the keys; an array becomes `key[0]=…&key[1]=…`, absent members fall out. */
export function canonicalParameters(parameters: SignedParameters): string {
  const pairs: [string, SignedValue][] = [];
  for (const [key, value] of Object.entries(parameters)) {
    if (Array.isArray(value)) {
      value.forEach((element: SignedValue, index) => {
        pairs.push([`${key}[${index}]`, element]);
      });
    } else if (value !== undefined) {
      pairs.push([key, value as SignedValue]);
    }
  }
  pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return pairs
    .map(
      ([key, value]) =>
        `${percentEncode(key)}=${value === null ? '' : percentEncode(String(value))}`,
    )
    .join('&');
}

/** The text a request signs: one part per element, so a batch repeats its instruction. */
export function signingText(
  instruction: string,
  elements: readonly SignedParameters[],
  timestampMs: number,
  windowMs: number,
): string {
  const parts = elements.map((parameters) => {
    const text = canonicalParameters(parameters);
    return text === '' ? `instruction=${instruction}` : `instruction=${instruction}&${text}`;
  });
  return `${parts.join('&')}&timestamp=${timestampMs}&window=${windowMs}`;
}

/** Base64 of the 64-byte Ed25519 signature of `text`. */
export function signText(keyPair: KeyPair, text: string): string {
  return sign(null, Buffer.from(text, 'utf8'), keyPair.privateKey).toString('base64');
}

/** The `signature` member of a websocket frame: api key, signature, timestamp, window. */
export function websocketSignature(
  keyPair: KeyPair,
  timestampMs = Date.now(),
  windowMs = DEFAULT_WINDOW_MS,
): [string, string, string, string] {
  const text = signingText('subscribe', [{}], timestampMs, windowMs);
  return [keyPair.apiKey, signText(keyPair, text), String(timestampMs), String(windowMs)];
}

/** The headers of a signed HTTP request. */
export function signedHeaders(
  keyPair: KeyPair,
  instruction: string,
  elements: readonly SignedParameters[],
  timestampMs = Date.now(),
  windowMs = DEFAULT_WINDOW_MS,
): Record<string, string> {
  const text = signingText(instruction, elements, timestampMs, windowMs);
  return {
    'X-API-Key': keyPair.apiKey,
    'X-Signature': signText(keyPair, text),
    'X-Timestamp': String(timestampMs),
    'X-Window': String(windowMs),
  };
}
