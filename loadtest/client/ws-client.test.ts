import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Packr } from 'msgpackr';
import { type WebSocket, WebSocketServer } from 'ws';
import { generateKeyPair } from './signing.ts';
import { type Reply, WsClient } from './ws-client.ts';

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

const packr = new Packr({ useRecords: false });

/** A peer on a free port that hands every request to `answer` together with a way to reply. */
async function startPeer(
  context: TestContext,
  answer: (request: Request, isBinary: boolean, socket: WebSocket) => void,
): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/ws' });
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer, isBinary) => {
      const request = isBinary ? packr.unpack(data) : JSON.parse(data.toString('utf8'));
      answer(request as Request, isBinary, socket);
    });
  });
  await once(server, 'listening');
  context.after(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('pipelined replies find their requests by id, in either encoding', async (context) => {
  const waiting: (() => void)[] = [];
  const url = await startPeer(context, ({ id, params }, isBinary, socket) => {
    waiting.push(() => {
      const reply = { id, status: 200, ack: 'accepted', result: params };
      socket.send(isBinary ? packr.pack(reply) : JSON.stringify(reply));
    });
    // Replies overtake each other: the last request is answered first.
    if (waiting.length === 5) for (const send of waiting.splice(0).reverse()) send();
  });
  for (const encoding of ['msgpack', 'json'] as const) {
    const client = await WsClient.connect(url, encoding);
    const replies = await Promise.all(
      [1, 2, 3, 4, 5].map((value) => client.request('order.place', { value })),
    );
    assert.deepEqual(
      replies.map((reply) => reply.result),
      [1, 2, 3, 4, 5].map((value) => ({ value })),
    );
    for (const { sentAtMs, receivedAtMs } of replies) assert.equal(receivedAtMs >= sentAtMs, true);
    await client.close();
  }
});

test('requests that are open when the socket closes are answered with status 0', async (context) => {
  const url = await startPeer(context, (_request, _isBinary, socket) => socket.close(1008, 'slow'));
  const client = await WsClient.connect(url);
  const closed = new Promise<[number, string]>((resolve) => {
    client.onClose = (code, reason) => resolve([code, reason]);
  });
  const reply: Reply = await client.request('order.place', {});
  assert.equal(reply.status, 0);
  assert.equal(reply.error?.code, 'DISCONNECTED');
  assert.deepEqual(await closed, [1008, 'slow']);
  assert.equal(client.isOpen, false);
});

test('a subscription is awaited and its frames reach the callback', async (context) => {
  const url = await startPeer(context, ({ id, params }, _isBinary, socket) => {
    socket.send(JSON.stringify({ id, result: null }));
    socket.send(JSON.stringify({ data: { e: 'depth', U: 1 }, stream: (params as string[])[0] }));
  });
  const client = await WsClient.connect(url, 'json');
  const got = new Promise((resolve) => {
    void client.subscribe(['depth.A_B'], (data, stream) => resolve([data, stream]));
  });
  assert.deepEqual(await got, [{ e: 'depth', U: 1 }, 'depth.A_B']);
  await client.close();
});

test('a refused subscription or login is an error', async (context) => {
  const url = await startPeer(context, ({ id }, _isBinary, socket) => {
    const error = { code: 'INVALID_SIGNATURE', message: 'Invalid signature' };
    socket.send(JSON.stringify({ id, status: 401, error }));
  });
  const client = await WsClient.connect(url);
  await assert.rejects(() => client.login(generateKeyPair()), /INVALID_SIGNATURE/);
  await assert.rejects(
    () => client.subscribe(['account.orderUpdate'], () => undefined),
    /INVALID_SIGNATURE/,
  );
  await client.close();
});

test('a venue that is not there is an error of the connection', async () => {
  await assert.rejects(() => WsClient.connect('http://127.0.0.1:1'), /ECONNREFUSED/);
});
