/** A sum of safe integers that stays exact beyond 2^53 and costs one addition until it gets there. */
export class ExactSum {
  #high: bigint;
  #low = 0;

  constructor(total = 0n) {
    this.#high = total;
  }

  add(value: number): void {
    const next = this.#low + value;
    if (next <= Number.MAX_SAFE_INTEGER) {
      this.#low = next;
    } else {
      this.#high += BigInt(this.#low);
      this.#low = value;
    }
  }

  addSum(other: ExactSum): void {
    this.#high += other.#high;
    this.add(other.#low);
  }

  get total(): bigint {
    return this.#high + BigInt(this.#low);
  }
}
