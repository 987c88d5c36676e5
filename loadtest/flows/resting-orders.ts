/**
 * The orders of one connection that rest, as far as its flow knows; any of them can be taken out at the cost of one
 * step.
 */
export class RestingOrders {
  readonly clientId: Uint32Array;
  readonly market: Uint16Array;
  readonly isBid: Uint8Array;
  #count = 0;

  constructor(capacity: number) {
    this.clientId = new Uint32Array(capacity);
    this.market = new Uint16Array(capacity);
    this.isBid = new Uint8Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  add(clientId: number, market: number, isBid: boolean): void {
    const index = this.#count++;
    this.clientId[index] = clientId;
    this.market[index] = market;
    this.isBid[index] = isBid ? 1 : 0;
  }

  /** The last one takes its place. */
  remove(index: number): void {
    const last = --this.#count;
    this.clientId[index] = this.clientId[last]!;
    this.market[index] = this.market[last]!;
    this.isBid[index] = this.isBid[last]!;
  }
}
