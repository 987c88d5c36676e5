import type pg from 'pg';
import { withDatabaseSnapshot } from '../client/database-snapshot.ts';
import type { StatusName } from './order-record.ts';

/** Rows of the projection, numbers as decimal strings unless they are ids that fit. */
export interface OrderRow {
  readonly orderId: string;
  readonly accountId: number;
  readonly symbol: string | null;
  readonly clientId: number | null;
  readonly side: string;
  readonly orderType: string;
  readonly timeInForce: string;
  readonly postOnly: boolean;
  readonly selfTradePrevention: string;
  readonly status: StatusName;
  readonly price: string | null;
  readonly quantity: string | null;
  readonly quoteQuantity: string | null;
  readonly executedQuantity: string;
  readonly executedQuoteQuantity: string;
  readonly triggerPrice: string | null;
  /** Of the whole row, times included. */
  readonly digest: string;
}

/** One side's fill of a trade. */
export interface FillRow {
  readonly accountId: number;
  readonly side: string;
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly fee: string;
  readonly isMaker: boolean;
}

export interface TradeRow {
  readonly tradeId: number;
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly takerSide: string;
  readonly makerOrderId: string;
  readonly takerOrderId: string;
  /** Null when the row is missing. */
  readonly maker: FillRow | null;
  readonly taker: FillRow | null;
}

export interface BalanceRow {
  readonly accountId: number;
  readonly asset: string | null;
  readonly available: string;
  readonly locked: string;
}

export interface TransferRow {
  readonly accountId: number;
  readonly kind: string;
  readonly id: string;
  readonly asset: string | null;
  readonly amount: string;
}

/** Something the operator made. */
export interface CreationRow {
  readonly kind: string;
  readonly id: number;
  readonly name: string;
}

/** Sums of a market's candles of one interval. */
export interface CandleSums {
  readonly symbol: string;
  readonly interval: string;
  readonly trades: number;
  readonly volume: string;
  readonly quoteVolume: string;
}

const ORDERS = `select o.order_id::text as "orderId", o.account_id::int as "accountId", m.symbol,
    o.client_id::float8 as "clientId", o.side, o.order_type as "orderType",
    o.time_in_force as "timeInForce", o.post_only as "postOnly",
    o.self_trade_prevention as "selfTradePrevention", o.status, o.price::text, o.quantity::text,
    o.quote_quantity::text as "quoteQuantity", o.executed_quantity::text as "executedQuantity",
    o.executed_quote_quantity::text as "executedQuoteQuantity",
    o.trigger_price::text as "triggerPrice", hashtextextended(o::text, 0)::text as digest
  from orders o left join markets m using (market_id)`;

const FILL = (alias: string): string =>
  `case when ${alias}.order_id is null then null else json_build_object(
    'accountId', ${alias}.account_id, 'side', ${alias}.side, 'price', ${alias}.price::text,
    'quantity', ${alias}.quantity::text, 'quoteQuantity', ${alias}.quote_quantity::text,
    'fee', ${alias}.fee::text, 'isMaker', ${alias}.is_maker) end`;

const TRADES = `select t.trade_id::int as "tradeId", t.price::text, t.quantity::text,
    t.quote_quantity::text as "quoteQuantity", t.taker_side as "takerSide",
    t.maker_order_id::text as "makerOrderId", t.taker_order_id::text as "takerOrderId",
    ${FILL('f')} as maker, ${FILL('g')} as taker
  from trades t join markets m using (market_id)
    left join fills f on (f.order_id, f.market_id, f.trade_id) = (t.maker_order_id, t.market_id, t.trade_id)
    left join fills g on (g.order_id, g.market_id, g.trade_id) = (t.taker_order_id, t.market_id, t.trade_id)
  where m.symbol = $1 and t.trade_id > $2 order by t.trade_id`;

const BALANCES = `select b.account_id::int as "accountId", a.symbol as asset,
    b.available::text, b.locked::text
  from balances b left join assets a using (asset_id)`;

const TRANSFERS = `select t.account_id::int as "accountId", t.kind, t.transfer_id as id,
    a.symbol as asset, t.amount::text
  from transfers t left join assets a using (asset_id)`;

const CANDLES = `select m.symbol, k.interval, sum(k.trades)::float8 as trades, sum(k.volume)::text as volume,
    sum(k.quote_volume)::text as "quoteVolume"
  from klines k join markets m using (market_id) group by m.symbol, k.interval`;

const CREATIONS = `select 'account' as kind, account_id::int as id, name from accounts
  union all select 'asset', asset_id::int, symbol from assets
  union all select 'market', market_id::int, symbol from markets`;

const POSITIONS = `select shard, sequence::float8 as sequence from projection_positions`;

/** How many rows a scan of everything fetches at a time. */
const SCAN_ROWS = 20_000;

/** Reads the projection as it was at one moment: everything read through `withDatabase` is of one snapshot. */
export class DatabaseReader {
  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  /**
   * Orders whose ids are beyond the last ones seen of their shards, and those named.
   *
   * @param lastOrderIds by shard, which the low six bits of an id tell
   */
  orders(lastOrderIds: ReadonlyMap<number, number>, named: readonly string[]): Promise<OrderRow[]> {
    const conditions = ['o.order_id = any($1)'];
    const shards = [...lastOrderIds];
    for (const [shard, last] of shards) {
      conditions.push(`(o.order_id & 63 = ${shard} and o.order_id > ${last})`);
    }
    if (shards.length === 0) conditions.push('true');
    return this.#rows(`${ORDERS} where ${conditions.join(' or ')}`, [named]);
  }

  /** The trades of a market after this one, by id, with the fills of both sides. */
  trades(symbol: string, afterTradeId: number): Promise<TradeRow[]> {
    return this.#rows(TRADES, [symbol, afterTradeId]);
  }

  balances(): Promise<BalanceRow[]> {
    return this.#rows(BALANCES);
  }

  transfers(): Promise<TransferRow[]> {
    return this.#rows(TRANSFERS);
  }

  candleSums(): Promise<CandleSums[]> {
    return this.#rows(CANDLES);
  }

  creations(): Promise<CreationRow[]> {
    return this.#rows(CREATIONS);
  }

  /** Per shard the last event whose rows are here. */
  positions(): Promise<{ readonly shard: number; readonly sequence: number }[]> {
    return this.#rows(POSITIONS);
  }

  async counts(): Promise<{ readonly trades: number; readonly fills: number }> {
    const [row] = await this.#rows<{ trades: number; fills: number }>(
      `select (select count(*) from trades)::int as trades, (select count(*) from fills)::int as fills`,
    );
    return row!;
  }

  /** Every order there is, in pieces. */
  async *allOrders(): AsyncGenerator<readonly OrderRow[]> {
    let last = '0';
    for (;;) {
      const text = `${ORDERS} where o.order_id > $1 order by o.order_id limit ${SCAN_ROWS}`;
      const rows = await this.#rows<OrderRow>(text, [last]);
      if (rows.length === 0) return;
      yield rows;
      last = rows.at(-1)!.orderId;
    }
  }

  async #rows<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.#client.query(text, [...values]);
    return rows;
  }
}

/** Reads the database of a venue in one snapshot. */
export function withDatabase<Result>(
  databaseUrl: string,
  use: (reader: DatabaseReader) => Promise<Result>,
): Promise<Result> {
  return withDatabaseSnapshot(databaseUrl, (client) => use(new DatabaseReader(client)));
}
