import type pg from 'pg';
import {
  decimalColumn,
  END_CODES,
  FILL_FIGURES,
  type FillSums,
  ORDER_FIGURES,
  type OrderSums,
  sumColumns,
  TRADE_FIGURES,
  type TradeSums,
} from './weighted-sums.ts';

/** Sums over rows, which those of replies and streams must equal. */
export interface RowSums {
  /** By market. */
  readonly trades: ReadonlyMap<string, TradeSums>;
  readonly takerFills: ReadonlyMap<string, FillSums>;
  readonly makerFills: ReadonlyMap<string, FillSums>;
  /** By account. */
  readonly orders: ReadonlyMap<number, OrderSums>;
}

const TRADES = `select m.symbol, ${sumColumns(TRADE_FIGURES, 't.trade_id', [
  ...['1', decimalColumn('t.price'), decimalColumn('t.quantity')],
  `(case t.taker_side when 'Ask' then 1 else 0 end)`,
  `(case t.taker_side when 'Ask' then t.maker_order_id else t.taker_order_id end)`,
  `(case t.taker_side when 'Ask' then t.taker_order_id else t.maker_order_id end)`,
])} from trades t join markets m using (market_id) group by m.symbol`;

const FILLS = `select m.symbol, f.is_maker as "isMaker", ${sumColumns(FILL_FIGURES, 'f.trade_id', [
  '1',
  ...['f.price', 'f.quantity', 'f.fee'].map(decimalColumn),
  'f.order_id',
])} from fills f join markets m using (market_id) group by m.symbol, f.is_maker`;

const ENDS = Object.entries(END_CODES).map(([status, code]) => `when '${status}' then ${code}`);
const ORDERS = `select account_id::float8 as "accountId", ${sumColumns(ORDER_FIGURES, 'order_id', [
  '1',
  `(case status ${ENDS.join(' ')} else 0 end)`,
])} from orders group by account_id`;

type Of<Key, Figures> = Key & Figures;

/** Sums all rows. */
export async function readRowSums(client: pg.Client): Promise<RowSums> {
  const trades = await client.query<Of<{ symbol: string }, TradeSums>>(TRADES);
  const fills = await client.query<Of<{ symbol: string; isMaker: boolean }, FillSums>>(FILLS);
  const orders = await client.query<Of<{ accountId: number }, OrderSums>>(ORDERS);
  const fillsOf = (makers: boolean): Map<string, FillSums> =>
    new Map(
      fills.rows
        .filter(({ isMaker }) => isMaker === makers)
        .map(({ symbol, isMaker: _, ...sums }) => [symbol, sums]),
    );
  return {
    trades: new Map(trades.rows.map(({ symbol, ...sums }) => [symbol, sums])),
    takerFills: fillsOf(false),
    makerFills: fillsOf(true),
    orders: new Map(orders.rows.map(({ accountId, ...sums }) => [accountId, sums])),
  };
}
