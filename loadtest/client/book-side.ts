const INITIAL_LEVELS = 256;

/**
 * One side of a book as two parallel arrays, sorted so that the best level is the last: changes near
 * the touch then move few elements. Prices and quantities are integers in the caller's units.
 */
export class BookSide {
  /** 1 for bids (highest is best), −1 for asks. Keys are price × direction, ascending. */
  readonly #direction: 1 | -1;
  #keys = new Float64Array(INITIAL_LEVELS);
  #quantities = new Float64Array(INITIAL_LEVELS);
  #length = 0;

  constructor(side: 'bid' | 'ask') {
    this.#direction = side === 'bid' ? 1 : -1;
  }

  get length(): number {
    return this.#length;
  }

  /** Price of the level `rank` places from the best (0 = best); `rank` must be below `length`. */
  priceAt(rank: number): number {
    return this.#keys[this.#length - 1 - rank]! * this.#direction;
  }

  quantityAt(rank: number): number {
    return this.#quantities[this.#length - 1 - rank]!;
  }

  /** Sets a level's whole quantity; 0 removes it (removing an absent level changes nothing). */
  set(price: number, quantity: number): void {
    const key = price * this.#direction;
    const index = this.#indexOf(key);
    if (index < this.#length && this.#keys[index] === key) {
      if (quantity === 0) this.#removeAt(index);
      else this.#quantities[index] = quantity;
    } else if (quantity !== 0) {
      this.#insertAt(index, key, quantity);
    }
  }

  clear(): void {
    this.#length = 0;
  }

  /** First index whose key is not below `key`. */
  #indexOf(key: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #removeAt(index: number): void {
    this.#keys.copyWithin(index, index + 1, this.#length);
    this.#quantities.copyWithin(index, index + 1, this.#length);
    this.#length--;
  }

  #insertAt(index: number, key: number, quantity: number): void {
    if (this.#length === this.#keys.length) this.#grow();
    this.#keys.copyWithin(index + 1, index, this.#length);
    this.#quantities.copyWithin(index + 1, index, this.#length);
    this.#keys[index] = key;
    this.#quantities[index] = quantity;
    this.#length++;
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2);
    const quantities = new Float64Array(this.#keys.length * 2);
    keys.set(this.#keys);
    quantities.set(this.#quantities);
    this.#keys = keys;
    this.#quantities = quantities;
  }
}
