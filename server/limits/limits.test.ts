import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../api-error.ts';
import { kindOfMethod, kindOfSigned } from './charged-kind.ts';
import { DEFAULT_LIMITS, type LimitSettings } from './limit-settings.ts';
import { Limits } from './limits.ts';
import { RequestMeter } from './request-meter.ts';
import { SocketMeter } from './socket-meter.ts';

const KEY = {};

function limitsOf(settings: Partial<LimitSettings>): { limits: Limits; clock: { nowMs: number } } {
  const clock = { nowMs: 1000 };
  return { clock, limits: new Limits({ ...DEFAULT_LIMITS, ...settings }, () => clock.nowMs) };
}

function refusedBy(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof ApiError);
    assert.equal(error.status, 429);
    assert.equal(error.code, 'TOO_MANY_REQUESTS');
    return error.message;
  }
  return '';
}

test('an address pays for its requests, each address for its own', () => {
  const { limits, clock } = limitsOf({ addressRequests: { perSecond: 1, burst: 2 } });
  const ask = (address: string) => new RequestMeter(limits, limits.ofAddress(address)).admit();
  assert.equal(ask('10.0.0.1'), undefined);
  assert.equal(ask('10.0.0.1'), undefined);
  const refusal = ask('10.0.0.1');
  assert.deepEqual(
    [refusal?.status, refusal?.message, refusal?.retryAfterSeconds],
    [429, 'Too many requests from this address', 1],
  );
  assert.equal(ask('10.0.0.2'), undefined);
  for (let count = 0; count < 100; count++) assert.equal(ask('127.0.0.1'), undefined);
  clock.nowMs += 1000;
  assert.equal(ask('10.0.0.1'), undefined);
  assert.equal(limits.addressRequests.refusedCount, 1);
});

test('an IPv6 network is one address, but for those of its addresses that are not limited', () => {
  const unlimitedAddresses = new Set(['2001:db8::1']);
  const addressRequests = { perSecond: 1, burst: 2 };
  const { limits } = limitsOf({ addressRequests, unlimitedAddresses, addressSocketsMax: 2 });
  const ask = (address: string) => new RequestMeter(limits, limits.ofAddress(address)).admit();
  assert.equal(ask('2001:db8::2'), undefined);
  assert.equal(ask('2001:db8::3:4:5:6'), undefined);
  assert.equal(ask('2001:db8::2')?.status, 429);
  assert.equal(ask('2001:db8::7')?.status, 429);
  assert.equal(ask('2001:db8:0:1::2'), undefined);
  for (let count = 0; count < 100; count++) assert.equal(ask('2001:db8::1'), undefined);
  for (const host of [2, 3]) new SocketMeter(limits, `2001:db8::${host}`).opened();
  assert.equal(new SocketMeter(limits, '2001:db8::4').hasRoom, false);
  assert.equal(new SocketMeter(limits, '2001:db8:0:1::4').hasRoom, true);
});

test('a key pays for what was signed with it, cancels apart from orders', () => {
  const { limits } = limitsOf({
    keyOrders: { perSecond: 1, burst: 50 },
    keyRequests: { perSecond: 1, burst: 1 },
  });
  const charge = (instruction: string, count = 1, key: object = KEY): string =>
    refusedBy(() =>
      new RequestMeter(limits, limits.ofAddress('127.0.0.1')).onGranted(
        ...([key, instruction, Array.from({ length: count }, () => [])] as const),
      ),
    );
  assert.equal(charge('orderExecute', 49), '');
  assert.equal(charge('orderExecute', 2), 'Too many orders with this API key');
  assert.equal(charge('orderModify'), '');
  assert.equal(charge('orderExecute'), 'Too many orders with this API key');
  assert.equal(charge('orderCancel'), '');
  assert.equal(charge('orderCancelAll'), '');
  assert.equal(charge('balanceQuery'), '');
  assert.equal(charge('orderQueryAll'), 'Too many requests with this API key');
  assert.equal(charge('orderExecute', 50, {}), '');
});

test('what is left is told in headers, of the bucket that was asked last', () => {
  const { limits, clock } = limitsOf({
    addressRequests: { perSecond: 10, burst: 100 },
    keyRequests: { perSecond: 2, burst: 3 },
  });
  const meter = new RequestMeter(limits, limits.ofAddress('10.0.0.1'));
  assert.deepEqual(meter.headers(), {});
  meter.admit();
  assert.deepEqual(meter.headers(), {
    'ratelimit-policy': '100;w=10',
    'ratelimit-limit': '100',
    'ratelimit-remaining': '99',
    'ratelimit-reset': '1',
  });
  meter.onGranted(KEY, 'balanceQuery', [[]]);
  assert.equal(meter.headers()['ratelimit-remaining'], '2');
  clock.nowMs += 10_000;
  assert.equal(meter.headers()['ratelimit-reset'], '0');
});

test('a socket pays as its address until it has logged in, then as its key', () => {
  const { limits } = limitsOf({
    addressRequests: { perSecond: 1, burst: 2 },
    keyOrders: { perSecond: 1, burst: 50 },
  });
  const socket = new SocketMeter(limits, '10.0.0.1');
  assert.equal(socket.charge(null, 'order.place', {}), undefined);
  assert.equal(socket.charge(KEY, 'session.login', undefined), undefined);
  assert.equal(
    socket.charge(null, 'order.place', {})?.message,
    'Too many requests from this address',
  );
  const batch = Array.from({ length: 30 }, () => ({}));
  assert.equal(socket.charge(KEY, 'order.batch', batch), undefined);
  assert.equal(
    socket.charge(KEY, 'order.batch', batch)?.message,
    'Too many orders with this API key',
  );
  assert.equal(socket.charge(KEY, 'order.cancel', {}), undefined);
  // More than any batch may hold costs no more than a batch: its refusal has a name of its own.
  const other = {};
  const tooLong = Array.from({ length: 51 }, () => ({}));
  assert.equal(socket.charge(other, 'order.batch', tooLong), undefined);
});

test('websockets that are refused faster than patience grows are found out, whatever passes between', () => {
  const { limits, clock } = limitsOf({ addressRequests: { perSecond: 1000, burst: 1 } });
  const sockets = [1, 2].map(() => new SocketMeter(limits, '10.0.0.1'));
  for (let frame = 0; frame < 1000; frame++) sockets[frame % 2]!.chargeAddress();
  assert.deepEqual(
    sockets.map((socket) => socket.isOverdone),
    [false, false],
  );
  for (let frame = 0; frame < 100; frame++) {
    if (frame % 10 === 0) clock.nowMs += 1;
    sockets[0]!.chargeAddress();
  }
  assert.equal(sockets[0]!.isOverdone, true);
  assert.equal(sockets[1]!.isOverdone, false);
  clock.nowMs += 10_000;
  const later = new SocketMeter(limits, '10.0.0.1');
  for (let frame = 0; frame < 900; frame++) later.chargeAddress();
  assert.equal(later.isOverdone, false);
});

test('websockets and streams of an address are counted until they are gone', () => {
  const { limits } = limitsOf({
    addressSocketsMax: 2,
    socketStreamsMax: 10,
    addressStreamsMax: 15,
  });
  const sockets = [1, 2].map(() => new SocketMeter(limits, '10.0.0.1'));
  for (const socket of sockets) {
    assert.ok(socket.hasRoom);
    socket.opened();
  }
  const third = new SocketMeter(limits, '10.0.0.1');
  assert.equal(third.hasRoom, false);
  assert.equal(new SocketMeter(limits, '10.0.0.2').hasRoom, true);
  sockets[0]!.streamsAre(10);
  assert.equal(sockets[0]!.hasRoomForStreams(1), false);
  assert.equal(sockets[1]!.hasRoomForStreams(6), false);
  assert.equal(sockets[1]!.hasRoomForStreams(5), true);
  sockets[0]!.closed();
  assert.equal(third.hasRoom, true);
  assert.equal(sockets[1]!.hasRoomForStreams(6), true);
});

test('every kind of request is charged as what it is', () => {
  const instructions = ['orderExecute', 'orderModify', 'orderCancel', 'orderQuery', 'withdraw'];
  assert.deepEqual(
    instructions.map((instruction) => kindOfSigned(instruction, [[]])),
    ['orders', 'orders', 'cancels', 'requests', 'requests'],
  );
  const modify = (name: string) => kindOfSigned('orderModify', [[[name, '1']]]);
  assert.deepEqual([modify('reduceQuantity'), modify('quantity')], ['cancels', 'orders']);
  const methods = ['order.place', 'order.batch', 'order.reduce', 'order.query', 'session.login'];
  assert.deepEqual(methods.map(kindOfMethod), [
    'orders',
    'orders',
    'cancels',
    'requests',
    'requests',
  ]);
});

test('a frame that nobody can read is paid for by its size, and many of them close the socket at once', () => {
  const { limits, clock } = limitsOf({ addressRequests: { perSecond: 10, burst: 50 } });
  const [socket, other] = ['10.0.0.1', '10.0.0.2'].map(
    (address) => new SocketMeter(limits, address),
  );
  for (let frame = 0; frame < 2; frame++) socket!.chargeUnreadable(4096);
  for (let frame = 0; frame < 16; frame++) socket!.chargeUnreadable(255);
  assert.equal(socket!.isOverdone, false);
  socket!.chargeUnreadable(1);
  assert.equal(socket!.isOverdone, true);
  assert.equal(other!.chargeAddress(), undefined);
  clock.nowMs += 1700;
  const later = new SocketMeter(limits, '10.0.0.1');
  later.chargeUnreadable(4096);
  assert.equal(later.isOverdone, false);
  later.chargeUnreadable(0);
  assert.equal(later.isOverdone, true);
});
