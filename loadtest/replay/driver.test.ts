import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Packr } from 'msgpackr';
import { type WebSocket, WebSocketServer } from 'ws';
import { WsClient } from '../client/ws-client.ts';
import { ReplayChecker } from './checker.ts';
import { CommandFrames, commandOfRequestId } from './command-frames.ts';
import { commandsOf } from './commands.ts';
import { ReplayDriver } from './driver.ts';
import { syntheticDay } from './synthetic-day.ts';

const SYMBOL = 'ABC_USD';
const packr = new Packr({ useRecords: false });
const list = commandsOf(syntheticDay());

interface Request {
  readonly id: number;
  readonly method: string;
}

/** A peer that acknowledges subscriptions with a heartbeat behind, and hands orders to `onOrder`. */
async function startDriver(
  context: TestContext,
  onOrder: (request: Request, socket: WebSocket) => void,
) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/ws' });
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        onOrder(packr.unpack(data) as Request, socket);
        return;
      }
      const { id, method } = JSON.parse(data.toString('utf8')) as Request;
      socket.send(JSON.stringify({ id, status: 200, result: null }));
      const heartbeat = { E: 1, T: 1, U: 1, a: [], b: [], e: 'depth', s: SYMBOL, u: 1 };
      const frame = JSON.stringify({ data: heartbeat, stream: `depth.${SYMBOL}` });
      if (method === 'SUBSCRIBE') socket.send(frame);
    });
  });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const feed = await WsClient.connect(url, 'json');
  const sessions = [await WsClient.connect(url), await WsClient.connect(url)];
  context.after(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const checker = new ReplayChecker(list, syntheticDay().books);
  const driver = new ReplayDriver({
    list,
    frames: new CommandFrames(list.commands, SYMBOL),
    checker,
    sessions,
    feed,
    symbol: SYMBOL,
    pipelineDepth: 64,
  });
  return { driver, checker };
}

function reply(id: number, socket: WebSocket): void {
  const result = { id: '1', quantity: '0', executedQuantity: '0', fills: [], depthUpdateId: 1 };
  socket.send(packr.pack({ id, status: 200, ack: 'accepted', result }));
}

test('nothing is sent before the run, although the streams speak', async (context) => {
  let orders = 0;
  const { driver, checker } = await startDriver(context, () => orders++);
  await driver.subscribe();
  while (checker.queue.isEmpty) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(driver.sent, 0);
  assert.equal(orders, 0);
});

test('commands keep their order, and change accounts or reuse ids only when all is answered', async (context) => {
  const order: number[] = [];
  const outstanding: number[] = [];
  const { driver, checker } = await startDriver(context, ({ id }, socket) => {
    const command = commandOfRequestId(id);
    const { account } = list.commands[command]!;
    for (const open of outstanding) {
      assert.equal(list.commands[open]!.account, account, `${command} sent while ${open} is open`);
      assert.notEqual(open, list.waitFor[command], `${command} sent before ${open} was answered`);
    }
    order.push(command);
    outstanding.push(command);
    setTimeout(() => {
      outstanding.splice(outstanding.indexOf(command), 1);
      reply(id, socket);
    }, 2);
  });
  await driver.subscribe();
  checker.start(1);
  await driver.run();
  assert.deepEqual(
    order,
    list.commands.map((_, index) => index),
  );
  assert.equal(driver.latenciesMs.length, list.commands.length);
  assert.equal(
    driver.latenciesMs.every((ms) => ms >= 1),
    true,
  );
});

test('a socket that closes stops the replay by name', async (context) => {
  const { driver, checker } = await startDriver(context, (_request, socket) => {
    socket.close(1008, 'slow consumer');
  });
  await driver.subscribe();
  checker.start(1);
  await assert.rejects(() => driver.run(), /order socket closed \(1008 slow consumer\)/);
});

test('a reply to a request that is not open stops the replay', async (context) => {
  const { driver, checker } = await startDriver(context, (_request, socket) => reply(9, socket));
  await driver.subscribe();
  checker.start(1);
  await assert.rejects(() => driver.run(), /request 9, which is not open/);
});
