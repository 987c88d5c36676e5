import assert from 'node:assert/strict';
import type { Order } from 'ccxt';
import type { CcxtTrader, CcxtVenue } from './ccxt-venue.fixture.ts';

export const SOL = 'SOL/USDC';
export const ETH = 'ETH/USDC';
/** Listed, and never traded. */
export const BTC = 'BTC/USDC';

type Side = 'buy' | 'sell';

/** A trade by two limit orders of one price: the maker's rests, the taker's meets it. */
export async function trade(
  maker: CcxtTrader,
  taker: CcxtTrader,
  symbol: string,
  takerSide: Side,
  amount: number,
  price: number,
): Promise<{ makerOrder: Order; takerOrder: Order }> {
  const makerSide = takerSide === 'buy' ? 'sell' : 'buy';
  const makerOrder = await maker.rest.createOrder(symbol, 'limit', makerSide, amount, price);
  const takerOrder = await taker.rest.createOrder(symbol, 'limit', takerSide, amount, price);
  assert.equal(takerOrder.status, 'closed', 'something better rested in the book');
  return { makerOrder, takerOrder };
}

/** A trade as the table has it; money as decimal text. */
export interface TradeRow {
  readonly tradeId: number;
  readonly price: number;
  readonly quantity: number;
  readonly quoteQuantity: number;
  readonly takerSide: Side;
  readonly timeMs: number;
}

/** The trades of a market in the database, oldest first. Rows trail the engine: callers wait for the count. */
export async function tradeRows(venue: CcxtVenue, symbol: string): Promise<TradeRow[]> {
  const rows = await venue.query(
    `select trade_id, price, quantity, quote_quantity, taker_side,
      floor(extract(epoch from traded_at) * 1000) as time_ms
      from trades join markets using (market_id) where symbol = $1 order by trade_id`,
    [symbol.replace('/', '_')],
  );
  return rows.map((row) => ({
    tradeId: Number(row.trade_id),
    price: Number(row.price),
    quantity: Number(row.quantity),
    quoteQuantity: Number(row.quote_quantity),
    takerSide: row.taker_side === 'Bid' ? 'buy' : 'sell',
    timeMs: Number(row.time_ms),
  }));
}

/** ccxt's types allow an order without an id, which is what it makes of a refused one of a batch. */
export function idOf({ id }: Order): string {
  assert.ok(id !== undefined, 'an order without an id');
  return id;
}

/** Whole units of 10^-decimals: sums of these are exact where sums of doubles are not. */
export function unitsOf(amount: number | undefined, decimals: number): number {
  assert.ok(amount !== undefined);
  return Math.round(amount * 10 ** decimals);
}
