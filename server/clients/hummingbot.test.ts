import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { until } from '../../persistence/testing/until.ts';
import { type CcxtTrader, useCcxtVenue } from '../ccxt/ccxt-venue.fixture.ts';
import { SOL, trade } from '../ccxt/trading.fixture.ts';

/**
 * What hummingbot's connector `backpack` asks for, sent as it sends it: values are signed as they are, POST and DELETE
 * carry what they are signed over as JSON with spaces, client ids are numbers, and streams are dialled at the root.
 * https://github.com/hummingbot/hummingbot/tree/master/hummingbot/connector/exchange/backpack
 */

let maker: CcxtTrader;
let bot: CcxtTrader;
let key: KeyObject;

const venue = useCcxtVenue(async (venue) => {
  maker = await venue.trader('maker');
  bot = await venue.trader('bot');
  const seed = Buffer.from(bot.credentials.secret, 'base64');
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  await trade(maker, bot, SOL, 'buy', 1, 100);
});

type Fields = Readonly<Record<string, string | number | boolean>>;
type Answer = Record<string, unknown> & Record<string, never>;

function signatureOf(instruction: string, fields: Fields, timestampMs: number): string {
  const signed = Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name]}&`);
  const text = `instruction=${instruction}&${signed.join('')}timestamp=${timestampMs}&window=5000`;
  return sign(null, Buffer.from(text), key).toString('base64');
}

async function ask(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  instruction: string,
  fields: Fields = {},
  timestampMs = Date.now(),
): Promise<{ status: number; answer: Answer; text: string }> {
  const isGet = method === 'GET';
  const texts = Object.entries(fields).map(([name, value]): [string, string] => [name, `${value}`]);
  const query = isGet && texts.length > 0 ? `?${new URLSearchParams(texts)}` : '';
  const reply = await fetch(`${venue().url}/${path}${query}`, {
    method,
    headers: {
      'X-Timestamp': String(timestampMs),
      'X-Window': '5000',
      'X-API-Key': bot.credentials.apiKey,
      'X-Signature': signatureOf(instruction, fields, timestampMs),
      'X-BROKER-ID': '2200',
      ...(isGet ? {} : { 'Content-Type': 'application/json' }),
    },
    // As Python's `json.dumps` spaces it.
    ...(isGet ? {} : { body: JSON.stringify(fields).replace(/([,:])"/g, '$1 "') }),
  });
  const text = await reply.text();
  return { status: reply.status, answer: JSON.parse(text), text };
}

async function publicText(path: string): Promise<string> {
  const reply = await fetch(`${venue().url}/${path}`);
  assert.equal(reply.status, 200);
  return reply.text();
}

async function publicJson<T>(path: string): Promise<T> {
  return JSON.parse(await publicText(path)) as T;
}

const placeOrder = (clientId: number, fields: Fields = {}) =>
  ask('POST', 'api/v1/order', 'orderExecute', {
    ...{ symbol: 'SOL_USDC', side: 'Bid', quantity: '0.50', clientId, orderType: 'Limit' },
    ...{ price: '90.10', postOnly: true, timeInForce: 'GTC', ...fields },
  });

test('the clock is a number of milliseconds as text, and the venue is up', async () => {
  const timeMs = Number.parseFloat(await publicText('api/v1/time'));
  assert.ok(Math.abs(timeMs - Date.now()) < 60_000);
  await publicText('api/v1/ping');
});

test('trading rules are in the markets, which are visible spot markets', async () => {
  const markets = await publicJson<Record<string, never>[]>('api/v1/markets');
  const [market] = markets.filter(({ symbol }) => symbol === 'SOL_USDC');
  const { visible, marketType, baseSymbol, quoteSymbol, filters } = market as Answer;
  assert.deepEqual([visible, marketType], [true, 'SPOT']);
  assert.deepEqual([baseSymbol, quoteSymbol], ['SOL', 'USDC']);
  const { price, quantity } = filters as { price: Answer; quantity: Answer };
  const rules = [quantity.minQuantity, price.tickSize, quantity.stepSize];
  assert.deepEqual(rules, ['0.01', '0.01', '0.01']);
});

test('last prices are numbers, also of a market that never traded', async () => {
  const tickers = await publicJson<{ symbol: string; lastPrice: string }[]>('api/v1/tickers');
  for (const { lastPrice } of tickers) assert.ok(Number.isFinite(Number.parseFloat(lastPrice)));
  const one = await publicJson<{ lastPrice: string }>('api/v1/ticker?symbol=SOL_USDC');
  assert.equal(Number.parseFloat(one.lastPrice), 100);
});

test('an order lives by its client id, and is not found once it has ended', async () => {
  const placed = await placeOrder(4_000_000_001);
  assert.equal(placed.status, 200);
  assert.equal(typeof placed.answer.id, 'string');
  assert.ok(Math.abs(Number(placed.answer.createdAt) - Date.now()) < 60_000, 'milliseconds');
  const name = { symbol: 'SOL_USDC', clientId: '4000000001' };
  const found = await ask('GET', 'api/v1/order', 'orderQuery', name);
  assert.deepEqual([found.answer.status, found.answer.id], ['New', placed.answer.id]);
  const numbered = { ...name, clientId: 4_000_000_001 };
  const cancelled = await ask('DELETE', 'api/v1/order', 'orderCancel', numbered);
  assert.equal(cancelled.answer.status, 'Cancelled');
  const gone = [
    await ask('GET', 'api/v1/order', 'orderQuery', name),
    await ask('DELETE', 'api/v1/order', 'orderCancel', numbered),
  ];
  for (const { status, text } of gone) {
    assert.equal(status, 404);
    assert.ok(text.includes('RESOURCE_NOT_FOUND') && text.includes('Not Found'));
  }
});

test('an order that would take when it may not is refused in the words it looks for', async () => {
  await maker.rest.createOrder(SOL, 'limit', 'sell', 1, 101);
  const { status, text } = await placeOrder(5, { price: '101' });
  assert.equal(status, 400);
  assert.match(text, /INVALID_ORDER.*Order would immediately match and take/);
  await maker.rest.cancelAllOrders(SOL);
});

test('a clock that is off is told in the words it synchronises on', async () => {
  for (const [offsetMs, words] of [
    [-6000, 'Request has expired'],
    [5000, 'Invalid timestamp'],
  ] as const) {
    const { status, text } = await ask(
      ...(['GET', 'api/v1/capital', 'balanceQuery', {}] as const),
      Date.now() + offsetMs,
    );
    assert.equal(status, 400);
    assert.ok(text.includes('INVALID_CLIENT_REQUEST') && text.includes(words), text);
  }
});

test('balances are decimal text, free and locked', async () => {
  const { answer } = await ask('GET', 'api/v1/capital', 'balanceQuery');
  const { SOL: balance } = answer as Record<string, { available: string; locked: string }>;
  const { total } = (await bot.rest.fetchBalance()).SOL!;
  assert.equal(Number(balance!.available) + Number(balance!.locked), total);
});

test("an order's fills are found by its id", async () => {
  const { takerOrder } = await trade(maker, bot, SOL, 'sell', 0.25, 100);
  const name = { symbol: 'SOL_USDC', orderId: takerOrder.id! };
  const { answer } = await ask('GET', 'wapi/v1/history/fills', 'fillHistoryQueryAll', name);
  const [fill] = answer as unknown as Answer[];
  const { orderId, price, quantity, fee, feeSymbol, timestamp, tradeId } = fill!;
  assert.deepEqual([orderId, price, quantity], [takerOrder.id, '100', '0.25']);
  assert.deepEqual([fee, feeSymbol], ['0.0125', 'USDC']);
  assert.ok(Number.isSafeInteger(tradeId));
  assert.ok(Math.abs(Date.parse(`${timestamp}Z`) - Date.now()) < 60_000, 'UTC');
});

/** The frames of one socket at the root, by stream. */
async function subscribed(
  params: readonly string[],
  signature?: readonly string[],
): Promise<{ socket: WebSocket; frames: Answer[] }> {
  const socket = new WebSocket(`${venue().url.replace('http', 'ws')}/`);
  const frames: Answer[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())));
  await once(socket, 'open');
  socket.send(JSON.stringify({ method: 'SUBSCRIBE', params, signature }));
  return { socket, frames };
}

test('depth goes on from the snapshot without a gap, and trades say who was the maker', async () => {
  const { socket, frames } = await subscribed(['trade.SOL_USDC', 'depth.SOL_USDC']);
  const of = (stream: string): Answer[] =>
    frames.filter((frame) => frame.stream === `${stream}.SOL_USDC`).map(({ data }) => data);
  await until('both are heard', async () => {
    await trade(maker, bot, SOL, 'sell', 0.25, 100);
    return of('trade').length > 0 && of('depth').length > 2;
  });
  const snapshot = await publicJson<Answer>('api/v1/depth?symbol=SOL_USDC&limit=1000');
  const lastUpdateId = Number(snapshot.lastUpdateId);
  assert.ok(Number.isSafeInteger(lastUpdateId));
  await trade(maker, bot, SOL, 'sell', 0.25, 100);
  await until('it goes on', () => of('depth').some(({ U }) => Number(U) > lastUpdateId));
  for (const [index, { U, u, a, b }] of of('depth').entries()) {
    const previous = of('depth')[index - 1];
    if (previous !== undefined) assert.equal(U, Number(previous.u) + 1);
    assert.ok(u >= U && Array.isArray(a) && Array.isArray(b));
  }
  const [first] = of('trade');
  const { s, m, t, p, q, E } = first!;
  assert.deepEqual([s, m, Number(p), Number(q)], ['SOL_USDC', true, 100, 0.25]);
  assert.ok(Number.isSafeInteger(t) && Number.isSafeInteger(E));
  socket.terminate();
});

test('its orders are told with what it reads of a fill', async () => {
  const timestampMs = Date.now();
  const signature = signatureOf('subscribe', {}, timestampMs);
  const { apiKey } = bot.credentials;
  const { socket, frames } = await subscribed(
    ['account.orderUpdate'],
    [apiKey, signature, String(timestampMs), '5000'],
  );
  const heard = (name: string): Answer[] =>
    frames.map(({ data }) => data as Answer).filter((data) => (data?.e as string) === name);
  let clientId = 100;
  await until('orders are heard', async () => {
    await placeOrder(++clientId);
    const name = { symbol: 'SOL_USDC', clientId };
    await ask('DELETE', 'api/v1/order', 'orderCancel', name);
    return heard('orderCancelled').length > 0;
  });
  await placeOrder(7, { price: '99' });
  await maker.rest.createOrder(SOL, 'limit', 'sell', 0.5, 99);
  await until('the fill is heard', () => heard('orderFill').length > 0);
  const [fill] = heard('orderFill');
  const { c, X, l, L, n, N, t, T, E, i } = fill!;
  assert.deepEqual([c, X, l, L, n, N], [7, 'Filled', '0.5', '99', '0.0099', 'USDC']);
  assert.ok(Number.isSafeInteger(t) && typeof i === 'string');
  assert.ok(Math.abs(T * 1e-3 - Date.now()) < 60_000 && E >= T, 'microseconds');
  socket.terminate();
});
