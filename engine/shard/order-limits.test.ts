import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderBook } from '../book/order-book.ts';
import { Random } from '../collections/random.ts';
import { ReduceOrder, ReplaceOrder } from '../protocol/commands.ts';
import { Side } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { MAX_AMOUNT } from '../protocol/units.ts';
import { BASE, LoneMarket, MARKET } from './lone-market.fixture.ts';
import { Markets } from './markets.ts';
import { isBeyondBand } from './price-band.ts';
import { marketOf } from './shard-harness.fixture.ts';

const TOO_SMALL = [RejectCode.NotionalTooSmall];
const OUTSIDE = [RejectCode.PriceOutsideBand];

test('an order worth less than the least notional is refused, one worth just that is not', () => {
  const market = new LoneMarket({ minNotionalUnits: 5_000, quoteUnitsPerTickLot: 10 });
  assert.deepEqual(market.bid(1, 100, 4).rejects, TOO_SMALL);
  assert.deepEqual(market.ask(1, 499, 1).rejects, TOO_SMALL);
  assert.deepEqual(market.bid(1, 100, 5).rejects, []);
  assert.deepEqual(market.ask(1, 500, 1).rejects, []);
});

test('a market order is worth its lots at the last price, whatever its protection price, or its budget', () => {
  const market = new LoneMarket({ minNotionalUnits: 1_000 });
  market.bid(1, 100, 10);
  market.ask(2, 100, 10);
  market.bid(1, 99, 1_000);
  market.ask(2, 101, 1_000);
  const [atBuyersWorst, atSellersWorst] = [125, 75];
  assert.deepEqual(market.ask(3, atSellersWorst, 10, MARKET).rejects, []);
  assert.deepEqual(market.ask(3, atSellersWorst, 10, MARKET).rejects, TOO_SMALL, 'now at 99');
  assert.deepEqual(market.ask(3, atSellersWorst, 11, MARKET).rejects, []);
  assert.deepEqual(market.bid(3, atBuyersWorst, 10, MARKET).rejects, TOO_SMALL);
  assert.deepEqual(market.bid(3, atBuyersWorst, 11, MARKET).rejects, []);
  const byQuote = (quoteBudgetUnits: number) =>
    market.bid(1, 125, 0, { ...MARKET, quoteBudgetUnits }).rejects;
  assert.deepEqual(byQuote(999), TOO_SMALL);
  assert.deepEqual(byQuote(1_000), []);
});

test('before the first trade a market order is worth its lots at the best price it could get', () => {
  const market = new LoneMarket({ minNotionalUnits: 1_000 });
  assert.deepEqual(market.ask(3, 75, 1, MARKET).rejects, [], 'there is nothing to trade with');
  market.bid(1, 100, 20);
  market.bid(1, 90, 20);
  assert.deepEqual(market.ask(3, 75, 9, MARKET).rejects, TOO_SMALL);
  const { ledger } = market.shard.state;
  assert.equal(ledger.locked(ledger.slot(3, BASE)), 0);
  assert.equal(market.ask(3, 75, 10, MARKET).trades.length, 1);
});

test('a market stop is worth its lots at its trigger, when it is placed and not when it fires', () => {
  const market = new LoneMarket({ minNotionalUnits: 1_000 });
  market.bid(1, 100, 10);
  market.ask(2, 100, 10);
  const stop = (lots: number, triggerPriceTicks: number) =>
    market.ask(3, 60, lots, { ...MARKET, triggerPriceTicks });
  assert.deepEqual(stop(12, 80).rejects, TOO_SMALL);
  assert.deepEqual(stop(13, 80).rejects, []);
  market.bid(1, 70, 100);
  const heard = market.ask(2, 70, 15);
  const lots = heard.trades.map(({ priceTicks, quantityLots }) => [priceTicks, quantityLots]);
  assert.deepEqual(lots, [
    [70, 15],
    [70, 13],
  ]);
});

test('a changed order is worth its new total at its price: what was filled counts', () => {
  const market = new LoneMarket({ minNotionalUnits: 1_000 });
  const { orderId } = market.bid(1, 100, 20).orders[0]!;
  market.ask(2, 100, 15);
  const named = { accountId: 1, marketId: 1, orderId };
  const replaced = (priceTicks: number, quantityLots: number) =>
    market.send(ReplaceOrder, { ...named, priceTicks, quantityLots }).rejects;
  assert.deepEqual(replaced(49, 20), TOO_SMALL);
  assert.deepEqual(replaced(50, 19), TOO_SMALL);
  assert.deepEqual(replaced(50, 20), [], 'five open lots of twenty');
  const reduced = (quantityLots: number) =>
    market.send(ReduceOrder, { ...named, quantityLots }).rejects;
  assert.deepEqual(reduced(1), TOO_SMALL);
  assert.deepEqual(replaced(55, 20), []);
  assert.deepEqual(reduced(1), [], 'nineteen in total, of which four are open');
  assert.deepEqual(reduced(1), TOO_SMALL);
});

test('a reduce may not leave less in total than a new order must have, a fill may', () => {
  const market = new LoneMarket({ minQuantityLots: 10 });
  const { orderId } = market.bid(1, 100, 20).orders[0]!;
  const reduced = (quantityLots: number) =>
    market.send(ReduceOrder, { accountId: 1, marketId: 1, orderId, quantityLots });
  assert.deepEqual(reduced(11).rejects, [RejectCode.QuantityOutOfRange]);
  assert.equal(reduced(5).orders[0]!.quantityLots, 15);
  market.ask(2, 100, 13);
  assert.deepEqual(reduced(2).rejects, [RejectCode.ReduceTooLarge]);
  assert.equal(reduced(1).orders[0]!.quantityLots, 14);
});

test('before the first trade no price is too far away', () => {
  const market = new LoneMarket({ priceBandBps: 1 });
  market.ask(1, 1, 1);
  assert.equal(market.bid(2, 1_000_000, 1).trades.length, 1);
});

test('a limit may reach as far as the band beyond the last trade, and no tick further', () => {
  const market = new LoneMarket({ priceBandBps: 2_500 });
  market.trade(103);
  // A quarter of 103 is 25.75.
  assert.deepEqual(market.bid(1, 129, 1).rejects, OUTSIDE);
  assert.deepEqual(market.ask(1, 77, 1).rejects, OUTSIDE);
  assert.deepEqual(market.bid(1, 128, 1).rejects, []);
  assert.deepEqual(market.ask(2, 78, 2).rejects, []);
});

test('a passive order may be as far away as it likes', () => {
  const market = new LoneMarket({ priceBandBps: 100 });
  market.trade(1_000);
  assert.deepEqual(market.bid(1, 1, 1).rejects, []);
  assert.deepEqual(market.ask(1, 1_000_000, 1).rejects, []);
});

test('a replace is held to the band too, and refused it changes nothing', () => {
  const market = new LoneMarket({ priceBandBps: 1_000 });
  const { orderId, quoteLockedUnits } = market.bid(1, 900, 5).orders[0]!;
  market.ask(3, 1_000, 1);
  market.bid(4, 1_000, 1);
  const change = { accountId: 1, marketId: 1, orderId, priceTicks: 1_101 };
  assert.deepEqual(market.send(ReplaceOrder, change).rejects, OUTSIDE);
  const { ledger } = market.shard.state;
  assert.equal(ledger.locked(ledger.slot(1, 2)), quoteLockedUnits);
  const { rejects, orders } = market.send(ReplaceOrder, { ...change, priceTicks: 1_100 });
  assert.deepEqual(rejects, []);
  assert.equal(orders[0]!.priceTicks, 1_100);
});

test('a market order is bound by its protection price, not by the band', () => {
  const market = new LoneMarket({ priceBandBps: 100 });
  market.trade(1_000);
  market.ask(1, 2_000, 1);
  assert.equal(market.bid(2, 3_000, 1, MARKET).trades.length, 1);
});

test('no trade between limit orders is further than the band from the last one', () => {
  const market = new LoneMarket({ priceBandBps: 500 });
  const random = new Random(11);
  let last = market.trade(1_000).trades[0]!.priceTicks;
  let moved = 0;
  for (let count = 0; count < 20_000; count++) {
    const priceTicks = Math.max(1, last - 150 + random.below(301));
    const lots = 1 + random.below(20);
    const account = 1 + random.below(4);
    const isBid = random.below(2) === 0;
    const heard = isBid
      ? market.bid(account, priceTicks, lots)
      : market.ask(account, priceTicks, lots);
    for (const trade of heard.trades) {
      assert.ok(Math.abs(trade.priceTicks - last) <= last * 0.05, `${last} to ${trade.priceTicks}`);
    }
    const now = heard.trades.at(-1)?.priceTicks ?? last;
    if (now !== last) moved++;
    last = now;
  }
  assert.ok(moved > 1_000, `the price moved only ${moved} times`);
});

test('the band is exact where price × basis points is not', () => {
  const bigint = (last: number, bps: number) => BigInt(last) * BigInt(bps);
  for (const priceBandBps of [1, 33, 2_500, 9_999, 10_000, 1_000_000]) {
    for (const last of [1, 9_999, 123_456_789_012_345, MAX_AMOUNT - 1, MAX_AMOUNT]) {
      const market = new Markets(0, 1, OrderBook).list(marketOf({ marketId: 1, priceBandBps }), 1);
      market.lastPriceTicks = last;
      const width = Number(bigint(last, priceBandBps) / 10_000n);
      const highest = BigInt(last) + BigInt(width);
      if (highest < MAX_AMOUNT) {
        assert.ok(!isBeyondBand(market, Side.Bid, Number(highest)));
        assert.ok(isBeyondBand(market, Side.Bid, Number(highest) + 1));
      } else assert.ok(!isBeyondBand(market, Side.Bid, MAX_AMOUNT));
      if (last - width < 1) {
        assert.ok(!isBeyondBand(market, Side.Ask, 1));
        continue;
      }
      assert.ok(!isBeyondBand(market, Side.Ask, last - width));
      assert.ok(isBeyondBand(market, Side.Ask, last - width - 1));
    }
  }
});
