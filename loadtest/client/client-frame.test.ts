import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocketServer } from 'ws';
import { FRAME_HEADER_BYTES_MAX, writeClientFrame } from './client-frame.ts';
import { WsClient } from './ws-client.ts';

test('frames of every length class arrive whole at another implementation', async (context) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/ws' });
  await once(server, 'listening');
  context.after(() => server.close());
  const received: Buffer[] = [];
  const lengths = [0, 1, 125, 126, 5_000, 65_535, 65_536, 100_000, ...Array(2_000).fill(7)];
  const all = new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        received.push(data);
        if (received.length === lengths.length) resolve();
      });
    });
  });
  const payloads = lengths.map((length, index) => Buffer.alloc(length, index + 1));
  const room = payloads.reduce((sum, one) => sum + one.length + FRAME_HEADER_BYTES_MAX, 0);
  const bytes = Buffer.alloc(room);
  let end = 0;
  for (const payload of payloads) end = writeClientFrame(bytes, end, payload);
  const client = await WsClient.connect(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  );
  client.sendFrames(bytes.subarray(0, end));
  await all;
  assert.equal(Buffer.concat(received).equals(Buffer.concat(payloads)), true);
  assert.deepEqual(
    received.map((one) => one.length),
    lengths,
  );
  await client.close();
});
