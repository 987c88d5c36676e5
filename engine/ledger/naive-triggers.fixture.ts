import type { NaiveOrder } from './naive-rules.fixture.ts';

/** The pending stop orders of one market: a list in order of arrival, looked through at every trade. */
export class NaiveTriggers {
  #waiting: { order: NaiveOrder; isRising: boolean }[] = [];
  /** Those whose price was reached, in the order in which it was. */
  readonly fired: NaiveOrder[] = [];

  add(order: NaiveOrder, lastPriceTicks: number): void {
    if (order.triggerPriceTicks === lastPriceTicks) this.fired.push(order);
    else this.#waiting.push({ order, isRising: order.triggerPriceTicks > lastPriceTicks });
  }

  remove(order: NaiveOrder): void {
    this.#waiting = this.#waiting.filter((other) => other.order !== order);
  }

  /** A trade happened at `priceTicks`. */
  reach(priceTicks: number): void {
    const isReached = ({ order: { triggerPriceTicks: trigger }, isRising }: Waiting) =>
      isRising ? trigger <= priceTicks : trigger >= priceTicks;
    const distance = ({ order }: Waiting) => -Math.abs(order.triggerPriceTicks - priceTicks);
    // The price came from the side where the one it passed first, now furthest away, is.
    const reached = this.#waiting.filter(isReached).sort((a, b) => distance(a) - distance(b));
    this.#waiting = this.#waiting.filter((one) => !isReached(one));
    this.fired.push(...reached.map(({ order }) => order));
  }

  /** In order of arrival. */
  get waiting(): readonly NaiveOrder[] {
    return this.#waiting.map(({ order }) => order);
  }
}

type Waiting = { readonly order: NaiveOrder; readonly isRising: boolean };
