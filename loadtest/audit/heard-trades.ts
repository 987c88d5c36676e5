import { Decimal, DecimalSum, decimalOf } from './decimal-sums.ts';
import { type EventFrame, Member } from './event-frame.ts';
import { TRADE_FIGURES, type TradeSums, WeightedSums, wholeRemainder } from './weighted-sums.ts';

/** First byte of `true`. */
const TRUE = 0x74;
/** `DecimalSum` is in 10^-36, `decimalOf` takes 10^-18. */
const PLACES_BEYOND = 10n ** 18n;

/** The public trades of one market: how many, of how much, and sums that those of the rows must equal. */
export class HeardTrades {
  count = 0;
  /** Of the last one; 0 before the first. */
  lastId = 0;
  readonly #quantity = new DecimalSum();
  readonly #decimal = new Decimal();
  readonly #sums = new WeightedSums(TRADE_FIGURES);

  take(event: EventFrame): void {
    const id = event.whole(Member.tradeId);
    const sums = this.#sums;
    this.lastId = id;
    this.count++;
    this.#quantity.add(event.decimal(Member.quantity, this.#decimal), 1);
    sums.begin(id);
    sums.add(0, 1);
    sums.add(1, event.remainder(Member.price));
    sums.add(2, event.remainder(Member.quantity));
    sums.add(3, event.firstByte(Member.buyerIsMaker) === TRUE ? 1 : 0);
    sums.add(4, wholeRemainder(event.whole(Member.buyer)));
    sums.add(5, wholeRemainder(event.whole(Member.seller)));
  }

  /** Sum of their quantities, as a decimal. */
  get quantity(): string {
    return decimalOf(this.#quantity.total / PLACES_BEYOND);
  }

  get sums(): TradeSums {
    return this.#sums.sums;
  }
}
