import type pg from 'pg';

/** What of an account's history is asked for. */
export interface HistoryRange {
  readonly accountId: number;
  /** Null: of all markets. Transfers have none. */
  readonly marketId: number | null;
  /** Null: of all orders. Transfers have none. */
  readonly orderId: number | null;
  /** From this time on, µs: when an order was created, a fill was made, money was moved. Null: from the first. */
  readonly fromUs: number | null;
  /** Before this time, µs. Null: to the last. */
  readonly toUs: number | null;
  /** Oldest first; else newest first. */
  readonly isAscending: boolean;
  /** Rows of the page at most, ≥ 0. */
  readonly limit: number;
  /** Rows of the range that stand before the page, ≥ 0. */
  readonly offset: number;
}

export interface HistoryPage<Row> {
  readonly rows: readonly Row[];
  /** Rows of the whole range. */
  readonly total: number;
}

/** An order as it was after its last event. Names are those of the engine's enums, decimals have no trailing zeros. */
export interface RecordedOrder {
  readonly orderId: number;
  readonly marketId: number;
  readonly clientId: number | null;
  readonly side: 'Bid' | 'Ask';
  readonly orderType: 'Limit' | 'Market';
  readonly timeInForce: string;
  readonly postOnly: boolean;
  readonly selfTradePrevention: string;
  readonly status: string;
  /** Null unless it expired. */
  readonly expiryReason: string | null;
  /** Why a stop order failed when its price was reached; null of every other order. */
  readonly rejectReason: string | null;
  /** Null for a market order. */
  readonly price: string | null;
  /** Null for a market order that its quote quantity sizes. */
  readonly quantity: string | null;
  readonly quoteQuantity: string | null;
  readonly executedQuantity: string;
  readonly executedQuoteQuantity: string;
  /** Null unless it is a stop order. */
  readonly triggerPrice: string | null;
  readonly triggeredAtUs: number | null;
  readonly createdAtUs: number;
  readonly updatedAtUs: number;
}

/** One side of a trade. Decimals have no trailing zeros. */
export interface RecordedFill {
  readonly tradeId: number;
  readonly orderId: number;
  readonly marketId: number;
  readonly clientId: number | null;
  readonly side: 'Bid' | 'Ask';
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly fee: string;
  readonly feeAssetId: number;
  readonly isMaker: boolean;
  readonly timeUs: number;
}

export type TransferKindName = 'Deposit' | 'Withdrawal';

/** A deposit or withdrawal. */
export interface RecordedTransfer {
  /** Which of the account's transfers of its kind it is, from 1. */
  readonly number: number;
  /** As the operator, or the account, named it. */
  readonly transferId: string;
  readonly assetId: number;
  /** A decimal without trailing zeros. */
  readonly quantity: string;
  readonly timeUs: number;
}

const ORDER_COLUMNS = `order_id::float8 as "orderId", market_id::float8 as "marketId",
  client_id::float8 as "clientId", side, order_type as "orderType",
  time_in_force as "timeInForce", post_only as "postOnly",
  self_trade_prevention as "selfTradePrevention", status, expiry_reason as "expiryReason",
  reject_reason as "rejectReason", trim_scale(price)::text as price,
  trim_scale(quantity)::text as quantity, trim_scale(quote_quantity)::text as "quoteQuantity",
  trim_scale(executed_quantity)::text as "executedQuantity",
  trim_scale(executed_quote_quantity)::text as "executedQuoteQuantity",
  trim_scale(trigger_price)::text as "triggerPrice", ${microsecondsOf('triggered_at')} as "triggeredAtUs",
  ${microsecondsOf('created_at')} as "createdAtUs", ${microsecondsOf('updated_at')} as "updatedAtUs"`;

const FILL_COLUMNS = `trade_id::float8 as "tradeId", order_id::float8 as "orderId",
  market_id::float8 as "marketId", client_id::float8 as "clientId", side,
  trim_scale(price)::text as price, trim_scale(quantity)::text as quantity,
  trim_scale(quote_quantity)::text as "quoteQuantity", trim_scale(fee)::text as fee,
  fee_asset_id::float8 as "feeAssetId", is_maker as "isMaker",
  ${microsecondsOf('filled_at')} as "timeUs"`;

const TRANSFER_COLUMNS = `number::float8 as number, transfer_id as "transferId",
  asset_id::float8 as "assetId", trim_scale(amount)::text as quantity,
  ${microsecondsOf('moved_at')} as "timeUs"`;
const NUMBERED_TRANSFERS = `(select *, row_number() over (order by moved_at, transfer_id) as number
  from transfers where account_id = $1 and kind = $4) as transfers`;

/** Where rows are, in what order, and what is told of them. */
interface Selection {
  readonly table: string;
  readonly columns: string;
  readonly timeColumn: string;
  /** Its time column first; together they are of one row. */
  readonly orderedBy: readonly string[];
  /** Besides those of the account and the time. Parameters begin with $4. */
  readonly conditions: readonly string[];
  readonly values: readonly unknown[];
}

/**
 * Reads what an account did, from the projection: rows trail the engine by the writer's lag. Every method
 * rejects as those of `ProjectionQueries` do.
 */
export class AccountHistory {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Orders, open ones too, by the time of their creation. */
  orders(range: HistoryRange): Promise<HistoryPage<RecordedOrder>> {
    return this.#read(range, {
      table: 'orders',
      columns: ORDER_COLUMNS,
      timeColumn: 'created_at',
      orderedBy: ['created_at', 'order_id'],
      ...namesOf(range),
    });
  }

  /** Fills, by time. */
  fills(range: HistoryRange): Promise<HistoryPage<RecordedFill>> {
    return this.#read(range, {
      table: 'fills',
      columns: FILL_COLUMNS,
      timeColumn: 'filled_at',
      orderedBy: ['filled_at', 'trade_id', 'market_id', 'order_id'],
      ...namesOf(range),
    });
  }

  /** Deposits or withdrawals, by time. */
  transfers(range: HistoryRange, kind: TransferKindName): Promise<HistoryPage<RecordedTransfer>> {
    return this.#read(range, {
      table: NUMBERED_TRANSFERS,
      columns: TRANSFER_COLUMNS,
      timeColumn: 'moved_at',
      orderedBy: ['moved_at', 'number'],
      conditions: ['kind = $4'],
      values: [kind],
    });
  }

  async #read<Row>(range: HistoryRange, selection: Selection): Promise<HistoryPage<Row>> {
    const { table, columns, timeColumn, orderedBy, conditions } = selection;
    const fixed = [`account_id = $1`, `${timeColumn} >= $2`, `${timeColumn} < $3`];
    const from = `from ${table} where ${[...fixed, ...conditions].join(' and ')}`;
    const { accountId, fromUs, toUs, limit, offset, isAscending } = range;
    const times = [timestampOf(fromUs, '-infinity'), timestampOf(toUs, 'infinity')];
    const values = [accountId, ...times, ...selection.values];
    const counted = await this.#pool.query(`select count(*)::float8 as total ${from}`, values);
    const { total } = counted.rows[0];
    if (offset >= total || limit === 0) return { rows: [], total };
    const direction = isAscending ? 'asc' : 'desc';
    const order = orderedBy.map((column) => `${column} ${direction}`).join(', ');
    const page = `order by ${order} limit $${values.length + 1} offset $${values.length + 2}`;
    const text = `select ${columns} ${from} ${page}`;
    const { rows } = await this.#pool.query(text, [...values, limit, offset]);
    return { rows, total };
  }
}

/** The conditions that name markets and orders. */
function namesOf({ marketId, orderId }: HistoryRange): Pick<Selection, 'conditions' | 'values'> {
  const named = Object.entries({ market_id: marketId, order_id: orderId });
  const given = named.filter(([, id]) => id !== null);
  return {
    conditions: given.map(([column], index) => `${column} = $${index + 4}`),
    values: given.map(([, id]) => id),
  };
}

/** Every whole number of these tables is a safe integer, which a float8 holds and pg does not give as text. */
function microsecondsOf(column: string): string {
  return `(extract(epoch from ${column}) * 1000000)::float8`;
}

/** Beyond any event, and within what a date can be. */
const END_OF_TIME_US = 8e15;

/** A time with its microseconds, as Postgres reads it. */
function timestampOf(timeUs: number | null, unbounded: string): string {
  if (timeUs === null) return unbounded;
  if (timeUs >= END_OF_TIME_US) return 'infinity';
  const milliseconds = Math.floor(timeUs / 1000);
  const rest = String(timeUs - milliseconds * 1000).padStart(3, '0');
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${rest}Z`;
}
