import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MarketSpec } from '../engine/protocol/commands.ts';
import { OrderBookState } from '../engine/protocol/enums.ts';
import { AssetListed, MarketListed, MarketStateChanged, Trade } from '../engine/protocol/events.ts';
import { withClient } from './database.ts';
import { loadListings } from './load-listings.ts';
import { START_US } from './testing/event-feed.ts';
import { Random } from './testing/random.ts';
import { useTestServer } from './testing/test-server.ts';
import { startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();
const MARKETS = 300;

/** A listing of any scale that the numbers of the venue allow, near the limits now and then. */
function randomSpec(marketId: number, random: Random): MarketSpec {
  const largest = random.below(4) === 0 ? Number.MAX_SAFE_INTEGER : 1e6;
  return {
    ...{ marketId, symbol: `M${marketId}`, baseAssetId: 1, quoteAssetId: 2 + random.below(2) },
    ...{ priceDecimals: random.below(13), tickUnits: 1 + random.below(1000) },
    ...{ quantityDecimals: random.below(13), lotUnits: 1 + random.below(1000) },
    ...{ baseUnitsPerLot: 1 + random.below(largest), quoteUnitsPerTickLot: 1 + random.below(1e6) },
    ...{ minPriceTicks: 1 + random.below(99), maxPriceTicks: largest - random.below(99) },
    ...{ minQuantityLots: 1 + random.below(99), maxQuantityLots: largest - random.below(99) },
    ...{ makerFeeBps: random.below(100), takerFeeBps: random.below(100) },
    ...{ minNotionalUnits: random.below(largest), priceBandBps: random.below(10_000) },
  };
}

test('listings that are read back are those that the events told', async (context) => {
  const venue = await startVenue(context, server);
  const { feed } = venue;
  const random = new Random(17);
  const decimals = [0, 8, 0, 12];
  for (let assetId = 1; assetId <= 3; assetId++) {
    const timeUs = START_US + assetId;
    const asset = { assetId, symbol: `A${assetId}`, decimals: decimals[assetId]!, timeUs };
    feed.record(0, AssetListed, asset);
  }
  const specs = Array.from({ length: MARKETS }, (_, index) => randomSpec(index + 1, random));
  for (const spec of specs) feed.record(0, MarketListed, { ...spec, timeUs: START_US + 7 });
  for (const { marketId } of specs.slice(0, 20)) {
    const state = OrderBookState.CancelOnly;
    feed.record(0, MarketStateChanged, { marketId, state, timeUs: START_US + 8 });
    for (const tradeId of [3, 4 + marketId]) {
      const trade = { marketId, tradeId, priceTicks: 1, quantityLots: 1, timeUs: START_US + 9 };
      feed.record(0, Trade, trade);
    }
  }
  await feed.flush();
  await untilCommitted(venue);

  const listings = await withClient(server.url, 'ringside test', loadListings);
  for (let assetId = 1; assetId <= 3; assetId++) {
    assert.deepEqual(listings.asset(assetId), {
      symbol: `A${assetId}`,
      scale: { decimals: decimals[assetId], stepUnits: 1 },
      listedAtUs: START_US + assetId,
    });
  }
  for (const spec of specs) {
    const { spec: event, ...market } = listings.market(spec.marketId);
    for (const [field, value] of Object.entries(spec)) {
      assert.equal(event[field as keyof MarketSpec], value, `${field} of market ${spec.marketId}`);
    }
    const isChanged = spec.marketId <= 20;
    assert.deepEqual(market, {
      priceScale: { decimals: spec.priceDecimals, stepUnits: spec.tickUnits },
      quantityScale: { decimals: spec.quantityDecimals, stepUnits: spec.lotUnits },
      quoteScale: { decimals: decimals[spec.quoteAssetId], stepUnits: 1 },
      listedAtUs: START_US + 7,
      state: isChanged ? OrderBookState.CancelOnly : OrderBookState.Open,
      updatedAtUs: isChanged ? START_US + 8 : START_US + 7,
      lastTradeId: isChanged ? 4 + spec.marketId : 0,
    });
  }
});
