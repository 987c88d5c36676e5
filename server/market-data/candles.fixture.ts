import type { Trade } from '../../engine/protocol/events.ts';
import {
  KLINE_INTERVALS,
  type KlineInterval,
  klineEndUs,
  klineStartUs,
} from '../../persistence/kline-intervals.ts';
import { type NaiveTrade, naiveKlines } from '../../persistence/testing/naive-klines.ts';
import { SOL_USDC, tradeOf } from './market.fixture.ts';
import type { TickerBucket, TickerWindow } from './rolling-ticker.ts';
import { DAY_WINDOW, WEEK_WINDOW } from './rolling-ticker.ts';
import type { TradingPast } from './trade-figures.ts';

type NaiveKline = ReturnType<typeof naiveKlines>[number];

/** A minute before midnight at the end of a month, so that candles of all intervals end early in a test. */
export const BEFORE_MIDNIGHT_US = Date.parse('2025-08-31T23:59:00Z') * 1000;

/** What trades make, the slow and obvious way; they are those of SOL_USDC of the market fixture. */
export class NaiveTwin {
  readonly trades: Trade[] = [];

  trade(priceTicks: number, quantityLots: number, timeUs: number): Trade {
    const tradeId = this.trades.length + 1;
    const trade = tradeOf({ tradeId, priceTicks, quantityLots, timeUs });
    this.trades.push(trade);
    return trade;
  }

  /** Candles with trades of the first `count` trades. */
  klines(interval: KlineInterval, count = this.trades.length): NaiveKline[] {
    return naiveKlines(interval, this.trades.slice(0, count).map(naiveTrade));
  }

  /** The same, with those without trades from the first one up to the one that holds `untilUs`. */
  filledKlines(interval: KlineInterval, untilUs: number, count?: number): NaiveKline[] {
    const filled: NaiveKline[] = [];
    const klines = this.klines(interval, count);
    let startMs = klines[0]?.startMs ?? Number.POSITIVE_INFINITY;
    while (startMs * 1000 <= untilUs) {
      const kline = klines[0]?.startMs === startMs ? klines.shift()! : carried(filled.at(-1)!);
      filled.push({ ...kline, startMs });
      startMs = klineEndUs(interval, startMs * 1000) / 1000;
    }
    return filled;
  }

  /** The one candle that starts there, at or after the first trade; of the first `count` trades. */
  klineAt(interval: KlineInterval, startMs: number, count = this.trades.length): NaiveKline {
    const trades = this.trades.slice(0, count);
    const inside = trades.filter(({ timeUs }) => klineStartUs(interval, timeUs) === startMs * 1000);
    const [kline] = naiveKlines(interval, inside.map(naiveTrade));
    if (kline !== undefined) return kline;
    const before = trades.filter(({ timeUs }) => timeUs < startMs * 1000);
    return { ...carried(naiveKlines(interval, before.map(naiveTrade)).at(-1)!), startMs };
  }

  /** What a database tells a gateway that starts when this many trades are in it. */
  past(nowUs: number, count = this.trades.length): TradingPast {
    const trades = this.trades.slice(0, count);
    const last = KLINE_INTERVALS.flatMap((interval) => {
      const kline = this.klines(interval, count).at(-1);
      return kline === undefined ? [] : [[interval, bucketOf(kline)] as const];
    });
    return {
      lastTradeId: count,
      lastPriceTicks: trades.at(-1)?.priceTicks ?? 0,
      trades: trades.slice(-1000),
      day: this.#buckets('1m', DAY_WINDOW, nowUs, count),
      week: this.#buckets('1h', WEEK_WINDOW, nowUs, count),
      candles: new Map(last),
    };
  }

  #buckets(
    interval: KlineInterval,
    { bucketUs, bucketCount }: TickerWindow,
    nowUs: number,
    count: number,
  ): TickerBucket[] {
    const fromUs = (Math.floor(nowUs / bucketUs) - bucketCount + 1) * bucketUs;
    const klines = this.klines(interval, count).filter(({ startMs }) => startMs * 1000 >= fromUs);
    return klines.map(bucketOf);
  }
}

function naiveTrade({ timeUs, priceTicks, quantityLots }: Trade): NaiveTrade {
  const quoteUnits = priceTicks * quantityLots * SOL_USDC.quoteUnitsPerTickLot;
  return { timeUs, priceTicks, lots: quantityLots, quoteUnits };
}

function carried({ startMs, close }: NaiveKline): NaiveKline {
  const prices = { open: close, high: close, low: close, close };
  return { startMs, ...prices, volume: 0n, quoteVolume: 0n, trades: 0 };
}

function bucketOf(kline: NaiveKline): TickerBucket {
  return {
    startUs: kline.startMs * 1000,
    firstPriceTicks: kline.open,
    lastPriceTicks: kline.close,
    highPriceTicks: kline.high,
    lowPriceTicks: kline.low,
    volumeLots: kline.volume,
    quoteVolumeUnits: kline.quoteVolume,
    tradeCount: kline.trades,
  };
}
