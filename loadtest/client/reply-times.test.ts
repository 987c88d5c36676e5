import assert from 'node:assert/strict';
import { test } from 'node:test';
import { US_PER_MS } from '../../engine/protocol/time-units.ts';
import { AdminClient } from './admin-client.ts';
import { generateKeyPair } from './signing.ts';
import { VenueProcess } from './venue-process.ts';
import { WsClient } from './ws-client.ts';

const SYMBOLS = ['AAA_USD', 'BBB_USD'];
const ORDERS = 400;
/** `Date.now` is whole milliseconds. */

test('the times of replies are one clock’s, in either encoding, and in their order', async () => {
  const venue = await VenueProcess.start({ shards: 2 });
  try {
    const { url, adminUrl } = venue.ready;
    const admin = new AdminClient(adminUrl, venue.adminToken);
    await admin.createAsset('USD', 6);
    for (const symbol of SYMBOLS) {
      const baseSymbol = symbol.slice(0, 3);
      await admin.createAsset(baseSymbol, 4);
      const steps = { tickSize: '0.01', stepSize: '0.001' };
      await admin.listMarket({ symbol, baseSymbol, quoteSymbol: 'USD', ...steps });
    }
    for (const encoding of ['json', 'msgpack'] as const) {
      const accountId = await admin.createAccount(encoding);
      const keyPair = generateKeyPair();
      await admin.createKey(accountId, keyPair.apiKey);
      await admin.deposit(accountId, 'all', 'USD', '1000000');
      const client = await WsClient.connect(url, encoding);
      await client.login(keyPair);
      const sentMs = Date.now();
      const replies = await Promise.all(
        Array.from({ length: ORDERS }, (_, index) => {
          const order = { symbol: SYMBOLS[index % 2], side: 'Bid', orderType: 'Limit' };
          return client.request('order.place', { ...order, price: '10', quantity: '1' });
        }),
      );
      const endMs = Date.now();
      for (const { status, times } of replies) {
        assert.equal(status, 200);
        const { received, matched, journaled, published } = times!;
        const told = [received, matched, journaled, published];
        const inOrder = [sentMs * US_PER_MS, ...told, (endMs + 1) * US_PER_MS];
        assert.deepEqual(
          inOrder,
          inOrder.toSorted((a, b) => a - b),
        );
      }
      await client.close();
    }
  } finally {
    assert.equal(await venue.stop(), 0);
  }
});
