import type { RequestDraft } from '../generator/request-draft.ts';
import type { OpenOrder } from './flow.ts';

/**
 * The orders of one connection that rest, as far as its flow knows; any of them can be taken out at the cost of one
 * step.
 */
export class RestingOrders {
  readonly clientId: Uint32Array;
  readonly market: Uint16Array;
  readonly isBid: Uint8Array;
  readonly #priceTicks: Float64Array;
  readonly #quantityLots: Float64Array;
  #count = 0;

  constructor(capacity: number) {
    this.clientId = new Uint32Array(capacity);
    this.market = new Uint16Array(capacity);
    this.isBid = new Uint8Array(capacity);
    this.#priceTicks = new Float64Array(capacity);
    this.#quantityLots = new Float64Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  /** Takes in the order that the draft places. */
  add(draft: Readonly<RequestDraft>): void {
    const index = this.#count++;
    this.clientId[index] = draft.clientId;
    this.market[index] = draft.market;
    this.isBid[index] = draft.isBid ? 1 : 0;
    this.replace(index, draft);
  }

  /** Gives it the price and quantity of the draft. */
  replace(index: number, { priceTicks, quantityLots }: Readonly<RequestDraft>): void {
    this.#priceTicks[index] = priceTicks;
    this.#quantityLots[index] = quantityLots;
  }

  /** The last one takes its place. */
  remove(index: number): void {
    const last = --this.#count;
    this.clientId[index] = this.clientId[last]!;
    this.market[index] = this.market[last]!;
    this.isBid[index] = this.isBid[last]!;
    this.#priceTicks[index] = this.#priceTicks[last]!;
    this.#quantityLots[index] = this.#quantityLots[last]!;
  }

  all(): OpenOrder[] {
    return Array.from({ length: this.#count }, (_, index) => ({
      clientId: this.clientId[index]!,
      market: this.market[index]!,
      priceTicks: this.#priceTicks[index]!,
      quantityLots: this.#quantityLots[index]!,
    }));
  }
}
