import type { BookBuilder } from '../../client/book-builder.ts';
import { unitsOf } from '../../client/decimal-text.ts';
import type { DepthSnapshot } from '../../client/rest-client.ts';
import type { AccountFacts } from '../account-facts.ts';
import type { CandleSums, TradeRow } from '../database.ts';
import type { Findings } from '../findings.ts';
import type { ChaosMarket } from '../markets.ts';
import { stateOfOrder, termsOfOrder, type WireOrder } from '../wire-orders.ts';
import type { MarketTrades } from './trade-audit.ts';

/** The account's open orders at the engine are those of the database, which are known by now, in every figure. */
export function auditOpenOrders(
  facts: AccountFacts,
  orders: readonly WireOrder[],
  market: (symbol: string) => ChaosMarket,
  findings: Findings,
): void {
  const shown = new Set<string>();
  for (const order of orders) {
    shown.add(order.id);
    const record = facts.byOrderId.get(order.id);
    if (record === undefined || record.openIndex < 0) {
      const describe = () => `order ${order.id} is ${order.status} at the engine, not in the rows`;
      findings.add('database', describe);
      continue;
    }
    const state = stateOfOrder(order);
    const terms = termsOfOrder(order, market(order.symbol));
    const isSame =
      state.status === record.status &&
      state.executed === record.executed &&
      state.executedQuoteUnits === record.executedQuoteUnits &&
      terms.price === record.terms.price &&
      terms.quantity === record.terms.quantity;
    if (isSame) continue;
    const row = `${record.status} ${record.executed} of ${JSON.stringify(record.terms)}`;
    findings.add(
      'database',
      () => `${record.name} is ${row}, the engine says ${JSON.stringify({ ...state, ...terms })}`,
    );
  }
  for (const { orderId, name, status } of facts.open) {
    if (shown.has(orderId!)) continue;
    findings.add('database', () => `${name} is ${status}, the engine does not show it`);
  }
}

/** The public book is the open orders, level by level, and so is the one that the stream built. */
export function auditBook(
  market: ChaosMarket,
  accounts: ReadonlyMap<number, AccountFacts>,
  snapshot: DepthSnapshot,
  built: BookBuilder | null,
  findings: Findings,
): void {
  for (const side of ['Bid', 'Ask'] as const) {
    const wanted = levelsOf(market, side, accounts);
    const shown = new Map(
      (side === 'Bid' ? snapshot.bids : snapshot.asks).map(([price, quantity]) => [
        unitsOf(price, market.priceDecimals),
        unitsOf(quantity, market.quantityDecimals),
      ]),
    );
    compareLevels(`${market.symbol} ${side}`, wanted, shown, findings);
    if (built === null || built.updateId !== Number(snapshot.lastUpdateId)) continue;
    const streamed = side === 'Bid' ? built.bids : built.asks;
    const heard = new Map<number, number>();
    for (let rank = 0; rank < streamed.length; rank++) {
      heard.set(streamed.priceAt(rank), streamed.quantityAt(rank));
    }
    compareLevels(`${market.symbol} ${side} as streamed`, wanted, heard, findings);
  }
}

/** Total open quantity by price, of orders that rest. */
function levelsOf(
  market: ChaosMarket,
  side: 'Bid' | 'Ask',
  accounts: ReadonlyMap<number, AccountFacts>,
): Map<number, number> {
  const levels = new Map<number, number>();
  for (const facts of accounts.values()) {
    for (const { sent, status, terms, executed } of facts.open) {
      const rests = status === 'New' || status === 'PartiallyFilled';
      if (!rests || sent.symbol !== market.symbol || sent.side !== side) continue;
      levels.set(terms.price!, (levels.get(terms.price!) ?? 0) + terms.quantity! - executed);
    }
  }
  return levels;
}

function compareLevels(
  name: string,
  wanted: ReadonlyMap<number, number>,
  shown: ReadonlyMap<number, number>,
  findings: Findings,
): void {
  for (const price of new Set([...wanted.keys(), ...shown.keys()])) {
    const orders = wanted.get(price) ?? 0;
    const level = shown.get(price) ?? 0;
    if (orders === level) continue;
    findings.add('book', () => `${name} at ${price}: ${level}, its orders have ${orders}`);
  }
}

/** A trade as REST lists it. */
export interface ListedTrade {
  readonly id: number;
  readonly price: string;
  readonly quantity: string;
  readonly isBuyerMaker: boolean;
}

/**
 * The last trades as they are listed, newest first, are those of the rows. There may be fewer: a venue that starts
 * without its database does not know them.
 *
 * @param rows the last trades of the market, oldest first
 */
export function auditListedTrades(
  { symbol, priceDecimals, quantityDecimals }: ChaosMarket,
  listed: readonly ListedTrade[],
  rows: readonly TradeRow[],
  findings: Findings,
): void {
  listed.slice(0, rows.length).forEach(({ id, price, quantity, isBuyerMaker }, index) => {
    const row = rows.at(-1 - index)!;
    const isSame =
      id === row.tradeId &&
      unitsOf(price, priceDecimals) === unitsOf(row.price, priceDecimals) &&
      unitsOf(quantity, quantityDecimals) === unitsOf(row.quantity, quantityDecimals) &&
      isBuyerMaker === (row.takerSide === 'Ask');
    if (isSame) return;
    findings.add(
      'sequence',
      () => `${symbol} trade ${id} is listed where ${row.tradeId} should be`,
    );
  });
}

/** The candles of every interval add up to the trades: each was counted once. */
export function auditCandles(
  trades: ReadonlyMap<string, MarketTrades>,
  sums: readonly CandleSums[],
  findings: Findings,
): void {
  for (const { symbol, interval, trades: count, volume, quoteVolume } of sums) {
    const known = trades.get(symbol);
    if (known === undefined) continue;
    const { base, quote } = known.market;
    const isSame =
      count === known.lastTradeId &&
      bigUnitsOf(volume, base.decimals) === known.baseUnits &&
      bigUnitsOf(quoteVolume, quote.decimals) === known.quoteUnits;
    if (isSame) continue;
    findings.add(
      'database',
      () =>
        `${symbol} candles of ${interval}: ${count} trades of ${volume} for ${quoteVolume}, there were ${known.lastTradeId} of ${known.baseUnits} units for ${known.quoteUnits}`,
    );
  }
}

function bigUnitsOf(text: string, decimals: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  const digits = fraction.slice(0, decimals).padEnd(decimals, '0');
  return BigInt(whole + digits);
}
