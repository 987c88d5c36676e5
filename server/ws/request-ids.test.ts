import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SocketVenue } from './socket.fixture.ts';

let venue: SocketVenue;
before(async () => {
  venue = await SocketVenue.open();
});
after(() => venue.close());

/** `{id, method: 'session.status'}` in msgpack, with an id of these bytes. */
function statusFrame(id: string): Buffer {
  const [idName, methodName, method] = ['id', 'method', 'session.status'].map((text) =>
    Buffer.concat([Buffer.from([0xa0 + text.length]), Buffer.from(text)]),
  );
  return Buffer.concat([
    ...[Buffer.from([0x82]), idName!, Buffer.from(id, 'hex'), methodName!, method!],
  ]);
}

const KEPT: [frame: string | Buffer, id: unknown][] = [
  ...['9007199254740991', '-9007199254740991', '0', '-1', '1.5', '1e3', '0.1', '""', '"1e400"'].map(
    (id): [string, unknown] => [`{"id":${id},"method":"session.status"}`, JSON.parse(id)],
  ),
  [statusFrame('cf001fffffffffffff'), 2 ** 53 - 1],
  [statusFrame('d3ffe0000000000001'), 1 - 2 ** 53],
  [statusFrame('cb3ff8000000000000'), 1.5],
  [statusFrame('ff'), -1],
];

const REFUSED: (string | Buffer)[] = [
  ...['9007199254740993', '9007199254740992', '1795442829046915123', '-9007199254740992'].map(
    (id) => `{"id":${id},"method":"session.status"}`,
  ),
  ...['1e16', '1e400', 'null', 'true', '[1]', `"${'x'.repeat(129)}"`].map(
    (id) => `{"id":${id},"method":"session.status"}`,
  ),
  // uint64, int64, float64, and the extension for longer integers.
  ...['cf0020000000000000', 'cfffffffffffffffff', 'd3ffe0000000000000', 'd38000000000000000'].map(
    statusFrame,
  ),
  ...['cb4340000000000000', 'cb7ff0000000000000', 'cb7ff8000000000000', 'd64200000005', 'c0'].map(
    statusFrame,
  ),
];

test('an id that can be sent back exactly comes back, any other is refused by name', async () => {
  const socket = await venue.connect();
  const ask = (frame: string | Buffer) => {
    if (Buffer.isBuffer(frame)) socket.sendBinary(frame);
    else socket.send(frame);
    return socket.frame(() => true);
  };
  for (const [frame, id] of KEPT) {
    const reply = await ask(frame);
    assert.deepEqual([reply.id, reply.status], [id, 200], String(frame));
  }
  const message =
    '`id` must be a number within ±9007199254740991 or a string of up to 128 characters';
  for (const frame of REFUSED) {
    const { id, status, error } = await ask(frame);
    const what = Buffer.isBuffer(frame) ? frame.toString('hex') : frame;
    assert.deepEqual([id, status], [null, 400], what);
    assert.deepEqual(error, { code: 'INVALID_CLIENT_REQUEST', message }, what);
  }
  await socket.close();
});
