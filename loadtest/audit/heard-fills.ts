import { type EventFrame, Member } from './event-frame.ts';
import { FILL_FIGURES, type FillSums, WeightedSums, wholeRemainder } from './weighted-sums.ts';

/** The fills that private streams told one kind of party, by market: sums that those of the rows must equal. */
export class HeardFills {
  readonly #markets = new Map<string, WeightedSums<(typeof FILL_FIGURES)[number]>>();

  take(symbol: string, event: EventFrame): void {
    let sums = this.#markets.get(symbol);
    if (sums === undefined) {
      sums = new WeightedSums(FILL_FIGURES);
      this.#markets.set(symbol, sums);
    }
    sums.begin(event.whole(Member.tradeId));
    sums.add(0, 1);
    sums.add(1, event.remainder(Member.fillPrice));
    sums.add(2, event.remainder(Member.fillQuantity));
    sums.add(3, event.has(Member.fee) ? event.remainder(Member.fee) : 0);
    sums.add(4, wholeRemainder(event.whole(Member.orderId)));
  }

  get sums(): ReadonlyMap<string, FillSums> {
    return new Map([...this.#markets].map(([symbol, { sums }]) => [symbol, sums]));
  }
}
