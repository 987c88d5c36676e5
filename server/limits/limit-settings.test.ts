import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../config.ts';

test('rates, addresses and origins are taken from their variables', () => {
  const { limits } = readConfig({
    RINGSIDE_ADDRESS_REQUEST_RATE: '10:20',
    RINGSIDE_ADDRESS_CONNECTION_RATE: 'off',
    RINGSIDE_KEY_ORDER_RATE: '1:50',
    RINGSIDE_UNLIMITED_ADDRESSES: '192.0.2.1,2001:DB8:0::1,::ffff:192.0.2.2',
    RINGSIDE_ALLOWED_ORIGINS: 'https://a.example,http://b.example:8000',
    RINGSIDE_SHED_PENDING: '0',
  });
  assert.deepEqual(limits.addressRequests, { perSecond: 10, burst: 20 });
  assert.equal(limits.addressConnections, null);
  assert.deepEqual(limits.keyOrders, { perSecond: 1, burst: 50 });
  assert.deepEqual([...limits.unlimitedAddresses], ['192.0.2.1', '2001:db8::1', '192.0.2.2']);
  assert.deepEqual([...limits.allowedOrigins], ['https://a.example', 'http://b.example:8000']);
  assert.equal(limits.shedPending, 0);
  assert.equal(
    readConfig({ RINGSIDE_UNLIMITED_ADDRESSES: 'none' }).limits.unlimitedAddresses.size,
    0,
  );
});

const BAD: [name: string, value: string][] = [
  ['RINGSIDE_ADDRESS_REQUEST_RATE', '10'],
  ['RINGSIDE_ADDRESS_REQUEST_RATE', '0:10'],
  ['RINGSIDE_ADDRESS_REQUEST_RATE', '1.5:10'],
  ['RINGSIDE_KEY_ORDER_RATE', '10:49'],
  ['RINGSIDE_UNLIMITED_ADDRESSES', 'localhost'],
  ['RINGSIDE_UNLIMITED_ADDRESSES', '10.0.0.0/8'],
  ['RINGSIDE_ALLOWED_ORIGINS', 'example.com'],
  ['RINGSIDE_ALLOWED_ORIGINS', 'https://example.com/'],
  ['RINGSIDE_TRUST_PROXY', 'yes'],
  ['RINGSIDE_IDLE_SECONDS', '7'],
];

test('a limit that is none is refused by its name', () => {
  for (const [name, value] of BAD) {
    assert.throws(() => readConfig({ [name]: value }), {
      name: 'StartError',
      message: new RegExp(`^${name} is "`),
    });
  }
});
