import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { DEFAULT_LIMITS } from '../limits/limit-settings.ts';
import { Limits } from '../limits/limits.ts';
import { HttpServer } from './http-server.ts';
import { text } from './route.ts';

/** More than the kernel takes at once, and not only of one-byte characters. */
const BODY = Array.from({ length: 400_000 }, (_, line) => `${line} ключ\n`).join('');

const settings = {
  ...DEFAULT_LIMITS,
  addressRequests: { perSecond: 1, burst: 3 },
  trustsProxy: true,
};
const log = { info() {}, error() {} };
const server = new HttpServer({ log, limits: new Limits(settings) });
server.serve([
  { method: 'get', path: '/big', handle: () => text(BODY) },
  { method: 'get', path: '/late', handle: () => setTimeout(1, text(BODY)) },
  { method: 'get', path: '/small', handle: () => text('small') },
]);
let port = 0;

before(async () => {
  port = await server.listen('127.0.0.1', 0);
});
after(() => server.close());

/** Asks and reads a little now and then; answers the body. */
function readSlowly(path: string): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    });
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (chunks.length % 8 > 0) return;
      socket.pause();
      void setTimeout(1).then(() => socket.resume());
    });
    socket.on('close', () => {
      const heard = Buffer.concat(chunks).toString();
      resolve(heard.slice(heard.indexOf('\r\n\r\n') + 4));
    });
  });
}

test('a long reply arrives whole, however slowly it is read', async () => {
  for (const path of ['/big', '/late']) assert.equal((await readSlowly(path)) === BODY, true, path);
});

test('behind a trusted proxy the client is counted, not the proxy', async () => {
  const ask = async (client: string): Promise<number> => {
    const headers = { 'X-Forwarded-For': `6.6.6.6, ${client}` };
    return (await fetch(`http://127.0.0.1:${port}/small`, { headers })).status;
  };
  const statuses = await Promise.all([1, 2, 3, 4, 5].map(() => ask('192.0.2.1')));
  assert.deepEqual(statuses.sort(), [200, 200, 200, 429, 429]);
  assert.equal(await ask('192.0.2.2'), 200);
  assert.equal((await fetch(`http://127.0.0.1:${port}/small`)).status, 200);
});
