import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { after, afterEach, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis, type RedisOptions } from 'ioredis';
import { formatPadded } from '../../engine/protocol/decimal.ts';
import { Side } from '../../engine/protocol/enums.ts';
import {
  deltaOf,
  openVenue,
  RecordingFanOut,
  seededIntegers,
} from '../market-data/market.fixture.ts';
import { CompositeFanOut } from './composite-fan-out.ts';
import { REDIS_FAN_OUT_OPTIONS, RedisFanOut, type RedisFanOutLimits } from './redis-fan-out.ts';
import { RedisServer, until } from './redis-server.fixture.ts';

let server: RedisServer;
before(async () => {
  server = await RedisServer.start();
});
after(() => server.remove());

/** Clients reconnect for ever: one left open by a failed test would keep this process alive. */
const clients: Redis[] = [];
const children: ChildProcess[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
  for (const child of children.splice(0)) child.kill();
});

function connect(options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
  const redis = new Redis({ ...options, path: server.socketPath });
  clients.push(redis);
  return redis;
}

async function openFanOut(limits?: RedisFanOutLimits) {
  const redis = connect(REDIS_FAN_OUT_OPTIONS);
  const fanOut = limits === undefined ? new RedisFanOut(redis) : new RedisFanOut(redis, limits);
  await until(() => fanOut.wants('any'), 'connection to Redis');
  return fanOut;
}

async function openListener(channel: string) {
  const redis = connect();
  redis.on('error', () => undefined);
  const heard: string[] = [];
  redis.on('message', (_channel, frame) => heard.push(frame));
  await redis.subscribe(channel);
  return heard;
}

const LISTENER = fileURLToPath(new URL('./redis-listener.fixture.js', import.meta.url));

/** Starts the second process; answers once it has subscribed. */
async function startListenerProcess(channel: string, lastUpdateId: number) {
  const child = spawn(process.execPath, [LISTENER, server.socketPath, channel, `${lastUpdateId}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'subscribed');
  return { exited, nextLine: async () => (await lines.next()).value as string };
}

test('a second process rebuilds the book from the Redis channel, byte for byte', async () => {
  const changes = 5000;
  const listener = await startListenerProcess('depth.SOL_USDC', changes);
  const fanOut = await openFanOut();
  const recording = new RecordingFanOut();
  const { marketData, registry } = openVenue(new CompositeFanOut([recording, fanOut]));
  const random = seededIntegers(5);
  for (let updateId = 1; updateId <= changes; updateId++) {
    const isBid = random(2) === 0;
    const price = isBid ? 2000 - random(200) : 2001 + random(200);
    const quantity = random(3) === 0 ? 0 : random(5000) + 1;
    marketData.onBookDelta(deltaOf(updateId, [isBid ? Side.Bid : Side.Ask, price, quantity]));
    if (updateId % 100 === 0) await turn();
  }
  const book = JSON.parse(await listener.nextLine());
  assert.equal(await listener.exited, 0, 'the listener saw no gap');

  const market = registry.market(1);
  const expected = (levels: number[]) => {
    const pairs: [string, string][] = [];
    for (let index = 0; index < levels.length; index += 2) {
      const price = formatPadded(levels[index]!, market.priceScale);
      pairs.push([price, formatPadded(levels[index + 1]!, market.quantityScale)]);
    }
    return pairs.sort();
  };
  const { bids, asks } = marketData.book(1);
  assert.equal(book.updateId, changes);
  assert.deepEqual(book.bids.sort(), expected(bids.best(1000)));
  assert.deepEqual(book.asks.sort(), expected(asks.best(1000)));
  const hash = createHash('sha256');
  for (const { stream, frame } of recording.frames) {
    if (stream === 'depth.SOL_USDC') hash.update(frame);
  }
  assert.equal(book.hash, hash.digest('hex'));
  assert.equal(fanOut.statistics.droppedFrames, 0);
  await fanOut.close();
  assert.equal(fanOut.statistics.publishedFrames, recording.frames.length);
});

test('Redis killed in the middle: publishing goes on, nothing piles up, and it resumes by itself', async () => {
  const fanOut = await openFanOut();
  const local = new RecordingFanOut();
  const composite = new CompositeFanOut([local, fanOut]);
  const listener = await openListener('trade.X');
  composite.publish('trade.X', 'before');
  await until(() => listener.includes('before'), 'first frame heard');

  const killed = server.kill();
  for (let count = 0; count < 20_000; count++) {
    composite.publish('trade.X', `during ${count}`);
    if (count % 100 === 0) await turn();
  }
  await killed;
  await until(() => !fanOut.wants('trade.X'), 'loss noticed');
  assert.equal(composite.wants('trade.X'), true, 'local listeners still want it');
  composite.publish('trade.X', 'into the void');
  assert.equal(local.frames.length, 20_002, 'local frames are complete');
  await until(() => fanOut.statistics.pendingFrames === 0, 'nothing pending');
  await until(() => fanOut.statistics.lastError !== '', 'the reason');
  const away = fanOut.statistics;
  assert.equal(away.pendingCharacters, 0);
  assert.equal(away.publishedFrames + away.droppedFrames, 20_002, 'every frame is accounted for');
  assert.ok(away.droppedFrames > 0);

  await server.restart();
  await until(() => fanOut.wants('trade.X'), 'reconnection');
  const later = await openListener('trade.X');
  composite.publish('trade.X', 'after');
  await until(() => later.includes('after'), 'frame after the restart heard');
  assert.deepEqual(later, ['after'], 'nothing old is sent again');
  await composite.close();
});

test('a Redis that hangs costs a bounded amount of memory, and catches up when it goes on', async () => {
  const limits = { pendingCharactersMax: 1_000_000, pendingFramesMax: 2000 };
  const fanOut = await openFanOut(limits);
  const frame = 'x'.repeat(1000);
  server.suspend();
  try {
    let slowestMs = 0;
    for (let count = 0; count < 50_000; count++) {
      const start = performance.now();
      fanOut.publish('depth.X', frame);
      slowestMs = Math.max(slowestMs, performance.now() - start);
      if (count % 500 === 0) await turn();
      assert.ok(fanOut.statistics.pendingCharacters <= limits.pendingCharactersMax);
    }
    assert.ok(slowestMs < 1000, `publish took ${slowestMs} ms`);
    assert.equal(fanOut.statistics.pendingFrames, 1000);
    assert.equal(fanOut.statistics.droppedFrames, 49_000);
    for (let count = 0; count < 5000; count++) fanOut.publish('depth.X', '{}');
    assert.equal(fanOut.statistics.pendingFrames, 1000, 'characters are bounded');
  } finally {
    server.resume();
  }
  await until(() => fanOut.statistics.pendingFrames === 0, 'backlog confirmed');
  const listener = await openListener('depth.X');
  fanOut.publish('depth.X', 'fresh');
  await until(() => listener.includes('fresh'), 'publishing again');
  await fanOut.close();
});

test('a Redis that hangs for too long is given up: what it owed is dropped, then a new connection', async () => {
  const redis = connect({ ...REDIS_FAN_OUT_OPTIONS, socketTimeout: 100 });
  const fanOut = new RedisFanOut(redis);
  await until(() => fanOut.wants('depth.X'), 'connection to Redis');
  server.suspend();
  try {
    for (let count = 0; count < 100; count++) fanOut.publish('depth.X', '{}');
    await until(() => !fanOut.wants('depth.X'), 'giving up');
    assert.equal(fanOut.statistics.pendingFrames, 0);
    assert.equal(fanOut.statistics.droppedFrames, 100);
    assert.match(fanOut.statistics.lastError, /timeout/i);
  } finally {
    server.resume();
  }
  await until(() => fanOut.wants('depth.X'), 'a new connection');
  fanOut.publish('depth.X', '{}');
  await until(() => fanOut.statistics.publishedFrames === 1, 'publishing again');
  assert.equal(fanOut.statistics.pendingFrames, 0, 'late answers of the old one count for nothing');
  await fanOut.close();
});

test('small frames are bounded by their number', async () => {
  const limits = { pendingCharactersMax: 1_000_000, pendingFramesMax: 10 };
  const fanOut = await openFanOut(limits);
  for (let count = 0; count < 25; count++) fanOut.publish('depth.X', '{}');
  assert.equal(fanOut.statistics.pendingFrames, 10);
  assert.equal(fanOut.statistics.droppedFrames, 15);
  await fanOut.close();
  assert.equal(fanOut.statistics.publishedFrames, 10, 'close waits for what is under way');
  fanOut.publish('depth.X', '{}');
  assert.equal(fanOut.wants('depth.X'), false);
});

test('where scripts are forbidden, single commands carry the frames', async () => {
  const admin = connect();
  await admin.call('ACL', 'SETUSER', 'plain', 'on', '>secret', '+@all', '-eval', '&*', '~*');
  const redis = connect({
    ...REDIS_FAN_OUT_OPTIONS,
    username: 'plain',
    password: 'secret',
  });
  const fanOut = new RedisFanOut(redis);
  const listener = await openListener('depth.X');
  await until(() => fanOut.wants('depth.X'), 'connection to Redis');
  fanOut.publish('depth.X', 'refused');
  await until(() => fanOut.statistics.droppedFrames === 1, 'the refusal');
  assert.match(fanOut.statistics.lastError, /NOPERM/);
  fanOut.publish('depth.X', 'first');
  fanOut.publish('depth.X', 'second');
  await until(() => listener.length === 2, 'both frames');
  assert.deepEqual(listener, ['first', 'second']);
  await until(() => fanOut.statistics.publishedFrames === 2, 'both confirmed');
  await fanOut.close();
});

test('a venue that starts without Redis drops frames and takes up publishing when it comes', async () => {
  await server.kill();
  const fanOut = new RedisFanOut(connect(REDIS_FAN_OUT_OPTIONS));
  assert.equal(fanOut.wants('depth.X'), false);
  fanOut.publish('depth.X', 'lost');
  assert.equal(fanOut.statistics.droppedFrames, 1);
  assert.equal(fanOut.statistics.pendingFrames, 0);
  await server.restart();
  await until(() => fanOut.wants('depth.X'), 'connection to Redis');
  await fanOut.close();
});
