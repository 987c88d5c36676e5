import type { Random } from '../random.ts';

/** Ranks from 0 with probability proportional to 1 / (rank + 1)^exponent; exponent 0 is uniform. */
export class Zipf {
  readonly #cumulated: Float64Array;

  constructor(ranks: number, exponent: number) {
    this.#cumulated = new Float64Array(ranks);
    let sum = 0;
    for (let rank = 0; rank < ranks; rank++) {
      sum += (rank + 1) ** -exponent;
      this.#cumulated[rank] = sum;
    }
  }

  pick(random: Random): number {
    const cumulated = this.#cumulated;
    if (cumulated.length === 1) return 0;
    const wanted = random.next() * cumulated[cumulated.length - 1]!;
    let low = 0;
    let high = cumulated.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulated[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
