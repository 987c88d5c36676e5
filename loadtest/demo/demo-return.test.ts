import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { AdminClient } from '../client/admin-client.ts';
import { RestClient } from '../client/rest-client.ts';
import { generateKeyPair } from '../client/signing.ts';
import { VenueProcess } from '../client/venue-process.ts';
import { DEMO_MARKETS } from './demo-markets.ts';
import { DemoTraders } from './demo-traders.ts';
import { lastPriceTicks, openQuotes } from './market-past.ts';
import { QUOTES_PER_SIDE } from './quoter.ts';

const market = DEMO_MARKETS[0]!;
const { symbol } = market.listing;

test('traders that come back take up the quotes, the funds and the price that they left', async () => {
  const venue = await VenueProcess.start();
  const { url, adminUrl } = venue.ready;
  const settings = { url, adminUrl, adminToken: venue.adminToken, markets: [symbol] };
  const admin = new AdminClient(adminUrl, venue.adminToken);
  try {
    const first = new Worker(new URL('./demo-traders-thread.js', import.meta.url), {
      workerData: settings,
      stderr: true,
    });
    await once(first.stderr, 'data');
    const key = generateKeyPair();
    await admin.createKey(await admin.createAccount('demo-maker'), key.apiKey);
    const rest = new RestClient(url, key);
    while ((await lastPriceTicks(rest, market)) === null) await pause();
    // Without a word: as when the process of the venue dies with them.
    await first.terminate();
    const left = new Set((await openQuotes(rest, market)).map(({ clientId }) => clientId));
    const { assets: funded } = await admin.audit();
    assert.ok(left.size > QUOTES_PER_SIDE);

    const second = await new Promise<DemoTraders>((resolve) => {
      const traders = new DemoTraders(settings, () => resolve(traders));
      void traders.run();
    });
    const quotes = await openQuotes(rest, market);
    assert.ok(
      quotes.some(({ clientId }) => left.has(clientId)),
      'quotes were taken up',
    );
    assert.ok(quotes.length <= 2 * QUOTES_PER_SIDE + 4, `${quotes.length} quotes are open`);
    const { assets } = await admin.audit();
    assert.deepEqual(
      assets.map(({ asset, deposits }) => [asset, deposits]),
      funded.map(({ asset, deposits }) => [asset, deposits]),
    );
    second.stop();
    while ((await openQuotes(rest, market)).length > 0) await pause();
  } finally {
    assert.equal(await venue.stop(), 0);
  }
});

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
