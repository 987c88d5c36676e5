import { KLINE_INTERVALS, type KlineInterval } from '../../persistence/kline-intervals.ts';
import { invalidRequest } from '../api-error.ts';
import { nextKlineStart } from '../market-data/kline-interval.ts';
import {
  fillKlines,
  type KlineRow,
  type KlineSource,
  klineRange,
} from '../market-data/kline-series.ts';
import { naiveSpacedSeconds } from '../market-data/time-formats.ts';
import type { Registry } from '../registry/registry.ts';
import { marketParameter } from './market-parameter.ts';
import { QueryParameters } from './query.ts';
import { json, type Route } from './route.ts';

const PRICE_TYPES = ['Last', 'Index', 'Mark'] as const;

/**
 * `GET /klines`: candles ascending from the one that contains `startTime` to those that start before
 * `endTime` (seconds; default now, the running candle included), at most 1000.
 */
export function klineRoutes(parts: {
  registry: Registry;
  klines: KlineSource;
  nowUs: () => number;
}): Route[] {
  const { registry, klines, nowUs } = parts;
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
        // A spot market has neither an index nor a mark price.
        if (priceType !== 'Last' || fromSeconds >= toSeconds) return json([]);
        const range = klineRange(interval, fromSeconds, toSeconds);
        const { startSeconds, endSeconds } = range;
        if (startSeconds === endSeconds) return json([]);
        const [rows, previousClose] = await Promise.all([
          klines.klines(marketId, interval, startSeconds, endSeconds),
          klines.lastCloseBefore(marketId, interval, startSeconds),
        ]);
        const filled = fillKlines(interval, range, rows, previousClose);
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
