import { withDatabaseSnapshot } from '../client/database-snapshot.ts';
import { RestClient } from '../client/rest-client.ts';

/** Each begins with another batch of seconds; `1s` would be as many requests as the run has thousands of them. */
const INTERVALS = ['1m', '1h', '1d', '1month'];

/** A candle of the public API with trades in it: decimals without trailing zeros, `start` in UTC. */
export interface Candle {
  readonly symbol: string;
  readonly interval: string;
  readonly start: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly quoteVolume: string;
  readonly trades: string;
}

const ROWS = `select asked.symbol, asked.interval, asked.start,
    trim_scale(k.open)::text as open, trim_scale(k.high)::text as high, trim_scale(k.low)::text as low,
    trim_scale(k.close)::text as close, trim_scale(k.volume)::text as volume,
    trim_scale(k.quote_volume)::text as "quoteVolume", k.trades::text as trades
  from unnest($1::text[], $2::text[], $3::text[]) as asked (symbol, interval, start)
    join markets m using (symbol)
    join klines k on k.market_id = m.market_id and k.interval = asked.interval
      and k.start_time = asked.start::timestamp at time zone 'UTC'`;

/** The API's candles of each market from the one that holds `sinceSeconds` on, of several intervals, without the empty ones. */
export async function readApiCandles(
  url: string,
  symbols: Iterable<string>,
  sinceSeconds: number,
): Promise<Candle[]> {
  const rest = new RestClient(url);
  const candles: Candle[] = [];
  for (const symbol of symbols) {
    for (const interval of INTERVALS) {
      const asked = { symbol, interval, startTime: sinceSeconds };
      const told = await rest.get<readonly Candle[]>('/api/v1/klines', asked);
      candles.push(
        ...told
          .filter(({ trades }) => trades !== '0')
          .map((candle) => ({ ...candle, symbol, interval })),
      );
    }
  }
  return candles;
}

/** The rows of the same markets, intervals and starts, as far as there are any. */
export function readCandleRows(
  databaseUrl: string,
  candles: readonly Candle[],
): Promise<readonly Candle[]> {
  const columns = [
    candles.map(({ symbol }) => symbol),
    candles.map(({ interval }) => interval),
    candles.map(({ start }) => start),
  ];
  return withDatabaseSnapshot(
    databaseUrl,
    async (client) => (await client.query<Candle>(ROWS, columns)).rows,
  );
}
