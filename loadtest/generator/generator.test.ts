import uWebSockets from 'uWebSockets.js';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Packr } from 'msgpackr';
import { generateKeyPair, secretOf } from '../client/signing.ts';
import { Generator } from './generator.ts';
import type { GeneratorReport } from './messages.ts';

const packr = new Packr({ useRecords: false });
const WORK = { kind: 'cancel-storm', restingPerConnection: 10, levels: 5 } as const;
const MARKET = {
  ...{ symbol: 'A_Q', priceDecimals: 2, quantityDecimals: 3 },
  ...{ tickUnits: 1, lotUnits: 1, midTicks: 10_000, reachTicks: 9_999 },
};
const closing: (() => void)[] = [];
after(() => {
  for (const close of closing) close();
});

type Socket = uWebSockets.WebSocket<unknown>;

/** A venue that logs everybody in and leaves the answers to requests to `answer`. */
async function startVenue(answer: (id: number, sockets: readonly Socket[], own: Socket) => void) {
  const sockets: Socket[] = [];
  const app = uWebSockets.App();
  app.ws('/ws', {
    open: (socket) => {
      sockets.push(socket);
    },
    message(socket, message, isBinary) {
      if (isBinary) {
        const { id } = packr.unpack(Buffer.from(new Uint8Array(message))) as { id: number };
        answer(id, sockets, socket);
      } else socket.send('{"id":0,"status":200,"result":{}}');
    },
  });
  const port = await new Promise<number>((resolve) => {
    app.listen('127.0.0.1', 0, (listening) => {
      assert.ok(listening !== false);
      resolve(uWebSockets.us_socket_local_port(listening));
    });
  });
  closing.push(() => app.close());
  return `http://127.0.0.1:${port}`;
}

async function run(url: string): Promise<GeneratorReport> {
  const accounts = [generateKeyPair(), generateKeyPair()].map((keyPair) => ({
    apiKey: keyPair.apiKey,
    secret: secretOf(keyPair),
  }));
  const setup = {
    ...{
      process: 0,
      processes: 1,
      streamUrl: url,
      encoding: 'msgpack' as const,
      firstConnection: 0,
    },
    ...{ accounts, markets: [MARKET], work: WORK, seed: 1, warmUpSeconds: 0, sharesClock: true },
    schedule: { kind: 'constant', rate: 200, seconds: 0.5 } as const,
    drainTimeoutMs: 500,
  };
  const generator = new Generator(setup, WORK);
  await generator.connect();
  await generator.prelude();
  return generator.run(performance.timeOrigin + performance.now());
}

const reply = (id: number): Buffer => packr.pack({ id, status: 200, result: { id: '1' } });

test('a second reply to a request is counted, and ends nothing else', async () => {
  const url = await startVenue((id, _sockets, own) => {
    own.send(reply(id), true);
    own.send(reply(id), true);
  });
  const { all, strayReplies } = await run(url);
  assert.ok(all.sent > 100);
  assert.equal(all.acknowledged, all.sent);
  assert.equal(strayReplies, all.sent);
});

test('a reply on a connection that did not ask is no answer', async () => {
  const url = await startVenue((id, sockets, own) => {
    // The first twenty are what rests before the start.
    if (id <= 20 || own === sockets[0]) own.send(reply(id), true);
    else sockets[0]!.send(reply(id), true);
  });
  const { all, strayReplies } = await run(url);
  assert.ok(strayReplies > 0);
  assert.equal(all.unknown, strayReplies);
  assert.equal(all.acknowledged + all.unknown, all.sent);
});
