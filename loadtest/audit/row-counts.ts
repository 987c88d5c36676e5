import { withDatabaseSnapshot } from '../client/database-snapshot.ts';
import { type RowSums, readRowSums } from './row-sums.ts';

/** Rows of a venue's projection. */
export interface RowCounts {
  /** By account. */
  readonly orders: ReadonlyMap<number, number>;
  /** Of these, the cancelled ones. */
  readonly cancelled: ReadonlyMap<number, number>;
  /** By market. */
  readonly markets: ReadonlyMap<string, MarketRows>;
  /** By market and interval: what all candles of it add up to. */
  readonly candles: ReadonlyMap<string, ReadonlyMap<string, CandleSum>>;
  readonly sums: RowSums;
}

export interface CandleSum {
  readonly trades: number;
  /** Decimal. */
  readonly volume: string;
}

/** Of one market. Quantities are decimals. */
export interface MarketRows {
  readonly trades: number;
  readonly quantity: string;
  /** Fills, and what was executed of the orders: of both sides, so twice as much as of the trades. */
  readonly fills: number;
  readonly executedQuantity: string;
}

/** Of one account. */
interface OrderRows {
  readonly accountId: number;
  readonly orders: number;
  readonly cancelled: number;
}

export const NO_ROWS: MarketRows = { trades: 0, quantity: '0', fills: 0, executedQuantity: '0' };

const ORDERS = `select account_id::float8 as "accountId", count(*)::float8 as orders,
    count(*) filter (where status = 'Cancelled')::float8 as cancelled
  from orders group by account_id`;

const MARKETS = `select m.symbol, coalesce(t.trades, 0)::float8 as trades,
    trim_scale(coalesce(t.quantity, 0))::text as quantity, coalesce(f.fills, 0)::float8 as fills,
    trim_scale(coalesce(o.executed, 0))::text as "executedQuantity"
  from markets m
    left join (select market_id, count(*) as trades, sum(quantity) as quantity
      from trades group by market_id) t using (market_id)
    left join (select market_id, count(*) as fills from fills group by market_id) f using (market_id)
    left join (select market_id, sum(executed_quantity) as executed
      from orders group by market_id) o using (market_id)`;

const CANDLES = `select m.symbol, k.interval, sum(k.trades)::float8 as trades,
    trim_scale(sum(k.volume))::text as volume
  from klines k join markets m using (market_id) group by m.symbol, k.interval`;

/** Counts the rows as they are at one moment. */
export function readRows(databaseUrl: string): Promise<RowCounts> {
  return withDatabaseSnapshot(databaseUrl, async (client) => {
    const orders = await client.query<OrderRows>(ORDERS);
    const markets = await client.query<MarketRows & { symbol: string }>(MARKETS);
    const sums = await client.query<CandleSum & { symbol: string; interval: string }>(CANDLES);
    const candles = new Map<string, Map<string, CandleSum>>();
    for (const { symbol, interval, ...sum } of sums.rows) {
      const ofMarket = candles.get(symbol) ?? new Map<string, CandleSum>();
      candles.set(symbol, ofMarket.set(interval, sum));
    }
    return {
      candles,
      sums: await readRowSums(client),
      orders: new Map(orders.rows.map((row) => [row.accountId, row.orders])),
      cancelled: new Map(orders.rows.map((row) => [row.accountId, row.cancelled])),
      markets: new Map(markets.rows.map(({ symbol, ...rows }) => [symbol, rows])),
    };
  });
}
