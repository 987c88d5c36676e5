import { klineEndUs, klineStartUs } from '../../persistence/kline-intervals.ts';
import type { CandleSeries } from './candle-series.ts';

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

/** Hears what is due: the candle of a series that starts there is closed, or has changed. */
export type Tell = (
  series: CandleSeries,
  startUs: number,
  endUs: number,
  isClosed: boolean,
) => void;

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
  /** Until then nothing is to be told, unless trades or the end of the candle come. */
  #dueUs = 0;
  readonly #tell: Tell;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** When `tellDue` has something to do at the latest, by the clock. */
  get dueUs(): number {
    return this.#dueUs;
  }

  /** By the time of the market's last event. */
  get endUs(): number {
    return this.#endUs;
  }

  /**
   * Tells what is due, in order of time.
   *
   * @param series with all trades so far
   * @param engineUs time of the market's last event: none of its trades to come is before it
   */
  tellDue(series: CandleSeries, nowUs: number, engineUs: number): void {
    if (!this.#open(series, nowUs)) return;
    if (this.#closedByClock.length > 0) this.#correct(series, nowUs, engineUs);
    while (this.#endUs <= engineUs || this.#endUs + CLOSE_DELAY_US <= nowUs) {
      this.#close(series, nowUs, engineUs);
    }
    this.#dueUs = this.#endUs + CLOSE_DELAY_US;
    const trades = series.tradesAt(this.#startUs!);
    if (trades === this.#toldTrades) return;
    if (nowUs - this.#toldUs < CHANGE_PAUSE_US) {
      this.#dueUs = Math.min(this.#dueUs, this.#toldUs + CHANGE_PAUSE_US);
      return;
    }
    this.#toldTrades = trades;
    this.#toldUs = nowUs;
    this.#tell(series, this.#startUs!, this.#endUs, false);
  }

  /** False while there is no candle to tell of. A series may begin later than what was told. */
  #open(series: CandleSeries, nowUs: number): boolean {
    const { firstStartUs, knownFromUs } = series;
    if (firstStartUs === null || knownFromUs > nowUs) {
      this.#dueUs = Math.max(knownFromUs, nowUs + CHANGE_PAUSE_US);
      this.#endUs = Number.POSITIVE_INFINITY;
      return false;
    }
    if (this.#startUs === null || this.#startUs < knownFromUs) {
      this.#moveTo(series, Math.max(firstStartUs, knownFromUs, firstToldStart(series, nowUs)));
    }
    return true;
  }

  #close(series: CandleSeries, nowUs: number, engineUs: number): void {
    const startUs = this.#startUs!;
    const endUs = this.#endUs;
    if (endUs + CLOSED_TELLING_US > nowUs) this.#tell(series, startUs, endUs, true);
    if (endUs > engineUs) {
      this.#closedByClock.push({ startUs, endUs, trades: series.tradesAt(startUs) });
    }
    this.#moveTo(series, Math.max(endUs, firstToldStart(series, nowUs)));
  }

  #moveTo({ interval }: CandleSeries, startUs: number): void {
    this.#startUs = startUs;
    this.#endUs = klineEndUs(interval, startUs);
    this.#toldTrades = 0;
  }

  #correct(series: CandleSeries, nowUs: number, engineUs: number): void {
    for (const told of this.#closedByClock) {
      if (told.startUs < series.knownFromUs) continue;
      const trades = series.tradesAt(told.startUs);
      if (trades === told.trades) continue;
      told.trades = trades;
      this.#tell(series, told.startUs, told.endUs, true);
    }
    this.#closedByClock = this.#closedByClock.filter(
      ({ endUs }) => endUs > engineUs && endUs + CLOSED_TELLING_US > nowUs,
    );
  }
}

/** A candle that ended too long ago to be told is passed over. */
function firstToldStart({ interval }: CandleSeries, nowUs: number): number {
  return klineStartUs(interval, nowUs - CLOSED_TELLING_US);
}
