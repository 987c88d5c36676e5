import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BesiegedVenue, textFrame, UPGRADE } from './hostile-client.fixture.ts';

/** At most `CONNECTS_AT_ONCE` are open at a time, so any usual limit of open files is enough. */
const CONNECTS = 10_000;
const CONNECTS_AT_ONCE = 200;

const GROWTH_BYTES_MAX = 256 * 2 ** 20;

/** A frame with nothing in it. */
const PING = String.fromCharCode(0x89, 0);

let venue: BesiegedVenue;

before(async () => {
  venue = await BesiegedVenue.open({
    RINGSIDE_FIRST_REQUEST_SECONDS: '2',
    RINGSIDE_PING_SECONDS: '1',
    RINGSIDE_IDLE_SECONDS: '8',
  });
});
after(() => venue.close());

/** Sends the same bytes again and again until the connection has ended; answers what was heard. */
async function drip(first: string, more: string): Promise<string> {
  const connection = await venue.raw();
  connection.send(first);
  const timer = setInterval(() => connection.send(more), 250);
  const heard = await connection.ended;
  clearInterval(timer);
  return heard;
}

test('connections that are slow, silent or half open are closed, one like the other', async () => {
  const silent = await Promise.all([
    drip('', ''),
    drip('GET /api/v1/time HTTP/1.1\r\n', 'X-A: b\r\n'),
    drip('POST /api/v1/order HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n', 'x'),
    drip(UPGRADE, 'X-A: b\r\n'),
    drip(
      `POST /api/v1/order HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`,
      '1\r\nx\r\n',
    ),
  ]);
  assert.deepEqual(silent, ['', '', '', '', '']);
  const idle = await drip('GET /api/v1/ping HTTP/1.1\r\nHost: x\r\n\r\n', '');
  assert.match(idle, /^HTTP\/1\.1 200 [\s\S]*pong$/);
});

test('a websocket that asks nothing is closed by name, and one that answers no ping is closed', async () => {
  const mute = await venue.socket();
  let pings = 0;
  mute.raw.on('ping', () => pings++);
  assert.deepEqual(await mute.closed, { code: 1008, reason: 'no request' });
  assert.ok(pings >= 1);
  const deaf = await venue.raw();
  // One request, a masked text frame, and then nothing: the pings that come are not answered.
  await deaf.send(`${UPGRADE}\r\n`).answered;
  deaf.send(textFrame('{"method":"SUBSCRIBE","params":[],"id":1}'));
  const heard = await deaf.ended;
  assert.match(heard, /"result":null/);
  assert.ok(heard.includes(PING));
});

test('a client that asks on and reads nothing costs one reply', async () => {
  const before = await venue.metric('process_resident_memory_bytes');
  const connection = await venue.raw();
  connection.socket.pause();
  const many = 'GET /api/v1/markets HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(500);
  let isOver = false;
  void connection.ended.then(() => {
    isOver = true;
  });
  for (let round = 0; round < 2000 && !isOver; round++) {
    connection.send(many);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.ok(isOver, 'it is never closed');
  const grown = (await venue.metric('process_resident_memory_bytes')) - before;
  assert.ok(grown < GROWTH_BYTES_MAX / 2, `${grown} bytes`);
});

test(`${CONNECTS} connects, websockets among them, are served and leave nothing behind`, async () => {
  let served = 0;
  for (let done = 0; done < CONNECTS; done += CONNECTS_AT_ONCE) {
    await Promise.all(
      Array.from({ length: CONNECTS_AT_ONCE }, async (_, index) => {
        const connection = await venue.raw();
        if (index % 4 === 0) {
          connection.send(`${UPGRADE}\r\n`);
          await new Promise((resolve) => connection.socket.once('data', resolve));
          connection.socket.destroy();
        } else if (index % 4 === 1) {
          connection.socket.destroy();
        } else {
          const how = index % 4 === 2 ? 'Connection: close\r\n' : '';
          connection.send(`GET /api/v1/ping HTTP/1.1\r\nHost: x\r\n${how}\r\n`);
          await new Promise((resolve) => connection.socket.once('data', resolve));
          connection.socket.destroy();
        }
        served++;
      }),
    );
  }
  assert.equal(served, Math.ceil(CONNECTS / CONNECTS_AT_ONCE) * CONNECTS_AT_ONCE);
  // The operator's own connection is on another port.
  while ((await venue.metric('ringside_connections')) > 0);
  assert.equal(await venue.metric('ringside_connections'), 0);
  assert.equal(await venue.metric('ringside_websockets'), 0);
});
