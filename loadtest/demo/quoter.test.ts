import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.ts';
import { DEMO_ASSETS, DEMO_MARKETS } from './demo-markets.ts';
import { QUOTES_PER_SIDE, Quoter } from './quoter.ts';

function quoterOf(index = 0): Quoter {
  let lastClientId = 0;
  return new Quoter(DEMO_MARKETS[index]!, () => ++lastClientId);
}

test('the first step quotes the whole ladder on both sides', () => {
  const { cancel, place } = quoterOf().step();
  assert.equal(cancel.length, 0);
  assert.equal(place.filter((quote) => quote.isBid).length, QUOTES_PER_SIDE);
  assert.equal(place.filter((quote) => !quote.isBid).length, QUOTES_PER_SIDE);
});

test('in every demo market the quotes never cross, keep near the mid and stay two-sided', () => {
  DEMO_MARKETS.forEach((market, index) => {
    const quoter = quoterOf(index);
    for (let step = 0; step < 5_000; step++) {
      const { place } = quoter.step();
      assert.equal(place.length <= (step === 0 ? 2 * QUOTES_PER_SIDE : 2), true);
      const bids = quoter.quotes.filter((quote) => quote.isBid).map((quote) => quote.priceTicks);
      const asks = quoter.quotes.filter((quote) => !quote.isBid).map((quote) => quote.priceTicks);
      assert.equal(bids.length > 0 && asks.length > 0, true, `step ${step}`);
      assert.equal(Math.max(...bids) < Math.min(...asks), true, `step ${step}`);
      assert.equal(quoter.quotes.length <= 4 * QUOTES_PER_SIDE, true, `step ${step}`);
      if (step % 3 === 0) quoter.remove(quoter.quotes[step % quoter.quotes.length]!.clientId);
      for (const quote of place) assert.equal(quote.quantityLots > 0, true);
    }
    assert.notEqual(quoter.midTicks, market.startPriceTicks);
  });
});

test('takers cross with limits beyond the best quote, or at the market', () => {
  const quoter = quoterOf();
  const orders = Array.from({ length: 500 }, () => quoter.takerOrder());
  assert.equal(
    orders.some((order) => order.priceTicks === undefined),
    true,
  );
  assert.equal(orders.some((order) => order.isBid) && orders.some((order) => !order.isBid), true);
  for (const { isBid, priceTicks, quantityLots } of orders) {
    assert.equal(Number.isSafeInteger(quantityLots) && quantityLots > 0, true);
    if (priceTicks !== undefined) assert.equal(isBid, priceTicks > quoter.midTicks);
  }
});

test('the same seed takes the same walk', () => {
  const walk = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 50 }, () => random.integer(-9, 9));
  };
  assert.deepEqual(walk(7), walk(7));
  assert.notDeepEqual(walk(7), walk(8));
  assert.equal(Math.min(...walk(7)) >= -9 && Math.max(...walk(7)) <= 9, true);
});

test('every asset of a demo market is listed', () => {
  const symbols = new Set(DEMO_ASSETS.map((asset) => asset.symbol));
  for (const { listing } of DEMO_MARKETS) {
    assert.equal(symbols.has(listing.baseSymbol) && symbols.has(listing.quoteSymbol), true);
  }
});

test('quotes that were left are kept while they fit the market, and the ladder is completed around them', () => {
  const quoter = quoterOf();
  const { place } = quoter.step();
  const next = quoterOf();
  next.moveTo(quoter.midTicks);
  next.adopt(place.slice(0, 10));
  const { cancel, place: added } = next.step();
  assert.deepEqual(
    cancel.filter((quote) => !place.includes(quote)),
    [],
  );
  assert.ok(added.length <= 2, 'a few at a time');
  assert.ok(next.quotes.filter((quote) => place.includes(quote)).length >= 8);
});
