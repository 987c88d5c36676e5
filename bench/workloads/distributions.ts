import type { Random } from '../../engine/collections/random.ts';

/** Standard normal (Box and Muller 1958; one of the pair is dropped). */
export function nextGaussian(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.nextUnit()));
  return radius * Math.cos(2 * Math.PI * random.nextUnit());
}

export function nextExponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random.nextUnit());
}

/** Whole numbers 1 … max with P(x) falling as x^−(exponent + 1): a Pareto draw, rounded down. */
export function nextPowerLaw(random: Random, exponent: number, max: number): number {
  return Math.min(max, Math.floor((1 - random.nextUnit()) ** (-1 / exponent)));
}

/** Draws ranks 0 … n − 1, rank r with weight 1 / (r + 1)^exponent. */
export class Zipf {
  readonly #cumulative: Float64Array;

  constructor(count: number, exponent: number) {
    this.#cumulative = new Float64Array(count);
    let sum = 0;
    for (let rank = 0; rank < count; rank++) {
      sum += (rank + 1) ** -exponent;
      this.#cumulative[rank] = sum;
    }
  }

  next(random: Random): number {
    const cumulative = this.#cumulative;
    const target = random.nextUnit() * cumulative.at(-1)!;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
