import { KLINE_INTERVALS, type KlineInterval } from '../../persistence/kline-intervals.ts';
import { invalidRequest } from '../api-error.ts';
import { nextKlineStart } from '../market-data/kline-interval.ts';
import {
  type IsStored,
  type KlineRow,
  type KlineSource,
  readFirstKlines,
} from '../market-data/kline-series.ts';
import type { MarketData } from '../market-data/market-data.ts';
import { naiveSpacedSeconds } from '../market-data/time-formats.ts';
import type { Registry } from '../registry/registry.ts';
import { marketParameter } from './market-parameter.ts';
import { QueryParameters } from './query.ts';
import { json, type Route } from './route.ts';

const PRICE_TYPES = ['Last', 'Index', 'Mark'] as const;

/**
 * `GET /klines`: candles ascending from the one that contains `startTime` to those that start before
 * `endTime` (seconds; default now, the running candle included), the first 1000 of them. A candle without trades
 * repeats the last close; before the market's first trade there are none, so the thousand begin there.
 */
export function klineRoutes(parts: {
  registry: Registry;
  marketData: MarketData;
  stored: KlineSource;
  isStored: IsStored;
  nowUs: () => number;
}): Route[] {
  const { registry, nowUs } = parts;
  return [
    {
      method: 'get',
      path: '/api/v1/klines',
      handle: async (request) => {
        const parameters = new QueryParameters(request.query);
        const { marketId } = marketParameter(registry, parameters);
        parameters.requiredText('interval');
        const interval = parameters.oneOf('interval', 'KlineInterval', KLINE_INTERVALS)!;
        const priceType = parameters.oneOf('priceType', 'KlinePriceType', PRICE_TYPES) ?? 'Last';
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
  parameters: QueryParameters,
  nowSeconds: number,
): { fromSeconds: number; toSeconds: number } {
  parameters.requiredText('startTime');
  const fromSeconds = parameters.integer('startTime', 0, Number.MAX_SAFE_INTEGER)!;
  const endSeconds = parameters.integer('endTime', 0, Number.MAX_SAFE_INTEGER);
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
