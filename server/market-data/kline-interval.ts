import { US_PER_SECOND } from '../../engine/protocol/time-units.ts';
import { type KlineInterval, klineEndUs, klineStartUs } from '../../persistence/kline-intervals.ts';

/*
 * The rules of the writer's candles in whole seconds since the epoch, the unit of the API's candles.
 */

/** The start of the candle that contains `seconds`. */
export function klineStart(interval: KlineInterval, seconds: number): number {
  return klineStartUs(interval, seconds * US_PER_SECOND) / US_PER_SECOND;
}

/** The start of the candle after the one that starts at `start`, which is the end of that one. */
export function nextKlineStart(interval: KlineInterval, start: number): number {
  return klineEndUs(interval, start * US_PER_SECOND) / US_PER_SECOND;
}
