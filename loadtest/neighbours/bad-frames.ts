import { FRAME_HEADER_BYTES_MAX, writeClientFrame } from '../client/client-frame.ts';
import { generateKeyPair, keyPairOf, websocketSignature } from '../client/signing.ts';
import type { AccountKey } from '../generator/messages.ts';

/** A venue refuses older requests than this without a look at their signature. */
const WINDOW_MS = 60_000;
const FORGED = 64;

const MALFORMED: readonly (string | Buffer)[] = [
  'hello',
  '',
  '{"id":1,"method":"order.place"',
  'null',
  '[{"method":"SUBSCRIBE"}]',
  '{"id":1,"method":{"toString":1}}',
  `${'['.repeat(2_000)}${']'.repeat(2_000)}`,
  // Lists of 2^25 lists, a map of 2^32 entries, a text of 2^32 bytes, and nested deeply.
  Buffer.from('dd02000000'.repeat(4), 'hex'),
  Buffer.from('dfffffffff', 'hex'),
  Buffer.from('dbffffffff', 'hex'),
  Buffer.alloc(4_000, 0x91),
];

/** Frames that are no request of any kind. */
export function malformedFrames(): Buffer[] {
  return MALFORMED.map(frameOf);
}

/** Logins by a key, each signed by another one; good for a minute. */
export function forgedLogins(victim: AccountKey): Buffer[] {
  return Array.from({ length: FORGED }, (_, index) => {
    const [, ...rest] = websocketSignature(generateKeyPair(), Date.now(), WINDOW_MS);
    const signature = [victim.apiKey, ...rest];
    return frameOf(JSON.stringify({ id: index + 1, method: 'session.login', signature }));
  });
}

export function loginFrame({ apiKey, secret }: AccountKey): Buffer {
  const signature = websocketSignature(keyPairOf(apiKey, secret));
  return frameOf(JSON.stringify({ id: 1, method: 'session.login', signature }));
}

/** Asks for all open orders: the longest answer that there is for the least request. */
export function listFrame(): Buffer {
  return frameOf(JSON.stringify({ id: 2, method: 'order.query', params: {} }));
}

function frameOf(payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const frame = Buffer.allocUnsafe(bytes.length + FRAME_HEADER_BYTES_MAX);
  return frame.subarray(0, writeClientFrame(frame, 0, bytes, typeof payload !== 'string'));
}
