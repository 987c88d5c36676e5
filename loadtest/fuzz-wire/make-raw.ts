import type { Random } from '../random.ts';
import { mutateBytes, pick } from './mutate.ts';
import type { RawCase, RestCase } from './wire-case.ts';

/**
 * A connection's bytes from its first one on, with something wrong in them: a whole HTTP request, or the request for a
 * websocket and a frame or two behind it.
 */
export function makeRaw(random: Random, request: RestCase, frames: readonly Buffer[]): RawCase {
  const parts = random.chance(0.5) ? [httpBytes(request)] : [UPGRADE, ...frames.map(maskedFrame)];
  const at = random.integer(0, parts.length - 1);
  for (let count = random.integer(1, 3); count > 0; count--) {
    parts[at] = mutateBytes(parts[at]!, random);
  }
  // A server must not care in how many pieces it hears something.
  return { channel: 'raw', parts: random.chance(0.5) ? parts : [Buffer.concat(parts)] };
}

const UPGRADE = Buffer.from(
  [
    'GET /ws HTTP/1.1',
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    '\r\n',
  ].join('\r\n'),
);

function httpBytes({ method, path, headers, body }: RestCase): Buffer {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers, 'Content-Length': body.length });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`, 'latin1'), body]);
}

/** One frame from a client, of text, with a mask that changes nothing. */
function maskedFrame(payload: Buffer): Buffer {
  const length = Math.min(payload.length, 126);
  const header = [0x81, 0x80 | length];
  if (length === 126) header.push(payload.length >>> 8, payload.length & 255);
  return Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), payload]);
}

/** Two frames for a connection that never logs in. */
export function strangersFrames(random: Random): Buffer[] {
  const texts = [
    '{"method":"SUBSCRIBE","params":["trade.AAA_USD"],"id":1}',
    '{"method":"order.place","params":{},"id":2}',
    '{"method":"session.login","signature":["","","",""],"id":3}',
  ];
  return [Buffer.from(pick(random, texts)), Buffer.from(pick(random, texts))];
}
