import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookBuilder } from '../../client/book-builder.ts';
import type { DepthSnapshot } from '../../client/rest-client.ts';
import type { CandleSums } from '../database.ts';
import { Findings } from '../findings.ts';
import type { WireOrder } from '../wire-orders.ts';
import {
  auditBook,
  auditCandles,
  auditListedTrades,
  auditOpenOrders,
  type ListedTrade,
} from './engine-audit.ts';
import { MARKET, Told, tradeRow, wireOrder } from './told.fixture.ts';
import { MarketTrades } from './trade-audit.ts';

/** A buyer with an open order 65 of which 40 of 100 are executed. */
function partlyFilled(): Told {
  const told = new Told();
  told.place(told.buyer, '65', { status: 'PartiallyFilled', executed: 40 });
  return told;
}

function openOrders(shown: (order: WireOrder) => readonly WireOrder[]): string {
  const told = partlyFilled();
  const { sent } = told.buyer.records.get(1)!;
  const order = wireOrder(sent, '65', { status: 'PartiallyFilled', executed: 40 });
  auditOpenOrders(told.buyer, shown(order), () => MARKET, told.findings);
  return told.findings.summary;
}

test('the engine shows the open orders of the rows, no more, no fewer, no other', () => {
  assert.equal(
    openOrders((order) => [order]),
    '',
  );
  assert.equal(
    openOrders(() => []),
    'database 1',
  );
  assert.equal(
    openOrders((order) => [order, { ...order, id: '129' }]),
    'database 1',
  );
  assert.equal(
    openOrders((order) => [{ ...order, executedQuantity: '0.041' }]),
    'database 1',
  );
  assert.equal(
    openOrders((order) => [{ ...order, quantity: '0.101' }]),
    'database 1',
  );
  assert.equal(
    openOrders((order) => [{ ...order, status: 'New' }]),
    'database 1',
  );
});

function book(bids: DepthSnapshot['bids'], streamed: DepthSnapshot['bids'] = bids): string {
  const told = partlyFilled();
  const snapshot = { asks: [], bids, lastUpdateId: '9', timestamp: 0 };
  const built = new BookBuilder(MARKET);
  built.applySnapshot({ ...snapshot, bids: streamed });
  auditBook(MARKET, told.accounts, snapshot, built, told.findings);
  return told.findings.summary;
}

test('the book is what is open of the orders, in the snapshot and in the stream', () => {
  assert.equal(book([['100', '0.06']]), '');
  assert.equal(book([['100', '0.1']]), 'book 2');
  assert.equal(book([]), 'book 2');
  assert.equal(
    book([
      ['99', '1'],
      ['100', '0.06'],
    ]),
    'book 2',
  );
  assert.equal(book([['100', '0.06']], [['100', '0.05']]), 'book 1');
});

test('the last trades are listed newest first, as they are in the rows', () => {
  const rows = [tradeRow(1, '65', '128', 40), tradeRow(2, '65', '128', 20)];
  const first = { id: 1, price: '100', quantity: '0.04', isBuyerMaker: false };
  const second = { id: 2, price: '100.00', quantity: '0.020', isBuyerMaker: false };
  const summaryOf = (listed: readonly ListedTrade[]): string => {
    const findings = new Findings();
    auditListedTrades(MARKET, listed, rows, findings);
    return findings.summary;
  };
  assert.equal(summaryOf([second, first]), '');
  assert.equal(summaryOf([second]), '');
  assert.equal(summaryOf([first]), 'sequence 1');
  assert.equal(summaryOf([second, second]), 'sequence 1');
  assert.equal(summaryOf([{ ...second, isBuyerMaker: true }, first]), 'sequence 1');
  assert.equal(summaryOf([second, { ...first, price: '99' }]), 'sequence 1');
});

test('the candles of every interval add up to the trades', () => {
  const known = new MarketTrades(MARKET);
  known.lastTradeId = 3;
  known.baseUnits = 60_000n;
  known.quoteUnits = 5_800_000n;
  const summaryOf = (sums: Partial<CandleSums>): string => {
    const findings = new Findings();
    const right = { trades: 3, volume: '0.06', quoteVolume: '5.8000' };
    const row = { symbol: MARKET.symbol, interval: '1m', ...right, ...sums };
    auditCandles(new Map([[MARKET.symbol, known]]), [row], findings);
    return findings.summary;
  };
  assert.equal(summaryOf({}), '');
  assert.equal(summaryOf({ trades: 4 }), 'database 1');
  assert.equal(summaryOf({ volume: '0.060001' }), 'database 1');
  assert.equal(summaryOf({ quoteVolume: '5.9' }), 'database 1');
});
