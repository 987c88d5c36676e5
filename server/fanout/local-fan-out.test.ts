import uWebSockets, { type us_listen_socket } from 'uWebSockets.js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { Side } from '../../engine/protocol/enums.ts';
import { deltaOf, openVenue, tradeOf } from '../market-data/market.fixture.ts';
import { LocalFanOut } from './local-fan-out.ts';
import { until } from './redis-server.fixture.ts';

/** A real app whose sockets subscribe to every topic they send. */
async function openApp() {
  const app = uWebSockets.App().ws('/ws', {
    message: (socket, message) => {
      const topic = Buffer.from(message).toString();
      if (topic.startsWith('-')) socket.unsubscribe(topic.slice(1));
      else socket.subscribe(topic);
    },
  });
  const port = await new Promise<number>((resolve) => {
    app.listen('127.0.0.1', 0, (listening: us_listen_socket | false) => {
      assert.ok(listening !== false);
      resolve(uWebSockets.us_socket_local_port(listening));
    });
  });
  const connect = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    const heard: string[] = [];
    socket.on('message', (data, isBinary) => {
      assert.equal(isBinary, false, 'frames are text');
      heard.push(data.toString());
    });
    await once(socket, 'open');
    return { socket, heard };
  };
  return { app, connect };
}

test('subscribers get exactly the published text, others nothing, and an unheard stream is unwanted', async () => {
  const { app, connect } = await openApp();
  const fanOut = new LocalFanOut(app);
  const { marketData } = openVenue(fanOut);
  assert.equal(fanOut.wants('depth.SOL_USDC'), false);

  const depth = await connect();
  const everything = await connect();
  depth.socket.send('depth.SOL_USDC');
  for (const topic of ['depth.SOL_USDC', 'trade.SOL_USDC', 'bookTicker.SOL_USDC']) {
    everything.socket.send(topic);
  }
  await until(() => fanOut.wants('bookTicker.SOL_USDC'), 'subscriptions');
  await until(() => app.numSubscribers('depth.SOL_USDC') === 2, 'both depth subscriptions');
  assert.equal(fanOut.wants('depth.BTC_USDC'), false);

  marketData.onTrade(tradeOf({}));
  marketData.onBookDelta(deltaOf(1, [Side.Bid, 2830, 10]));
  await until(() => everything.heard.length === 3 && depth.heard.length === 1, 'frames');
  const streams = everything.heard.map((frame) => JSON.parse(frame).stream);
  assert.deepEqual(streams, ['trade.SOL_USDC', 'depth.SOL_USDC', 'bookTicker.SOL_USDC']);
  assert.equal(depth.heard[0], everything.heard[1]);

  everything.socket.send('-trade.SOL_USDC');
  await until(() => !fanOut.wants('trade.SOL_USDC'), 'unsubscription');

  await fanOut.close();
  assert.equal(fanOut.wants('depth.SOL_USDC'), false);
  fanOut.publish('depth.SOL_USDC', 'after close');
  app.publish('depth.SOL_USDC', 'from the app');
  await until(() => depth.heard.length === 2, 'the frame of the app itself');
  assert.equal(depth.heard[1], 'from the app');
  depth.socket.terminate();
  everything.socket.terminate();
  app.close();
});
