import type { Static } from 'typebox';
import type { KlineInterval } from '../../persistence/kline-intervals.ts';
import { invalidRequest } from '../api-error.ts';
import { nextKlineStart } from '../market-data/kline-interval.ts';
import {
  type KlineRow,
  type KlineSource,
  readFirstKlines,
  type UntilStored,
} from '../market-data/kline-series.ts';
import type { MarketData } from '../market-data/market-data.ts';
import { naiveSpacedSeconds } from '../market-data/time-formats.ts';
import type { Registry } from '../registry/registry.ts';
import { KLINES_QUERY } from '../schemas/market-data.ts';
import { marketParameter } from './market-parameter.ts';
import { queryReader } from './query-reader.ts';
import { json, type Route } from './route.ts';

const readQuery = queryReader(KLINES_QUERY);

/**
 * `GET /klines`: candles ascending from the one that contains `startTime` to those that start before
 * `endTime` (seconds; default now, the running candle included), the first 1000 of them. A candle without trades
 * repeats the last close; before the market's first trade there are none, so the thousand begin there.
 */
export function klineRoutes(parts: {
  registry: Registry;
  marketData: MarketData;
  stored: KlineSource;
  untilStored: UntilStored;
  nowUs: () => number;
}): Route[] {
  const { registry, nowUs } = parts;
  return [
    {
      method: 'get',
      path: '/api/v1/klines',
      handle: async (request) => {
        const parameters = readQuery(request.query);
        const { marketId } = marketParameter(registry, parameters);
        const { interval, priceType = 'Last' } = parameters;
        const { fromSeconds, toSeconds } = timesOf(parameters, Math.floor(nowUs() / 1_000_000));
        if (priceType !== 'Last') {
          throw invalidRequest(`A spot market has no ${priceType.toLowerCase()} price`);
        }
        if (toSeconds <= fromSeconds) return json([]);
        const filled = await readFirstKlines(parts, marketId, interval, fromSeconds, toSeconds);
        return json(filled.map((row) => describe(row, interval)));
      },
    },
  ];
}

function timesOf(
  { startTime: fromSeconds, endTime: endSeconds }: Static<typeof KLINES_QUERY>,
  nowSeconds: number,
): { fromSeconds: number; toSeconds: number } {
  if (endSeconds !== undefined && endSeconds < fromSeconds) {
    throw invalidRequest('endTime is before startTime');
  }
  const afterNow = nowSeconds + 1;
  return { fromSeconds, toSeconds: Math.min(endSeconds ?? afterNow, afterNow) };
}

function describe(row: KlineRow, interval: KlineInterval): object {
  return {
    close: withoutZeros(row.close),
    end: naiveSpacedSeconds(nextKlineStart(interval, row.startSeconds)),
    high: withoutZeros(row.high),
    low: withoutZeros(row.low),
    open: withoutZeros(row.open),
    quoteVolume: withoutZeros(row.quoteVolume),
    start: naiveSpacedSeconds(row.startSeconds),
    trades: String(row.trades),
    volume: withoutZeros(row.volume),
  };
}

/** A database keeps a number's scale; REST shows none of its trailing zeros. */
function withoutZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
