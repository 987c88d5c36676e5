import type pg from 'pg';
import { AccountHistory } from './account-history.ts';
import {
  KLINE_INTERVALS,
  type KlineInterval,
  klineEndUs,
  klineStartUs,
} from './kline-intervals.ts';
import { makeQueryPool } from './query-pool.ts';

/** A candle as stored; decimals without trailing zeros, times in seconds since the epoch. */
export interface Kline {
  readonly start: number;
  readonly end: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly quoteVolume: string;
  readonly trades: string;
}

/** A public trade; decimals without trailing zeros. */
export interface RecordedTrade {
  readonly tradeId: number;
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly takerSide: 'Bid' | 'Ask';
  readonly timeUs: number;
}

/** What a market's public figures are made of, all as of one moment. */
export interface MarketPast {
  /** The newest, newest first. */
  readonly trades: readonly RecordedTrade[];
  /** Candles of a minute, ascending. */
  readonly minutes: readonly Kline[];
  /** Candles of an hour, ascending. */
  readonly hours: readonly Kline[];
  /** Of each interval that has any, the last candle. */
  readonly latest: ReadonlyMap<KlineInterval, Kline>;
}

/** Queries that run at a time; more wait for their turn, and not long. */
export const POOL_SIZE = 4;

/** Beyond any candle, and what `to_timestamp` takes. */
const END_OF_TIME_US = 4e15;
/** More candles than a day has minutes or a week has hours. */
const CANDLES_MAX = 10_000;

const KLINE_COLUMNS = `extract(epoch from start_time)::bigint as start,
    trim_scale(open)::text as open, trim_scale(high)::text as high, trim_scale(low)::text as low,
    trim_scale(close)::text as close, trim_scale(volume)::text as volume,
    trim_scale(quote_volume)::text as "quoteVolume", trades::text as trades`;

const KLINES = `select ${KLINE_COLUMNS} from klines
  where market_id = $1 and interval = $2
    and start_time >= to_timestamp($3) and start_time < to_timestamp($4)
  order by start_time limit $5`;

const LATEST_KLINES = `select wanted.interval, latest.*
  from unnest($2::text[]) as wanted (interval) cross join lateral (
    select ${KLINE_COLUMNS} from klines
    where market_id = $1 and klines.interval = wanted.interval
    order by start_time desc limit 1
  ) as latest`;

const LAST_CLOSE = `select trim_scale(close)::text as close from klines
  where market_id = $1 and interval = $2 and start_time < to_timestamp($3)
  order by start_time desc limit 1`;

/** Ids are dense: a page far back is found by them, without looking at what is skipped. */
const RECENT_TRADES = `select trade_id as "tradeId", trim_scale(price)::text as price,
    trim_scale(quantity)::text as quantity, trim_scale(quote_quantity)::text as "quoteQuantity",
    taker_side as "takerSide", (extract(epoch from traded_at) * 1000000)::bigint as "timeUs"
  from trades where market_id = $1 and trade_id < least($4::bigint, 1 + (
    select coalesce(max(trade_id), 0) from trades where market_id = $1
  )) - $3::bigint order by trade_id desc limit $2`;

/**
 * Reads the projection. Rows trail the engine by the writer's lag. Every method rejects with the
 * driver's error when the database is away, and within 3 s when it does not answer.
 */
export class ProjectionQueries {
  readonly #pool: pg.Pool;
  /** What single accounts did. */
  readonly accountHistory: AccountHistory;

  constructor(databaseUrl: string) {
    this.#pool = makeQueryPool(databaseUrl, 'ringside queries', POOL_SIZE);
    this.accountHistory = new AccountHistory(databaseUrl);
  }

  /**
   * The candles from the one that holds `startUs` to the last one that starts before `endUs`,
   * ascending, at most `limit`, the earliest ones. Candles without trades are not stored, so they are
   * left out.
   */
  klines(
    marketId: number,
    interval: KlineInterval,
    startUs: number,
    endUs: number,
    limit: number,
  ): Promise<Kline[]> {
    return readKlines(this.#pool, marketId, interval, startUs, endUs, limit);
  }

  /**
   * The close of the last trade before the candle that holds `startUs`, which candles without trades
   * carry forward; null when the market had not traded by then.
   */
  async lastCloseBefore(
    marketId: number,
    interval: KlineInterval,
    startUs: number,
  ): Promise<string | null> {
    const values = [marketId, interval, klineStartUs(interval, startUs) / 1e6];
    const { rows } = await this.#pool.query({ name: 'last close', text: LAST_CLOSE, values });
    return rows[0]?.close ?? null;
  }

  /** The newest trades of a market below a trade id, newest first, after skipping `offset` of them. */
  recentTrades(
    marketId: number,
    limit: number,
    offset = 0,
    belowTradeId = Number.MAX_SAFE_INTEGER,
  ): Promise<RecordedTrade[]> {
    return readTrades(this.#pool, marketId, limit, offset, belowTradeId);
  }

  /** A market's newest `tradesMax` trades, its candles from two times on, and its last ones. */
  async marketPast(
    marketId: number,
    tradesMax: number,
    minutesFromUs: number,
    hoursFromUs: number,
  ): Promise<MarketPast> {
    const client = await this.#pool.connect();
    let failed = true;
    try {
      await client.query('begin isolation level repeatable read, read only');
      const trades = await readTrades(client, marketId, tradesMax, 0, Number.MAX_SAFE_INTEGER);
      const candles = (interval: KlineInterval, fromUs: number): Promise<Kline[]> =>
        readKlines(client, marketId, interval, fromUs, END_OF_TIME_US, CANDLES_MAX);
      const minutes = await candles('1m', minutesFromUs);
      const hours = await candles('1h', hoursFromUs);
      const latest = await readLatestKlines(client, marketId);
      await client.query('commit');
      failed = false;
      return { trades, minutes, hours, latest };
    } finally {
      // A connection in an unknown state is no use to the next query.
      client.release(failed);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.end(), this.accountHistory.close()]);
  }
}

type Connection = Pick<pg.Pool, 'query'> | Pick<pg.PoolClient, 'query'>;

async function readKlines(
  connection: Connection,
  marketId: number,
  interval: KlineInterval,
  startUs: number,
  endUs: number,
  limit: number,
): Promise<Kline[]> {
  const firstStart = klineStartUs(interval, startUs) / 1e6;
  const values = [marketId, interval, firstStart, endUs / 1e6, limit];
  const { rows } = await connection.query({ name: 'klines', text: KLINES, values });
  return rows.map((row) => klineOf(row, interval));
}

async function readLatestKlines(
  connection: Connection,
  marketId: number,
): Promise<Map<KlineInterval, Kline>> {
  const values = [marketId, KLINE_INTERVALS];
  const { rows } = await connection.query({ name: 'latest klines', text: LATEST_KLINES, values });
  return new Map(rows.map(({ interval, ...row }) => [interval, klineOf(row, interval)]));
}

/** A row, whose integers of the database are texts. */
function klineOf(row: Record<keyof Kline, string>, interval: KlineInterval): Kline {
  const start = Number(row.start);
  return { ...row, start, end: klineEndUs(interval, start * 1e6) / 1e6 };
}

async function readTrades(
  connection: Connection,
  marketId: number,
  limit: number,
  offset: number,
  belowTradeId: number,
): Promise<RecordedTrade[]> {
  const values = [marketId, limit, offset, belowTradeId];
  const { rows } = await connection.query({ name: 'trades', text: RECENT_TRADES, values });
  return rows.map((row) => ({
    ...row,
    tradeId: Number(row.tradeId),
    timeUs: Number(row.timeUs),
  }));
}
