const FIRST_CAPACITY = 64;

/**
 * The fills of one match in the order they happened, as columns; entries from `count` on are stale.
 * Grows as needed and is then used again, so read it before the next match. Growth replaces the
 * columns: do not hold on to one.
 */
export class FillBuffer {
  count = 0;
  makerOrderIds = new Float64Array(FIRST_CAPACITY);
  /** Account ids. */
  makerOwners = new Int32Array(FIRST_CAPACITY);
  priceTicks = new Float64Array(FIRST_CAPACITY);
  quantityLots = new Float64Array(FIRST_CAPACITY);
  /** What the maker has left; 0 = it is gone from the book. */
  makerOpenLots = new Float64Array(FIRST_CAPACITY);

  append(
    makerOrderId: number,
    makerOwner: number,
    priceTicks: number,
    quantityLots: number,
    makerOpenLots: number,
  ): void {
    const at = this.count;
    if (at === this.makerOwners.length) this.#grow();
    this.makerOrderIds[at] = makerOrderId;
    this.makerOwners[at] = makerOwner;
    this.priceTicks[at] = priceTicks;
    this.quantityLots[at] = quantityLots;
    this.makerOpenLots[at] = makerOpenLots;
    this.count = at + 1;
  }

  #grow(): void {
    this.makerOrderIds = doubled(this.makerOrderIds);
    const makerOwners = new Int32Array(this.makerOwners.length * 2);
    makerOwners.set(this.makerOwners);
    this.makerOwners = makerOwners;
    this.priceTicks = doubled(this.priceTicks);
    this.quantityLots = doubled(this.quantityLots);
    this.makerOpenLots = doubled(this.makerOpenLots);
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(column.length * 2);
  grown.set(column);
  return grown;
}
