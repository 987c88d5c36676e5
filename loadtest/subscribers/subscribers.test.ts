import uWebSockets from 'uWebSockets.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Subscribers } from './subscribers.ts';

/** As a venue does: what waits in its memory for one socket is bounded, and the socket is closed beyond. */
const WAITING_BYTES_MAX = 2 ** 20;
const PADDING = 'x'.repeat(60_000);

type Socket = uWebSockets.WebSocket<unknown>;

/** Tells every subscriber of trades that never end, and closes those that do not read them. */
async function startFeed(acknowledges: boolean) {
  const sockets = new Set<Socket>();
  const app = uWebSockets.App();
  app.ws('/ws', {
    maxBackpressure: 64 * 2 ** 20,
    message(socket) {
      if (acknowledges) socket.send('{"id":1,"result":null}');
      sockets.add(socket);
    },
    close: (socket) => {
      sockets.delete(socket);
    },
  });
  const port = await new Promise<number>((resolve) => {
    app.listen('127.0.0.1', 0, (listening) => {
      assert.ok(listening !== false);
      resolve(uWebSockets.us_socket_local_port(listening));
    });
  });
  let trade = 0;
  let closed = 0;
  const timer = setInterval(() => {
    const atUs = Math.floor((performance.timeOrigin + performance.now()) * 1000);
    const data = { E: atUs, T: atUs, e: 'trade', padding: PADDING, s: 'A_Q', t: ++trade };
    for (const socket of sockets) {
      socket.send(JSON.stringify({ data, stream: 'trade.A_Q' }));
      if (socket.getBufferedAmount() <= WAITING_BYTES_MAX) continue;
      closed++;
      sockets.delete(socket);
      socket.end(1008, 'slow consumer');
    }
  }, 1);
  return {
    url: `http://127.0.0.1:${port}`,
    closed: () => closed,
    sent: () => trade,
    /** No more trades: what is still on its way can be waited for. */
    quiet: () => clearInterval(timer),
    end: () => {
      clearInterval(timer);
      app.close();
    },
  };
}

function subscribersTo(streamUrl: string, slow: number, isEndless = false): Subscribers {
  const group = { subscribers: 2, slow, slowPauseMs: 1_000_000, isEndless };
  return new Subscribers({ streamUrl, symbols: ['A_Q'], sharesClock: true, ...group });
}

test('a subscriber that reads no more is closed as a slow consumer, and lacks nothing before that', async () => {
  const feed = await startFeed(true);
  try {
    const subscribers = subscribersTo(feed.url, 1);
    await subscribers.connect();
    const nowMs = performance.timeOrigin + performance.now();
    subscribers.start(nowMs, nowMs + 1_000_000);
    while (feed.closed() === 0) await delay(10);
    feed.quiet();
    const { slow, gaps, lost, behind, frames } = await subscribers.stop();
    const { waitedBytesMax, ...others } = slow;
    assert.deepEqual(others, { pauses: 1, gaps: 0, closedAsSlow: 1, closedOtherwise: 0 });
    assert.ok(waitedBytesMax > WAITING_BYTES_MAX);
    assert.deepEqual([gaps, lost, behind], [0, 0, 0]);
    assert.ok(frames > 0);
  } finally {
    feed.end();
  }
});

test('a venue that does not acknowledge subscriptions, and never rests, is heard all the same', async () => {
  const feed = await startFeed(false);
  try {
    const subscribers = subscribersTo(feed.url, 0, true);
    await subscribers.connect();
    const nowMs = performance.timeOrigin + performance.now();
    subscribers.start(nowMs, nowMs + 1_000_000);
    for (const sent = feed.sent(); feed.sent() < sent + 20; ) await delay(5);
    // Trades go on: what has come until now is all that there is to wait for.
    const { gaps, frames, lost, behind, isTailCut } = await subscribers.stop();
    assert.deepEqual([gaps, lost, behind, isTailCut], [0, 0, 0, false]);
    assert.ok(frames > 0);
  } finally {
    feed.end();
  }
});
