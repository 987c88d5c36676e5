import { KLINE_INTERVALS } from '../../persistence/kline-intervals.ts';
import { KlineStream, type Tell } from './kline-stream.ts';
import type { MarketCandles } from './market-candles.ts';

/** The kline streams of one market. A look at a market without news costs next to nothing. */
export class KlineStreams {
  /** In the order of `KLINE_INTERVALS`. */
  readonly #streams: readonly KlineStream[];
  #candles: MarketCandles | null = null;
  #version = 0;
  #dueUs = 0;
  #endUs = 0;

  /** @param tell hears of the streams of all intervals */
  constructor(tell: Tell) {
    this.#streams = KLINE_INTERVALS.map(() => new KlineStream(tell));
  }

  /** Tells what is due; see `KlineStream.tellDue`. `candles` may be others than before, of the same market. */
  tellDue(candles: MarketCandles, nowUs: number, engineUs: number): void {
    const hasNews = candles !== this.#candles || candles.version !== this.#version;
    if (!hasNews && nowUs < this.#dueUs && engineUs < this.#endUs) return;
    this.#candles = candles;
    this.#version = candles.version;
    this.#dueUs = Number.POSITIVE_INFINITY;
    this.#endUs = Number.POSITIVE_INFINITY;
    const all = candles.all();
    for (let index = 0; index < all.length; index++) {
      const stream = this.#streams[index]!;
      if (hasNews || nowUs >= stream.dueUs || engineUs >= stream.endUs) {
        stream.tellDue(all[index]!, nowUs, engineUs);
      }
      this.#dueUs = Math.min(this.#dueUs, stream.dueUs);
      this.#endUs = Math.min(this.#endUs, stream.endUs);
    }
  }
}
