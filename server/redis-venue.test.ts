import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import WebSocket from 'ws';
import { RedisServer } from './fanout/redis-server.fixture.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';

const STREAM = 'depth.SOL_USDC';
const DEADLINE_MS = 20_000;

test('Redis carries the frames of the sockets byte for byte, and its death leaves trading alone', async () => {
  const server = await RedisServer.start();
  const door = await openDoor(server.socketPath);
  const redisUrl = `redis://127.0.0.1:${(door.address() as AddressInfo).port}`;
  const venue = new VenueUnderTest({ REDIS_URL: redisUrl, RINGSIDE_DEMO: '1' });
  const listener = new Redis(redisUrl, { retryStrategy: () => null });
  listener.on('error', () => {});
  try {
    const { url } = await venue.ready();
    const onRedis = new Set<string>();
    listener.on('message', (_channel, frame: string) => onRedis.add(frame));
    await listener.subscribe(STREAM);
    const socket = new WebSocket(`${String(url).replace('http', 'ws')}/ws`);
    const onSocket: string[] = [];
    socket.on('message', (data) => onSocket.push(String(data)));
    await once(socket, 'open');
    socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: [STREAM] }));
    // The listener was there first: it must hear every frame that the socket hears.
    await until(() => onSocket.length >= 5 && onSocket.slice(0, 5).every((it) => onRedis.has(it)));

    await server.kill();
    const before = onSocket.length;
    await until(() => onSocket.length >= before + 5);
    socket.terminate();
  } finally {
    listener.disconnect();
    await venue.cleanUp();
    door.close();
    await server.remove();
  }
});

/** A TCP port, chosen by the system, in front of a server that has only a unix socket. */
async function openDoor(socketPath: string): Promise<Server> {
  const door = createServer((outside) => {
    const inside = connect(socketPath);
    for (const socket of [outside, inside]) socket.on('error', () => {});
    outside.pipe(inside).pipe(outside);
    inside.on('close', () => outside.destroy());
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return door;
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!condition()) {
    assert.ok(performance.now() < end, 'it did not come to pass in time');
    await delay(10);
  }
}
