import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TradeRow } from '../database.ts';
import type { PublicTrade } from '../public-feed.ts';
import { MARKET, Told, tradeRow } from './told.fixture.ts';
import { auditTrades, MarketTrades } from './trade-audit.ts';
import { Wallets } from './wallets.ts';

const TOLD: PublicTrade = {
  tradeId: 1,
  price: 10_000,
  quantity: 40,
  buyOrderId: '65',
  sellOrderId: '128',
  buyerIsMaker: false,
};

/** Audits trades of orders 65 and 128, which are open, and answers the findings. */
function summaryOf(rows: readonly TradeRow[], told: PublicTrade[] = []): string {
  const { accounts, findings } = begin();
  const known = new MarketTrades(MARKET);
  auditTrades({ accounts, wallets: new Wallets(), findings }, known, rows, told);
  return findings.summary;
}

function begin(): Told {
  const told = new Told();
  told.place(told.buyer, '65');
  told.place(told.seller, '128');
  return told;
}

test('trades move money and sum up under their orders', () => {
  const { accounts, findings, buyer } = begin();
  const wallets = new Wallets();
  const known = new MarketTrades(MARKET);
  const rows = [tradeRow(1, '65', '128', 40), tradeRow(2, '65', '128', 20, 9_000)];
  auditTrades({ accounts, wallets, findings }, known, rows, [TOLD]);
  assert.equal(findings.summary, '');
  // 0.040 at 100.00 and 0.020 at 90.00, in millionths: 5.8 of the quote asset and 5 and 1 basis points of it.
  assert.equal(wallets.unitsOf(1, MARKET.base), 60_000n);
  assert.equal(wallets.unitsOf(1, MARKET.quote), -5_802_900n);
  assert.equal(wallets.unitsOf(2, MARKET.base), -60_000n);
  assert.equal(wallets.unitsOf(2, MARKET.quote), 5_799_420n);
  assert.equal(wallets.feesOf(MARKET.quote), 3_480n);
  assert.deepEqual(buyer.records.get(1)!.filled, {
    quantity: 60,
    quoteUnits: 5_800_000,
    feeUnits: 2_900,
    feesOwed: 29_000_000,
  });
  assert.deepEqual(
    [known.lastTradeId, known.baseUnits, known.quoteUnits],
    [2, 60_000n, 5_800_000n],
  );
});

test('a missing trade, a trade twice and one without both fills are found', () => {
  const trade = tradeRow(1, '65', '128', 40);
  assert.equal(summaryOf([tradeRow(2, '65', '128', 40)]), 'sequence 1');
  assert.equal(summaryOf([trade, trade]), 'sequence 1');
  assert.equal(summaryOf([{ ...trade, maker: null }]), 'half applied 1');
  assert.equal(summaryOf([{ ...trade, quoteQuantity: '1' }]), 'half applied 1');
  const other = { ...trade.taker!, quantity: '0.041' };
  assert.equal(summaryOf([{ ...trade, taker: other }]), 'half applied 1');
  assert.equal(
    summaryOf([{ ...trade, maker: { ...trade.maker!, isMaker: false } }]),
    'half applied 1',
  );
});

test('a trade of an order that is not open is a phantom', () => {
  assert.equal(summaryOf([tradeRow(1, '65', '192', 40)]), 'phantom 1');
});

test('a trade of the public stream must be there as it was told', () => {
  const trade = tradeRow(1, '65', '128', 40);
  assert.equal(summaryOf([trade], [TOLD]), '');
  assert.equal(summaryOf([], [TOLD]), 'lost 1');
  assert.equal(summaryOf([trade], [{ ...TOLD, price: 10_001 }]), 'contradiction 1');
  assert.equal(summaryOf([trade], [{ ...TOLD, buyerIsMaker: true }]), 'contradiction 1');
  assert.equal(summaryOf([trade], [{ ...TOLD, sellOrderId: '192' }]), 'contradiction 1');
});
