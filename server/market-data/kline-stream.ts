import { klineEndUs, klineStartUs } from '../../persistence/kline-intervals.ts';
import type { Candle, CandleSeries } from './candle-series.ts';

/** Least time between two frames of a running candle. */
const CHANGE_PAUSE_US = 1_000_000;
/** After its end a candle is closed even if nothing tells that the shard has no more trades of it. */
const CLOSE_DELAY_US = 250_000;
/** A candle that ended longer ago is not told, and not corrected. */
const CLOSED_TELLING_US = 10_000_000;

/** A candle whose close was told by the clock. */
interface ToldClose {
  readonly startUs: number;
  readonly endUs: number;
  trades: number;
}

/** Hears what is due on one stream. */
type Tell = (candle: Candle, endUs: number, isClosed: boolean) => void;

/**
 * What listeners of one kline stream have been told, and what they are to be told next: a running candle
 * when it has changed, at most once a second, and every candle once more when it is closed.
 *
 * A candle is closed as soon as the market's shard is past its end, or, since a quiet one does not say where
 * it is, a moment after the end. Should a trade of it come even later, it is told closed again, with that trade.
 */
export class KlineStream {
  /** Of the candle that is not closed yet; null until there is one. */
  #startUs: number | null = null;
  #endUs = 0;
  #toldTrades = 0;
  #toldUs = 0;
  #closedByClock: ToldClose[] = [];
  readonly #tell: Tell;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /**
   * Tells what is due, in order of time.
   *
   * @param engineUs time of the market's last event: none of its trades to come is before it
   */
  tellDue(series: CandleSeries, nowUs: number, engineUs: number): void {
    if (!this.#open(series, nowUs)) return;
    if (this.#closedByClock.length > 0) this.#correct(series, nowUs, engineUs);
    while (this.#endUs <= engineUs || this.#endUs + CLOSE_DELAY_US <= nowUs) {
      const candle = series.at(this.#startUs!)!;
      const endUs = this.#endUs;
      if (endUs + CLOSED_TELLING_US > nowUs) this.#tell(candle, endUs, true);
      if (endUs > engineUs) {
        this.#closedByClock.push({ startUs: candle.startUs, endUs, trades: candle.trades });
      }
      this.#moveTo(series, Math.max(endUs, this.#firstToldStart(series, nowUs)));
    }
    const candle = series.at(this.#startUs!)!;
    if (candle.trades === this.#toldTrades || nowUs - this.#toldUs < CHANGE_PAUSE_US) return;
    this.#toldTrades = candle.trades;
    this.#toldUs = nowUs;
    this.#tell(candle, this.#endUs, false);
  }

  /** False while there is no candle to tell of. A series may begin later than what was told. */
  #open(series: CandleSeries, nowUs: number): boolean {
    const firstUs = series.firstStartUs;
    if (firstUs === null || series.knownFromUs > nowUs) return false;
    if (this.#startUs === null || this.#startUs < series.knownFromUs) {
      this.#moveTo(
        series,
        Math.max(firstUs, series.knownFromUs, this.#firstToldStart(series, nowUs)),
      );
    }
    return true;
  }

  #moveTo({ interval }: CandleSeries, startUs: number): void {
    this.#startUs = startUs;
    this.#endUs = klineEndUs(interval, startUs);
    this.#toldTrades = 0;
  }

  #firstToldStart({ interval }: CandleSeries, nowUs: number): number {
    return klineStartUs(interval, nowUs - CLOSED_TELLING_US);
  }

  #correct(series: CandleSeries, nowUs: number, engineUs: number): void {
    for (const told of this.#closedByClock) {
      if (told.startUs < series.knownFromUs) continue;
      const candle = series.at(told.startUs)!;
      if (candle.trades === told.trades) continue;
      told.trades = candle.trades;
      this.#tell(candle, told.endUs, true);
    }
    this.#closedByClock = this.#closedByClock.filter(
      ({ endUs }) => endUs > engineUs && endUs + CLOSED_TELLING_US > nowUs,
    );
  }
}
