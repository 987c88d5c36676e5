import type { HttpResponse } from 'uWebSockets.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  forwardedAddress,
  limitedAddress,
  normalAddress,
  remoteAddressOf,
} from './remote-address.ts';

function addressOf(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return remoteAddressOf({ getRemoteAddressAsText: () => bytes.buffer } as unknown as HttpResponse);
}

test('an address has one spelling, whatever the server listens on', () => {
  assert.equal(addressOf('192.0.2.7'), '192.0.2.7');
  assert.equal(addressOf('0000:0000:0000:0000:0000:ffff:c000:0207'), '192.0.2.7');
  assert.equal(addressOf('0000:0000:0000:0000:0000:0000:0000:0001'), '::1');
  assert.equal(
    addressOf('2001:0db8:0001:0002:aaaa:bbbb:cccc:000d'),
    '2001:db8:1:2:aaaa:bbbb:cccc:d',
  );
  assert.equal(addressOf('2001:0db8:0000:0000:0000:0000:0000:0001'), '2001:db8::1');
});

const SPELLINGS: Record<string, readonly string[]> = {
  '192.0.2.7': ['::ffff:192.0.2.7', '::FFFF:c000:207', '0:0:0:0:0:ffff:c000:207'],
  '2001:db8::1': ['2001:DB8::1', '2001:0db8::0001', '2001:db8:0:0:0:0:0:1', '2001:db8::0:1'],
  '2001:db8:0:1::': ['2001:db8:0:1:0:0:0:0'],
  'fe80::1': ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1%2'],
  '::1': ['0:0:0:0:0:0:0:1', '::0.0.0.1'],
};

test('every spelling of an address is read as the one', () => {
  for (const [address, spellings] of Object.entries(SPELLINGS)) {
    for (const spelling of [address, ...spellings]) {
      assert.equal(normalAddress(spelling), address, spelling);
    }
  }
  for (const none of [
    ...['', 'unknown', 'localhost', '192.0.2', '192.0.2.07', '192.0.2.7:80', '[::1]', '2001:db8'],
    ...['2001:db8::1::2', '1:2:3:4:5:6:7:8:9', '::ffff:1.2.3.256', ' ::1', '::1/64'],
  ]) {
    assert.equal(normalAddress(none), null, none);
  }
});

test('an IPv6 client is counted as its network, however long its zeros are', () => {
  const hosts = ['aaaa:bbbb:cccc:dddd', '0:0:0:1', ':1', ':', 'aaaa::'];
  const networks = hosts.map((host) => limitedAddress(`2001:db8:1:2:${host}`));
  assert.deepEqual(new Set(networks), new Set(['2001:db8:1:2::/64']));
  for (const [address, network] of [
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['::2:3:4:5:6:7', '0:0:2:3::/64'],
    ['1::3:4:5:6:7:8', '1:0:3:4::/64'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['::', '0:0:0:0::/64'],
    ['192.0.2.7', '192.0.2.7'],
    ['unknown', 'unknown'],
  ] as const) {
    assert.equal(limitedAddress(address), network);
  }
});

test('of a chain of proxies the last one is believed, in whatever spelling', () => {
  assert.equal(forwardedAddress('6.6.6.6, 192.0.2.7'), '192.0.2.7');
  for (const text of ['192.0.2.7', '192.0.2.7:4000', '::ffff:192.0.2.7', '[::ffff:c000:207]:1']) {
    assert.equal(forwardedAddress(text), '192.0.2.7', text);
  }
  for (const text of ['2001:DB8::1', '[2001:db8::1]', '6.6.6.6,[2001:db8:0::1]:65535']) {
    assert.equal(forwardedAddress(text), '2001:db8::1', text);
  }
  assert.equal(forwardedAddress(''), '');
  assert.equal(forwardedAddress(' '), '');
  for (const text of [
    ...[
      'unknown',
      '_hidden',
      '192.0.2.7,',
      '192.0.2.7:x',
      '192.0.2.7:123456',
      '[192.0.2.7',
      '[::1]x',
    ],
    ...['"[2001:db8::1]"', `::1%${'x'.repeat(100)}`, 'x'.repeat(10_000)],
  ]) {
    assert.equal(forwardedAddress(text), 'unknown', text);
  }
});
