import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Packr } from 'msgpackr';
import { BesiegedVenue, signedHeaders } from './hostile-client.fixture.ts';
import type { Signer } from './orders/venue.fixture.ts';
import type { TestSocket } from './ws/socket.fixture.ts';

/** What all of it together may cost the venue in memory that stays; the bombs ask for gigabytes. */
const GROWTH_BYTES_MAX = 256 * 2 ** 20;

/** Text of the hostile requests that must not be found in the log. */
const MARK = 'hostile-payload-mark';

const ORDER = { orderType: 'Limit', price: '1', quantity: '1', side: 'Bid', symbol: 'AAA_USD' };

let venue: BesiegedVenue;
let trader: Signer;
let victim: Signer;
let socket: TestSocket;
let residentBytes = 0;

before(async () => {
  venue = await BesiegedVenue.open();
  trader = await venue.addTrader('hostile');
  victim = await venue.addTrader('victim');
  socket = await venue.socket();
  await socket.logIn({ accountId: 0, signer: trader });
  residentBytes = await venue.metric('process_resident_memory_bytes');
});
after(() => venue.close());

/** A request whose body is `text`, with a signature that is good for `fields` at best. */
function post(text: string | Buffer, fields: object = {}): ReturnType<BesiegedVenue['http']> {
  const headers = signedHeaders(trader, 'orderExecute', fields as Record<string, unknown>);
  return venue.http('/api/v1/order', { method: 'POST', headers, body: text });
}

const NAMED_CODES = new Set([
  'INVALID_CLIENT_REQUEST',
  'INVALID_SIGNATURE',
  'INVALID_PRICE',
  'INVALID_QUANTITY',
  'INVALID_RANGE',
  'INVALID_MARKET',
  'PAYLOAD_TOO_LARGE',
]);

const NUMBERS: [name: string, json: string][] = [
  ['NaN', 'NaN'],
  ['Infinity', '-Infinity'],
  ['an exponent', '1e308'],
  ['an exponent in text', '"1e3"'],
  ['19 digits', '1234567890123456789'],
  ['19 digits in text', '"1234567890123456789"'],
  ['a negative number', '"-1"'],
  ['a negative zero', '"-0"'],
  ['hexadecimal', '"0x10"'],
  ['a plus', '"+1"'],
  ['a space', '" 1"'],
  ['other digits', '"١"'],
  ['nothing', '""'],
  ['30,000 digits', `"${'9'.repeat(30_000)}"`],
  ['30,000 decimals', `"0.${'0'.repeat(30_000)}1"`],
  ['an array', '["1"]'],
  ['an object', '{"toString":"1"}'],
];

test('numbers that are none are refused by name, over REST and websocket', async () => {
  for (const field of ['price', 'quantity']) {
    for (const [name, json] of NUMBERS) {
      const text = JSON.stringify({ ...ORDER, [field]: MARK }).replace(`"${MARK}"`, json);
      const fields = { ...ORDER, [field]: readable(json) };
      const answer = await post(text, fields);
      assert.ok(answer.status >= 400 && answer.status < 500, `${field} is ${name}: ${answer.text}`);
      assert.ok(NAMED_CODES.has(answer.code!), `${field} is ${name}: ${answer.text}`);
      socket.send(`{"id":"${field} ${name}","method":"order.place","params":${text}}`);
      const reply = await socket.frame((frame) => 'error' in frame);
      assert.notEqual(reply.status, 500, name);
      assert.notEqual(reply.status, 200, name);
    }
  }
});

function readable(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

test('a text of a megabyte is refused before it is read', async () => {
  const answer = await post(JSON.stringify({ ...ORDER, price: '9'.repeat(1_000_000) }));
  assert.deepEqual([answer.status, answer.code], [413, 'PAYLOAD_TOO_LARGE']);
});

test('a key that stands twice counts once, and __proto__ is a key like any other', async () => {
  const twice = JSON.stringify(ORDER).replace('{', '{"price":"999999",');
  const last = await post(twice, ORDER);
  assert.equal(last.status, 200, last.text);
  assert.equal((JSON.parse(last.text) as { price: string }).price, '1');
  for (const key of ['__proto__', 'constructor', 'prototype', 'hasOwnProperty']) {
    const polluted = `{"${key}":{"price":"5","isPolluted":true},"symbol":"AAA_USD"}`;
    const answer = await post(polluted, JSON.parse(polluted) as object);
    assert.ok(answer.status >= 400 && answer.status < 500, `${key}: ${answer.text}`);
    socket.send(`{"id":"${key}","method":"order.place","params":${polluted}}`);
    assert.equal((await socket.frame((frame) => frame.id === key)).status, 400);
  }
  await socket.request('order.cancelAll', {});
});

test('nesting without end is refused over REST and websocket', async () => {
  for (const text of [
    `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
    `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    `{"price":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
    '['.repeat(60_000),
  ]) {
    const answer = await post(text);
    assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
    assert.ok(NAMED_CODES.has(answer.code!), answer.text);
    socket.send(text);
    const reply = await socket.frame((frame) => 'error' in frame);
    assert.notEqual((reply.error as { code: unknown }).code, 500);
  }
});

/** The bombs of old msgpackr versions, and relatives. */
const BOMBS = [
  'dd02000000',
  'dd02000000'.repeat(4),
  'dd02000000'.repeat(4000),
  'ddffffffff',
  'dfffffffff',
  'c6ffffffff',
  'dbffffffff',
  'c9ffffffff78',
  `81${'a6706172616d73'}dd02000000`,
  `82a6${Buffer.from('method').toString('hex')}ab${Buffer.from('order.place').toString('hex')}a6${Buffer.from('params').toString('hex')}dd7fffffff`,
];

test('msgpack bombs cost nothing, on the websocket and as bodies', async () => {
  for (const hex of BOMBS) {
    const bomb = Buffer.from(hex, 'hex');
    socket.sendBinary(bomb);
    const reply = await socket.frame((frame) => 'error' in frame);
    assert.equal((reply.error as { code: unknown }).code, 4002, hex.slice(0, 40));
    const answer = await post(bomb);
    assert.deepEqual([answer.status, answer.code], [400, 'INVALID_CLIENT_REQUEST']);
  }
  for (const depth of [100, 10_000, 60_000]) {
    socket.sendBinary(Buffer.alloc(depth, 0x91));
    assert.ok('error' in (await socket.frame((frame) => 'error' in frame)));
    socket.sendBinary(Buffer.alloc(depth, 0x81));
    assert.ok('error' in (await socket.frame((frame) => 'error' in frame)));
  }
});

test('garbage in text and binary frames is answered, on a socket that stays open', async () => {
  let seed = 1;
  for (let count = 0; count < 200; count++) {
    const bytes = Buffer.alloc(1 + (count % 50));
    for (let at = 0; at < bytes.length; at++) {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      bytes[at] = seed >>> 16;
    }
    if (count % 2 === 0) socket.sendBinary(bytes);
    else socket.send(bytes.toString('latin1'));
    assert.ok('error' in (await socket.frame((frame) => 'error' in frame)));
  }
});

test('a text frame that is no UTF-8, and one over 64 KiB, end their own socket', async () => {
  for (const ruin of [
    (hostile: TestSocket) => hostile.send('x'.repeat(64 * 1024 + 1)),
    (hostile: TestSocket) => hostile.sendBinary(Buffer.alloc(64 * 1024 + 1)),
    (hostile: TestSocket) => hostile.raw.send(Buffer.from([0xff, 0xfe, 0x80]), { binary: false }),
  ]) {
    const hostile = await venue.socket();
    hostile.raw.on('error', () => {});
    ruin(hostile);
    await hostile.closed;
  }
  assert.equal((await socket.request('order.query', {})).status, 200);
});

test('headers and addresses without end are refused by name', async () => {
  const headers = { 'x-long': 'y'.repeat(15_900), 'x-more': 'z'.repeat(500) };
  const long = await venue.http('/api/v1/time', { headers });
  assert.ok(long.status === 431, `${long.status}`);
  const query = await venue.http(`/api/v1/depth?symbol=${'x'.repeat(17_000)}`);
  assert.equal(query.status, 431);
  assert.equal(query.code, 'REQUEST_HEADER_FIELDS_TOO_LARGE');
});

test('a request of somebody else, or signed for something else, is refused', async () => {
  const headers = signedHeaders(victim, 'orderExecute', ORDER);
  const body = JSON.stringify(ORDER);
  const good = await venue.http('/api/v1/order', { method: 'POST', headers, body });
  assert.equal(good.status, 200);
  const changed = JSON.stringify({ ...ORDER, quantity: '900' });
  const replayed = [
    await venue.http('/api/v1/order', { method: 'POST', headers, body: changed }),
    await venue.http('/api/v1/order', { method: 'DELETE', headers, body }),
    await venue.http('/api/v1/order', {
      method: 'POST',
      headers: { ...headers, 'X-API-Key': trader.apiKey },
      body,
    }),
    await venue.http('/api/v1/order', {
      method: 'POST',
      headers: { ...headers, 'X-Window': '60000' },
      body,
    }),
  ];
  for (const { status, code } of replayed) {
    assert.deepEqual([status, code], [401, 'INVALID_SIGNATURE']);
  }
  const old = signedHeaders(victim, 'orderExecute', ORDER, String(Date.now() - 5001));
  const late = await venue.http('/api/v1/order', { method: 'POST', headers: old, body });
  assert.deepEqual([late.status, late.code], [400, 'INVALID_CLIENT_REQUEST']);
  const stolen = victim.frameSignature(Date.now() - 6000);
  const login = await socket.request('session.login', { signature: stolen });
  assert.equal(login.status, 400);
  const [apiKey, , timestamp, window] = trader.frameSignature();
  const foreign = [apiKey, victim.frameSignature()[1], timestamp, window];
  const forged = await socket.request('session.login', { signature: foreign });
  assert.equal((forged.error as { code: string }).code, 'INVALID_SIGNATURE');
  assert.equal((await socket.request('order.query', {})).status, 200, 'still who it was');
});

test("another account's order is unknown to everybody else, and stays as it is", async () => {
  const placed = await venue.signed(victim, 'POST', '/api/v1/order', 'orderExecute', {
    ...{ ...ORDER, clientId: 7 },
  });
  const { id } = JSON.parse(placed.text) as { id: string };
  const { symbol } = ORDER;
  const before = await venue.signed(victim, 'GET', '/api/v1/order', 'orderQuery', {
    orderId: id,
    symbol,
  });
  assert.equal(before.status, 200);
  const asked = await Promise.all([
    venue.signed(trader, 'GET', '/api/v1/order', 'orderQuery', { orderId: id, symbol }),
    venue.signed(trader, 'DELETE', '/api/v1/order', 'orderCancel', { orderId: id, symbol }),
    venue.signed(trader, 'PATCH', '/api/v1/order', 'orderModify', {
      ...{ orderId: id, price: '2', symbol },
    }),
    venue.signed(trader, 'PATCH', '/api/v1/order', 'orderModify', {
      ...{ orderId: id, reduceQuantity: '0.5', symbol },
    }),
    venue.signed(trader, 'GET', '/api/v1/order', 'orderQuery', { clientId: 7, symbol }),
  ]);
  // A step is a whole AAA, so the reduction is refused for what it says itself.
  const answers = asked.map(({ status, text }) => `${status} ${text}`);
  const unknown = '404 {"code":"RESOURCE_NOT_FOUND","message":"Not Found"}';
  assert.deepEqual(
    answers.filter((answer) => answer !== unknown),
    [answers[3]],
  );
  assert.match(answers[3]!, /^400 /);
  for (const isBinary of [false, true]) {
    for (const method of ['order.query', 'order.cancel', 'order.reduce', 'order.replace']) {
      const params = { symbol, orderId: id, ...fieldsOf(method) };
      const reply = await socket.request(method, { params }, isBinary);
      assert.deepEqual(
        [reply.status, reply.error],
        [404, { code: 'RESOURCE_NOT_FOUND', message: 'Not Found' }],
      );
    }
  }
  assert.deepEqual((await socket.request('order.query', {})).result, []);
  const afterwards = await venue.signed(victim, 'GET', '/api/v1/order', 'orderQuery', {
    orderId: id,
    symbol,
  });
  assert.equal(afterwards.text, before.text);
});

function fieldsOf(method: string): object {
  if (method === 'order.reduce') return { quantity: '1' };
  return method === 'order.replace' ? { price: '2' } : {};
}

test('odd msgpack values in every place are refused with a code', async () => {
  const packr = new Packr({ useRecords: false, moreTypes: true });
  const odd = [2n ** 63n, new Date(Number.NaN), new Map([[{}, []]]), new Set([1]), /x/, Number.NaN];
  for (const [index, value] of odd.entries()) {
    for (const field of ['symbol', 'price', 'clientId', 'postOnly', 'timeInForce']) {
      const id = `${index} ${field}`;
      socket.sendBinary(
        packr.pack({ id, method: 'order.place', params: { ...ORDER, [field]: value } }),
      );
      const reply = await socket.frame((frame) => frame.id === id || frame.id === null);
      const { code } = reply.error as { code: unknown };
      assert.ok(
        reply.id === null ? code === 4002 : reply.status! >= 400 && reply.status! < 500,
        id,
      );
    }
  }
});

test('after all of it the venue trades, has not grown, and has told nobody what it was sent', async () => {
  const placed = await socket.request('order.place', { params: ORDER });
  assert.equal(placed.status, 200);
  await socket.request('order.cancelAll', {});
  const report = await venue.operator.admin('GET', '/admin/audit');
  assert.equal(report.balanced, true);
  const grown = (await venue.metric('process_resident_memory_bytes')) - residentBytes;
  assert.ok(grown < GROWTH_BYTES_MAX, `${grown} bytes`);
  assert.equal(venue.process.child.exitCode, null);
  const { log } = venue;
  for (const secret of [
    MARK,
    trader.apiKey,
    victim.apiKey,
    '999999',
    'isPolluted',
    'X-Signature',
  ]) {
    assert.equal(log.includes(secret), false, `${secret} in the log:\n${log}`);
  }
  assert.equal(venue.process.stderr.includes('failed:'), false, venue.process.stderr);
  await socket.close();
});
