import { formatPadded, type Scale } from '../../engine/protocol/decimal.ts';
import { Side } from '../../engine/protocol/enums.ts';
import type { Trade } from '../../engine/protocol/events.ts';
import type { KlineInterval } from '../../persistence/kline-intervals.ts';
import type { Market } from '../registry/registry.ts';
import type { Candle } from './candle-series.ts';
import type { AggregatedDepth } from './depth-window.ts';
import { formatSumPadded } from './format-sum.ts';
import type { TickerStatistics } from './rolling-ticker.ts';
import { naiveIsoSeconds } from './time-formats.ts';

/** Slots of a `PaddedDecimals` cache; a power of two. */
const CACHE_SLOTS = 1024;

/**
 * `formatPadded` of one scale with the last results kept: a market's prices and quantities repeat,
 * and this takes a third off the cost of a frame. Direct-mapped, so its size never grows.
 */
class PaddedDecimals {
  readonly #scale: Scale;
  readonly #steps = new Float64Array(CACHE_SLOTS).fill(-1);
  readonly #texts: string[] = new Array(CACHE_SLOTS).fill('');

  constructor(scale: Scale) {
    this.#scale = scale;
  }

  /** `steps` is a whole number from 0 to 2^53 − 1. */
  format(steps: number): string {
    const slot = steps & (CACHE_SLOTS - 1);
    if (this.#steps[slot] === steps) return this.#texts[slot]!;
    const text = formatPadded(steps, this.#scale);
    this.#steps[slot] = steps;
    this.#texts[slot] = text;
    return text;
  }
}

/** The best price and quantity of both sides; 0 for a side without orders. */
export interface BestLevels {
  readonly bidPriceTicks: number;
  readonly bidQuantityLots: number;
  readonly askPriceTicks: number;
  readonly askQuantityLots: number;
}

/**
 * Encodes the public frames of one market, `{"data":{…},"stream":"…"}`, keys in alphabetical order,
 * decimals padded to tick and step. The texts are joined by hand: at tens of thousands of frames a
 * second `JSON.stringify` of fresh objects is several times as dear. `emitUs` is `E`, `timeUs` is `T`.
 */
export class MarketFrames {
  readonly tradeStream: string;
  readonly depthStream: string;
  readonly bookTickerStream: string;
  readonly tickerStream: string;
  readonly #market: Market;
  readonly #prices: PaddedDecimals;
  readonly #quantities: PaddedDecimals;
  readonly #symbolJson: string;
  readonly #tradeEnd: string;
  readonly #depthEnd: string;
  readonly #bookTickerEnd: string;
  readonly #tickerEnd: string;

  constructor(market: Market) {
    const symbol = market.symbol;
    this.#market = market;
    this.#prices = new PaddedDecimals(market.priceScale);
    this.#quantities = new PaddedDecimals(market.quantityScale);
    this.#symbolJson = JSON.stringify(symbol);
    this.tradeStream = `trade.${symbol}`;
    this.depthStream = `depth.${symbol}`;
    this.bookTickerStream = `bookTicker.${symbol}`;
    this.tickerStream = `ticker.${symbol}`;
    this.#tradeEnd = endOf(this.tradeStream);
    this.#depthEnd = endOf(this.depthStream);
    this.#bookTickerEnd = endOf(this.bookTickerStream);
    this.#tickerEnd = endOf(this.tickerStream);
  }

  trade(trade: Readonly<Trade>, emitUs: number, timeUs: number): string {
    const buyerIsMaker = trade.takerSide === Side.Ask;
    const seller = buyerIsMaker ? trade.takerOrderId : trade.makerOrderId;
    const buyer = buyerIsMaker ? trade.makerOrderId : trade.takerOrderId;
    const price = this.#prices.format(trade.priceTicks);
    const quantity = this.#quantities.format(trade.quantityLots);
    return `{"data":{"E":${emitUs},"T":${timeUs},"a":"${seller}","b":"${buyer}","e":"trade","m":${buyerIsMaker},"p":"${price}","q":"${quantity}","s":${this.#symbolJson},"t":${trade.tradeId}${this.#tradeEnd}`;
  }

  /** `levels` are triples (side, priceTicks, total quantityLots). */
  depth(levels: readonly number[], updateId: number, emitUs: number, timeUs: number): string {
    return this.#depth(levels, updateId, updateId, emitUs, timeUs) + this.#depthEnd;
  }

  /** One frame of the aggregated stream `stream`. */
  aggregatedDepth(
    { levels, firstUpdateId, lastUpdateId }: AggregatedDepth,
    stream: string,
    emitUs: number,
    timeUs: number,
  ): string {
    return this.#depth(levels, firstUpdateId, lastUpdateId, emitUs, timeUs) + endOf(stream);
  }

  #depth(
    levels: readonly number[],
    firstUpdateId: number,
    lastUpdateId: number,
    emitUs: number,
    timeUs: number,
  ): string {
    let asks = '';
    let bids = '';
    for (let index = 0; index < levels.length; index += 3) {
      const price = this.#prices.format(levels[index + 1]!);
      const quantity = this.#quantities.format(levels[index + 2]!);
      if (levels[index] === Side.Bid) {
        bids += `${bids === '' ? '' : ','}["${price}","${quantity}"]`;
      } else {
        asks += `${asks === '' ? '' : ','}["${price}","${quantity}"]`;
      }
    }
    return `{"data":{"E":${emitUs},"T":${timeUs},"U":${firstUpdateId},"a":[${asks}],"b":[${bids}],"e":"depth","s":${this.#symbolJson},"u":${lastUpdateId}`;
  }

  /** A side without orders has null price and quantity. */
  bookTicker(best: Readonly<BestLevels>, updateId: number, emitUs: number, timeUs: number): string {
    const noAsk = best.askPriceTicks === 0;
    const noBid = best.bidPriceTicks === 0;
    const askQuantity = noAsk ? 'null' : `"${this.#quantities.format(best.askQuantityLots)}"`;
    const bidQuantity = noBid ? 'null' : `"${this.#quantities.format(best.bidQuantityLots)}"`;
    const ask = noAsk ? 'null' : `"${this.#prices.format(best.askPriceTicks)}"`;
    const bid = noBid ? 'null' : `"${this.#prices.format(best.bidPriceTicks)}"`;
    return `{"data":{"A":${askQuantity},"B":${bidQuantity},"E":${emitUs},"T":${timeUs},"a":${ask},"b":${bid},"e":"bookTicker","s":${this.#symbolJson},"u":${updateId}${this.#bookTickerEnd}`;
  }

  ticker(statistics: TickerStatistics, emitUs: number): string {
    const prices = this.#prices;
    const quoteVolume = formatSumPadded(statistics.quoteVolumeUnits, this.#market.quote.scale);
    const volume = formatSumPadded(statistics.volumeLots, this.#market.quantityScale);
    const close = prices.format(statistics.lastPriceTicks);
    const high = prices.format(statistics.highPriceTicks);
    const low = prices.format(statistics.lowPriceTicks);
    const open = prices.format(statistics.firstPriceTicks);
    return `{"data":{"E":${emitUs},"V":"${quoteVolume}","c":"${close}","e":"ticker","h":"${high}","l":"${low}","n":${statistics.tradeCount},"o":"${open}","s":${this.#symbolJson},"v":"${volume}"${this.#tickerEnd}`;
  }

  klineStream(interval: KlineInterval): string {
    return `kline.${interval}.${this.#market.symbol}`;
  }

  /** One frame of the kline stream `stream`; `T` is the end of the candle, not a time of the engine. */
  kline(candle: Candle, endUs: number, isClosed: boolean, stream: string, emitUs: number): string {
    const prices = this.#prices;
    const volume = formatSumPadded(candle.volumeLots, this.#market.quantityScale);
    const close = prices.format(candle.closeTicks);
    const high = prices.format(candle.highTicks);
    const low = prices.format(candle.lowTicks);
    const open = prices.format(candle.openTicks);
    const start = naiveIsoSeconds(candle.startUs / 1_000_000);
    const end = naiveIsoSeconds(endUs / 1_000_000);
    return `{"data":{"E":${emitUs},"T":"${end}","X":${isClosed},"c":"${close}","e":"kline","h":"${high}","l":"${low}","n":${candle.trades},"o":"${open}","s":${this.#symbolJson},"t":"${start}","v":"${volume}"${endOf(stream)}`;
  }
}

function endOf(stream: string): string {
  return `},"stream":${JSON.stringify(stream)}}`;
}
