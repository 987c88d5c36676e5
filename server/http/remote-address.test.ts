import type { HttpResponse } from 'uWebSockets.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forwardedAddress, limitedAddress, remoteAddressOf } from './remote-address.ts';

function addressOf(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return remoteAddressOf({ getRemoteAddressAsText: () => bytes.buffer } as unknown as HttpResponse);
}

test('an address has one spelling, whatever the server listens on', () => {
  assert.equal(addressOf('192.0.2.7'), '192.0.2.7');
  assert.equal(addressOf('0000:0000:0000:0000:0000:ffff:c000:0207'), '192.0.2.7');
  assert.equal(addressOf('0000:0000:0000:0000:0000:0000:0000:0001'), '::1');
  const address = '2001:0db8:0001:0002:aaaa:bbbb:cccc:dddd';
  assert.equal(addressOf(address), address);
});

test('an IPv6 client is counted as its network', () => {
  const hosts = ['aaaa:bbbb:cccc:dddd', '0000:0000:0000:0001'].map((host) =>
    limitedAddress(`2001:0db8:0001:0002:${host}`),
  );
  assert.deepEqual(hosts, ['2001:0db8:0001:0002::/64', '2001:0db8:0001:0002::/64']);
  assert.equal(limitedAddress('192.0.2.7'), '192.0.2.7');
  assert.equal(limitedAddress('::1'), '::1');
});

test('of a chain of proxies the last one is believed', () => {
  assert.equal(forwardedAddress('6.6.6.6, 192.0.2.7'), '192.0.2.7');
  assert.equal(forwardedAddress('192.0.2.7'), '192.0.2.7');
  assert.equal(forwardedAddress(''), '');
  assert.equal(forwardedAddress('x'.repeat(10_000)).length, 64);
});
