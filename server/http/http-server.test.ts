import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ApiError } from '../api-error.ts';
import type { Log } from '../log.ts';
import { HttpServer } from './http-server.ts';
import { json, type Route, text } from './route.ts';

const logged: string[] = [];
const log: Log = { info: () => {}, error: (line) => logged.push(line) };
let release: () => void = () => {};
let slowStarted: () => void = () => {};

const routes: Route[] = [
  { method: 'get', path: '/now', handle: () => text('pong') },
  {
    method: 'get',
    path: '/things/:name/parts/:part',
    handle: (request, parameters) =>
      json({
        ...parameters,
        query: request.query,
        path: request.path,
        agent: request.header('x-agent'),
      }),
  },
  {
    method: 'post',
    path: '/echo',
    handle: async (request) => {
      await setImmediate();
      return json({ body: request.body, header: request.header('x-thing') }, 201);
    },
  },
  { method: 'del', path: '/echo', handle: (request) => json({ deleted: request.body }) },
  {
    method: 'get',
    path: '/refused',
    handle: () => {
      throw new ApiError(409, 'ALREADY_EXISTS', 'Already exists');
    },
  },
  {
    method: 'get',
    path: '/broken',
    handle: async () => {
      await setImmediate();
      throw new Error('a secret of the inside');
    },
  },
  {
    method: 'post',
    path: '/slow',
    handle: () =>
      new Promise((resolve) => {
        slowStarted();
        release = () => resolve(text('late'));
      }),
  },
];

let refusing: ApiError | null = null;
const server = new HttpServer({ log, refuse: () => refusing });
server.serve(routes);
let port = 0;
let base = '';

before(async () => {
  port = await server.listen('127.0.0.1', 0);
  base = `http://127.0.0.1:${port}`;
});
after(() => server.close());

/** Sends bytes on a socket of its own; answers all that comes back until the server closes. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
  });
}

test('a route gets its parameters, query and headers, and answers with its type', async () => {
  const bare = await fetch(`${base}/things/a/parts/1`);
  assert.equal(((await bare.json()) as { query: unknown }).query, '');
  const reply = await fetch(`${base}/things/a%20b/parts/2?x=1&y=%20`, {
    headers: { 'X-Agent': 'me' },
  });
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.deepEqual(await reply.json(), {
    name: 'a b',
    part: '2',
    query: 'x=1&y=%20',
    path: '/things/a%20b/parts/2',
    agent: 'me',
  });
});

test('bodies of POST and DELETE arrive whole, however they are cut', async () => {
  const body = 'ключ'.repeat(4000);
  const posted = await fetch(`${base}/echo`, { method: 'POST', body, headers: { 'X-Thing': 'y' } });
  assert.equal(posted.status, 201);
  assert.deepEqual(await posted.json(), { body, header: 'y' });
  const deleted = await fetch(`${base}/echo`, { method: 'DELETE', body: '{"a":1}' });
  assert.deepEqual(await deleted.json(), { deleted: '{"a":1}' });
  const empty = await fetch(`${base}/echo`, { method: 'DELETE' });
  assert.deepEqual(await empty.json(), { deleted: '' });
});

test('a body over the limit is refused by name, one at the limit is not', async () => {
  const atLimit = await fetch(`${base}/echo`, { method: 'POST', body: 'x'.repeat(65536) });
  assert.equal(atLimit.status, 201);
  for (const bytes of [65537, 500_000]) {
    const over = await fetch(`${base}/echo`, { method: 'POST', body: 'x'.repeat(bytes) });
    assert.equal(over.status, 413);
    assert.deepEqual(await over.json(), {
      code: 'PAYLOAD_TOO_LARGE',
      message: 'Request body is over 64 KiB',
    });
  }
});

test('an endless body is cut off', async () => {
  const heard = await raw(
    `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 99000000\r\n\r\n${'x'.repeat(2_000_000)}`,
  );
  assert.ok(heard === '' || heard.startsWith('HTTP/1.1 413'), heard.slice(0, 80));
});

test('unknown paths and methods are told apart', async () => {
  const unknown = await fetch(`${base}/nowhere`);
  assert.equal(unknown.status, 404);
  assert.deepEqual(await unknown.json(), { code: 'RESOURCE_NOT_FOUND', message: 'Unknown path' });
  const method = await fetch(`${base}/now`, { method: 'POST', body: 'x' });
  assert.equal(method.status, 405);
  assert.match(String(method.headers.get('allow')), /^[A-Z]+(?:, [A-Z]+)*$/);
  assert.equal(((await method.json()) as { code: string }).code, 'METHOD_NOT_ALLOWED');
  assert.equal((await fetch(`${base}/nowhere`, { method: 'HEAD' })).status, 404);
  assert.equal((await fetch(`${base}/now`)).status, 200);
});

test('a refusal is JSON with its code, an unexpected error a 500 that tells nothing', async () => {
  const refused = await fetch(`${base}/refused`);
  assert.equal(refused.status, 409);
  assert.deepEqual(await refused.json(), { code: 'ALREADY_EXISTS', message: 'Already exists' });
  logged.length = 0;
  const broken = await fetch(`${base}/broken`);
  assert.equal(broken.status, 500);
  assert.deepEqual(await broken.json(), { code: 'SERVER_ERROR', message: 'Internal error' });
  assert.equal(logged.length, 1);
  assert.match(logged[0]!, /get \/broken failed: Error: a secret of the inside\n/);
});

test('a client that leaves before the answer or in mid-body harms nobody', async () => {
  const started = new Promise<void>((resolve) => {
    slowStarted = resolve;
  });
  const leaving = new AbortController();
  const request = fetch(`${base}/slow`, { method: 'POST', body: 'x', signal: leaving.signal });
  await started;
  leaving.abort();
  await assert.rejects(request);
  const cut = connect(port, '127.0.0.1', () => {
    cut.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf', () =>
      cut.destroy(),
    );
  });
  await new Promise((resolve) => cut.on('close', resolve));
  assert.equal((await fetch(`${base}/now`)).status, 200);
  release();
  await setImmediate();
  assert.equal((await fetch(`${base}/now`)).status, 200);
});

test('what is not HTTP is turned away and the server stays up', async () => {
  for (const garbage of ['\0\x01\x02\r\n\r\n', 'GET /now\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n']) {
    const heard = await raw(garbage);
    assert.ok(!heard.startsWith('HTTP/1.1 200'), heard);
  }
  assert.equal((await fetch(`${base}/now`)).status, 200);
});

test('a refusal of everything is asked for before the route runs', async () => {
  refusing = new ApiError(503, 'SHUTTING_DOWN', 'The venue is shutting down');
  try {
    const reply = await fetch(`${base}/now`);
    assert.equal(reply.status, 503);
    assert.equal(((await reply.json()) as { code: string }).code, 'SHUTTING_DOWN');
  } finally {
    refusing = null;
  }
});

test('a port in use is named in one line', async () => {
  const second = new HttpServer({ log });
  await assert.rejects(second.listen('127.0.0.1', port), {
    name: 'StartError',
    message: `cannot listen on 127.0.0.1 port ${port}: in use or not allowed`,
  });
});
