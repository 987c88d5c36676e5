import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALLOWED_ADDRESSES_MAX, AllowedAddresses, ANYWHERE } from './allowed-addresses.ts';

function parsed(...entries: string[]): AllowedAddresses {
  const addresses = AllowedAddresses.parse(entries);
  assert.ok(addresses instanceof AllowedAddresses, entries.join());
  return addresses;
}

test('networks and single addresses of both families are told apart', () => {
  const some = parsed('10.1.0.0/16', '192.0.2.7', '2001:db8::/32', '::1');
  // The last three as uWebSockets.js writes them.
  for (const inside of [
    ...['10.1.255.1', '192.0.2.7', '2001:db8:ffff::1', '::1', '::ffff:10.1.2.3'],
    ...['2001:0db8:0000:0000:0000:0000:0000:0001', '0000:0000:0000:0000:0000:0000:0000:0001'],
    '0000:0000:0000:0000:0000:ffff:0a01:0001',
  ]) {
    assert.equal(some.allows(inside), true, inside);
  }
  for (const outside of [
    ...['10.2.0.1', '192.0.2.8', '2001:db9::1', '::2', '::ffff:10.2.0.1', ''],
    ...['10.1.0.0/16', 'localhost', '10.1.2', '::ffff:0:10.1.2.3'],
  ]) {
    assert.equal(some.allows(outside), false, outside);
  }
  assert.equal(parsed('0.0.0.0/0').allows('203.0.113.1'), true);
  assert.equal(parsed('0.0.0.0/0').allows('2001:db8::1'), false);
});

test('an IPv4 client is in networks of IPv4 alone', () => {
  for (const network of ['::/0', '::/64', '::fffe:0:0/79']) {
    const some = parsed(network);
    for (const client of ['203.0.113.1', '::ffff:203.0.113.1', '::ffff:cb00:7101']) {
      assert.equal(some.allows(client), false, `${client} in ${network}`);
    }
  }
  assert.equal(parsed('::/0').allows('2001:db8::1'), true);
  assert.equal(parsed('::/0', '203.0.113.0/24').allows('203.0.113.1'), true);
  assert.equal(parsed('::/0', '203.0.113.0/24').allows('203.0.114.1'), false);
});

test('none is anywhere, and what was written is read as the same', () => {
  assert.equal(ANYWHERE.text, '');
  assert.deepEqual(ANYWHERE.networks, []);
  assert.equal(ANYWHERE.allows('anything at all'), true);
  assert.equal(AllowedAddresses.ofText(''), ANYWHERE);
  const some = parsed('2001:DB8:0::0001/64', '10.1.2.3', '10.1.2.3/32');
  assert.equal(some.text, '10.1.2.3/32,2001:db8::1/64');
  assert.equal(parsed('10.1.2.3', '2001:db8::1/64').text, some.text, 'whatever the order');
  const again = AllowedAddresses.ofText(some.text);
  assert.deepEqual(again.networks, ['10.1.2.3/32', '2001:db8::1/64']);
  assert.deepEqual(
    ['10.1.2.3', '10.1.2.4', '2001:db8::ffff'].map((address) => again.allows(address)),
    [true, false, true],
  );
});

test('what is no address is named', () => {
  for (const malformed of [
    ...['', 'localhost', '10.0.0', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/', '10.0.0.0/8/8'],
    ...['010.0.0.1', '::1/129', '2001:db8::/-1', '2001:db8::1%eth0', ' 10.0.0.1', '10.0.0.1,::1'],
    ...['::ffff:10.0.0.0/104', '1.2.3.4/1e1'],
  ]) {
    assert.deepEqual(AllowedAddresses.parse(['10.0.0.1', malformed]), { malformed }, malformed);
  }
});

test('the longest list fits beside the rest of a command', () => {
  const longest = Array.from(
    { length: ALLOWED_ADDRESSES_MAX },
    (_, index) => `2001:db8:1111:2222:3333:4444:5555:${(0x1000 + index).toString(16)}/128`,
  );
  // COMMAND_BYTES_MAX of the engine's client, less the key and the other fields.
  assert.ok(parsed(...longest).text.length < 2048 - 128);
});
