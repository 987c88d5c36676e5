import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Packr } from 'msgpackr';
import type { Trader } from '../orders/venue.fixture.ts';
import { SocketVenue } from './socket.fixture.ts';

let venue: SocketVenue;
let trader: Trader;

before(async () => {
  venue = await SocketVenue.open();
  trader = await venue.venue.addTrader();
});
after(() => venue.close());

const packr = new Packr({ useRecords: false });
const bomb = Buffer.from('dd02000000'.repeat(4), 'hex');
const PARSE_ERROR = { id: null, error: { code: 4002, message: 'Parse error' } };

const MALFORMED: [name: string, frame: string | Buffer][] = [
  ['no JSON', 'hello'],
  ['nothing', ''],
  ['half an object', '{"id":1,"method":"order.place"'],
  ['a number', '5'],
  ['null', 'null'],
  ['an array', '[{"method":"SUBSCRIBE"}]'],
  ['no method', '{"id":1}'],
  ['a method that is no text', '{"method":{"toString":1}}'],
  ['a method behind __proto__', '{"__proto__":{"method":"SUBSCRIBE"}}'],
  ['deep nesting', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ['a msgpack bomb', bomb],
  ['a map of 2^32 entries', Buffer.from('dfffffffff', 'hex')],
  ['a text of 2^32 bytes', Buffer.from('dbffffffff', 'hex')],
  ['a half frame', packr.pack({ id: 1, method: 'order.place' }).subarray(0, 10)],
  ['two frames in one', Buffer.concat([packr.pack({ id: 1 }), packr.pack({ id: 2 })])],
  ['deep msgpack nesting', Buffer.alloc(60_000, 0x91)],
  ['a record definition', Buffer.from('d4720091a16101', 'hex')],
  ['a date', packr.pack(new Date(0))],
  ['nil', Buffer.from('c0', 'hex')],
  ['an empty binary frame', Buffer.alloc(0)],
];

test('malformed frames get a named error on a socket that stays open', async () => {
  const socket = await venue.connect();
  for (const [name, frame] of MALFORMED) {
    if (Buffer.isBuffer(frame)) socket.sendBinary(frame);
    else socket.send(frame);
    assert.deepEqual(await socket.frame(() => true), PARSE_ERROR, name);
  }
  assert.equal((await socket.request('order.query', {})).status, 401);
  await socket.close();
});

const ODD_VALUES: unknown[] = [
  null,
  true,
  -1,
  1e308,
  Number.NaN,
  '',
  'x'.repeat(10_000),
  [],
  [[[[[]]]]],
  {},
  { toString: 'x', valueOf: 1, constructor: null },
  { length: -1, 0: 'x' },
  new Date(0),
  Buffer.from('bytes'),
  2n ** 63n,
  new Set([1]),
  /x/,
  new Error('x'),
];

test('wrong types in every place are refused with a code, and others trade on', async () => {
  const hostile = await venue.connect();
  await hostile.logIn(trader);
  const other = await venue.connect();
  await other.logIn(trader);
  const order = { symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price: '5', quantity: '1' };
  const rich = new Packr({ useRecords: false, moreTypes: true });
  for (const [index, value] of ODD_VALUES.entries()) {
    const frames: object[] = [
      { method: 'order.place', params: value },
      { method: 'order.batch', params: [value] },
      { method: 'order.cancel', params: { symbol: 'SOL_USDC', orderId: value ?? {} } },
      { method: 'session.login', signature: value },
      { method: 'session.login', signature: [value, value, value, value] },
      ...Object.keys(order).map((field) => ({
        method: 'order.place',
        params: { ...order, [field]: value ?? {} },
      })),
    ];
    for (const [at, frame] of frames.entries()) {
      const id = `${index} ${at}`;
      hostile.sendBinary(rich.pack({ id, ...frame }));
      const reply = await hostile.frame((received) => received.id === id);
      const items = reply.result as unknown as { operation: string }[] | undefined;
      assert.ok(reply.status === 200 ? items?.[0]?.operation === 'Err' : reply.error, id);
    }
  }
  assert.deepEqual((await other.request('order.query', {})).result, []);
  assert.equal((await other.request('order.place', { params: order })).status, 200);
  await other.request('order.cancelAll', {});
  await Promise.all([hostile.close(), other.close()]);
});

test('a frame over the limit ends its own socket alone', async () => {
  const hostile = await venue.connect();
  const other = await venue.connect();
  hostile.raw.on('error', () => {});
  hostile.send('x'.repeat(64 * 1024 + 1));
  await hostile.closed;
  await other.logIn(trader);
  assert.equal((await other.request('order.query', {})).status, 200);
  await other.close();
});
