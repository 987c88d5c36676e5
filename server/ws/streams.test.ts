import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Permission } from '../../engine/protocol/enums.ts';
import { Signer, type Trader } from '../orders/venue.fixture.ts';
import { SocketVenue } from './socket.fixture.ts';

let venue: SocketVenue;
let trader: Trader;

before(async () => {
  venue = await SocketVenue.open();
  trader = await venue.venue.addTrader();
});
after(() => venue.close());

function publish(stream: string, sequence: number): void {
  venue.app.publish(stream, JSON.stringify({ data: { sequence }, stream }));
}

test('a stream is heard once however often it is subscribed, until it is unsubscribed', async () => {
  const socket = await venue.connect();
  const stream = 'trade.SOL_USDC';
  for (let count = 0; count < 3; count++) socket.send({ method: 'SUBSCRIBE', params: [stream] });
  socket.send({ method: 'SUBSCRIBE', params: [stream], id: 9 });
  assert.deepEqual(await socket.frame(() => true), { id: 9, result: null });
  assert.equal(venue.subscribed.filter((name) => name === stream).length, 1);
  publish(stream, 1);
  assert.deepEqual(await socket.frame(() => true), { data: { sequence: 1 }, stream });
  socket.send({ method: 'UNSUBSCRIBE', params: [stream], id: 'off' });
  assert.deepEqual(await socket.frame(() => true), { id: 'off', result: null });
  publish(stream, 2);
  socket.send({ method: 'SUBSCRIBE', params: ['ticker.SOL_USDC'], id: 'end' });
  assert.deepEqual(await socket.frame(() => true), { id: 'end', result: null });
  await socket.close();
});

test('unknown symbols are silent, unknown streams are named, and a bad frame changes nothing', async () => {
  const socket = await venue.connect();
  socket.send({ method: 'SUBSCRIBE', params: ['depth.DOGE_USDC', 'trade.toString'], id: 1 });
  assert.deepEqual(await socket.frame(() => true), { id: 1, result: null });
  const invalid = { code: 4006, message: 'Invalid stream' };
  for (const params of [['depths.SOL_USDC'], ['depth'], ['account'], [7], [''], ['__proto__.x']]) {
    socket.send({ method: 'SUBSCRIBE', params });
    assert.deepEqual(await socket.frame(() => true), { id: null, error: invalid });
  }
  socket.send({ method: 'SUBSCRIBE', params: ['depth.3ms.SOL_USDC'] });
  assert.deepEqual((await socket.frame(() => true)).error, {
    code: 4008,
    message: 'Invalid depth window',
  });
  socket.send({ method: 'SUBSCRIBE', params: ['bookTicker.ETH_USDC', 'nonsense'] });
  assert.deepEqual((await socket.frame(() => true)).error, invalid);
  publish('bookTicker.ETH_USDC', 1);
  socket.send({ method: 'UNSUBSCRIBE', params: ['trade.SOL_USDC'], id: 2 });
  assert.deepEqual(await socket.frame(() => true), { id: 2, result: null });
  await socket.close();
});

test('a private stream needs a signature, and is heard by its own account only', async () => {
  const stranger = await venue.venue.addTrader();
  const tradesOnly = await venue.venue.addTrader(Permission.Trade);
  const socket = await venue.connect();
  const params = ['account.orderUpdate.SOL_USDC', 'account.balanceUpdate', 'trade.SOL_USDC'];
  const [apiKey, signature, timestamp, window] = trader.signer.frameSignature();
  for (const [attempt, message] of [
    [undefined, 'Invalid signature'],
    ['x', 'Invalid signature'],
    [[apiKey, signature, timestamp, 5000], 'Invalid signature'],
    [
      [apiKey, signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')), timestamp, window],
      'Invalid signature',
    ],
    [new Signer().frameSignature(), 'Unknown API key'],
    [trader.signer.frameSignature(Date.now() - 10_000), 'Request has expired'],
    [tradesOnly.signer.frameSignature(), 'The API key does not have the permission for this'],
  ] as const) {
    socket.send({ method: 'SUBSCRIBE', params, signature: attempt });
    const frame = await socket.frame(() => true);
    assert.deepEqual(frame, { id: null, error: { code: 4003, message } });
  }
  const mine = await venue.connect();
  const others = await venue.connect();
  mine.send({ method: 'SUBSCRIBE', params, signature: trader.signer.frameSignature(), id: 1 });
  await mine.frame((frame) => frame.id === 1);
  others.send({ method: 'SUBSCRIBE', params, signature: stranger.signer.frameSignature(), id: 1 });
  await others.frame((frame) => frame.id === 1);
  await mine.logIn(trader);
  const order = { symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price: '9', quantity: '1' };
  await mine.request('order.place', { params: { ...order, symbol: 'ETH_USDC' } });
  await mine.request('order.place', { params: order });
  // The first order locked USDC, the second is told in front of what it locked.
  for (const expected of [
    ['account.balanceUpdate', 'USDC', '9.0045'],
    ['account.orderUpdate.SOL_USDC', 'SOL_USDC', undefined],
    ['account.balanceUpdate', 'USDC', '18.009'],
  ]) {
    const { stream, data } = await mine.frame((frame) => 'data' in frame);
    const { s, a, L } = data as { s?: string; a?: string; L?: string };
    assert.deepEqual([stream, s ?? a, L], expected);
  }
  mine.send({ method: 'UNSUBSCRIBE', params });
  await mine.request('order.cancelAll', {});
  assert.equal(mine.frames.length, 0);
  assert.equal(others.frames.length, 0);
  await Promise.all([socket.close(), mine.close(), others.close()]);
});

test('a socket that does not read is closed by name, having missed nothing, and others are not held up', async () => {
  const stream = 'depth.SOL_USDC';
  const slow = await venue.connect();
  const healthy = await venue.connect();
  for (const socket of [slow, healthy]) {
    socket.send({ method: 'SUBSCRIBE', params: [stream], id: 1 });
    await socket.frame((frame) => frame.id === 1);
  }
  slow.raw.pause();
  const padding = 'x'.repeat(64 * 1024);
  const connections = venue.server.connectionCount;
  let published = 0;
  while (venue.server.connectionCount === connections) {
    assert.ok(published < 3000, 'the slow socket is never closed');
    const data = { sequence: published++, padding };
    venue.app.publish(stream, JSON.stringify({ data, stream }));
    await healthy.frame((frame) => 'data' in frame);
  }
  slow.raw.resume();
  assert.deepEqual(await slow.closed, { code: 1008, reason: 'slow consumer' });
  const sequences = slow.frames.map((frame) => (frame.data as { sequence: number }).sequence);
  assert.deepEqual(
    sequences,
    Array.from({ length: sequences.length }, (_, index) => index),
  );
  assert.ok(sequences.length > published - 10);
  await healthy.close();
});

test('replies to a socket that does not read are bounded the same way', async () => {
  const socket = await venue.connect();
  await socket.logIn(trader);
  const order = { symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price: '8', quantity: '1' };
  for (let count = 0; count < 40; count++) {
    await socket.request('order.batch', { params: Array.from({ length: 50 }, () => order) });
  }
  const connections = venue.server.connectionCount;
  socket.raw.pause();
  let requests = 0;
  while (venue.server.connectionCount === connections) {
    assert.ok(requests++ < 200, 'the slow socket is never closed');
    socket.send({ id: `query ${requests}`, method: 'order.query' });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  socket.raw.resume();
  assert.deepEqual(await socket.closed, { code: 1008, reason: 'slow consumer' });
  const other = await venue.connect();
  await other.logIn(trader);
  await other.request('order.cancelAll', {});
  await other.close();
});
