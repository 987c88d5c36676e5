import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RestClient } from '../client/rest-client.ts';
import { VenueProcess } from '../client/venue-process.ts';
import { WsClient } from '../client/ws-client.ts';
import { DEMO_MARKETS } from './demo-markets.ts';

test('a demo venue has a two-sided book in every market, and trades', async () => {
  const venue = await VenueProcess.start({ demo: true });
  try {
    const feed = await WsClient.connect(venue.ready.url, 'json');
    const symbols = DEMO_MARKETS.map(({ listing }) => listing.symbol);
    const trade = new Promise<Record<string, unknown>>((resolve) => {
      void feed.subscribe(
        symbols.map((symbol) => `trade.${symbol}`),
        resolve,
      );
    });
    assert.equal(Number((await trade).q) > 0, true);
    const rest = new RestClient(venue.ready.url);
    for (const symbol of symbols) {
      const { bids, asks } = await rest.depth(symbol);
      assert.equal(bids.length > 3 && asks.length > 3, true, symbol);
      assert.equal(Number(bids.at(-1)![0]) < Number(asks[0]![0]), true, symbol);
    }
    await feed.close();
  } finally {
    assert.equal(await venue.stop(), 0);
  }
});
