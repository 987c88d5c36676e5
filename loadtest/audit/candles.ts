import { RestClient } from '../client/rest-client.ts';
import { decimalOf, exact } from './decimal-sums.ts';

/** What a market's candles of a month add up to, from one month on. */
export interface Candles {
  /** Of the epoch. */
  readonly sinceSeconds: number;
  readonly markets: ReadonlyMap<string, CandleSums>;
}

export interface CandleSums {
  readonly trades: number;
  /** Decimal. */
  readonly volume: string;
}

interface WireCandle {
  readonly trades: string;
  readonly volume: string;
}

/** Any month that the run does not begin in would do: sums are compared with earlier ones. */
const DAYS_BACK = 40;
const SECONDS_PER_DAY = 86_400;

/** Asks the public API: the newest candles are of the gateway's memory, those before of the database. */
export async function readCandles(
  url: string,
  symbols: Iterable<string>,
  sinceSeconds = Math.floor(Date.now() / 1000) - DAYS_BACK * SECONDS_PER_DAY,
): Promise<Candles> {
  const rest = new RestClient(url);
  const markets = new Map<string, CandleSums>();
  for (const symbol of symbols) {
    const candles = await rest.get<readonly WireCandle[]>('/api/v1/klines', {
      symbol,
      interval: '1month',
      startTime: sinceSeconds,
    });
    const trades = candles.reduce((sum, candle) => sum + Number(candle.trades), 0);
    const volume = candles.reduce((sum, candle) => sum + exact(candle.volume), 0n);
    markets.set(symbol, { trades, volume: decimalOf(volume) });
  }
  return { sinceSeconds, markets };
}
