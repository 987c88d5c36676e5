/*
 * Estimate and interval for the centre of paired differences, after F. Wilcoxon (1945) and J. L. Hodges and E. L.
 * Lehmann (1963), as in M. Hollander, D. A. Wolfe, E. Chicken, Nonparametric Statistical Methods, third edition,
 * sections 3.1 to 3.3. Nothing is assumed of the differences but that they are independent and symmetric about their
 * centre; of two runs of the same program in random order they are, since each is as likely to be the first of its
 * pair. A wild one moves the estimate no further than any other large one would: up to 29 % of them may be arbitrary.
 */

/** An estimate with the interval that holds the true value with a given confidence. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Means of all pairs of differences, each with itself included, ascending: n (n + 1) / 2 of them. */
export function walshAverages(differences: readonly number[]): Float64Array {
  const count = differences.length;
  const averages = new Float64Array((count * (count + 1)) / 2);
  let at = 0;
  for (let one = 0; one < count; one++) {
    for (let other = one; other < count; other++) {
      averages[at++] = (differences[one]! + differences[other]!) / 2;
    }
  }
  return averages.sort();
}

/**
 * The chance of each value 0 … n (n + 1) / 2 of the signed-rank statistic of n differences about zero: the number of
 * subsets of 1 … n with that sum, over 2^n.
 */
export function signedRankChances(count: number): Float64Array {
  const most = (count * (count + 1)) / 2;
  const chances = new Float64Array(most + 1);
  chances[0] = 1;
  for (let rank = 1; rank <= count; rank++) {
    for (let sum = (rank * (rank + 1)) / 2; sum >= 0; sum--) {
      chances[sum] = (chances[sum]! + (sum >= rank ? chances[sum - rank]! : 0)) / 2;
    }
  }
  return chances;
}

/**
 * How many of the lowest (and of the highest) Walsh averages lie outside of an interval that misses the centre on that
 * side with a chance of `missChance` at most; −1 when so few differences support no such interval.
 */
export function averagesOutside(count: number, missChance: number): number {
  const chances = signedRankChances(count);
  let outside = -1;
  let sum = 0;
  for (const chance of chances) {
    sum += chance;
    if (sum > missChance) break;
    outside++;
  }
  return outside;
}

/**
 * The Hodges–Lehmann estimate and its interval. With too few differences for the confidence the interval is everything.
 *
 * @param missChance that the centre is below the interval; and as much that it is above it
 */
export function estimateCentre(differences: readonly number[], missChance: number): Estimate {
  const averages = walshAverages(differences);
  const count = averages.length;
  const middle = count >> 1;
  const value =
    count % 2 === 1 ? averages[middle]! : (averages[middle - 1]! + averages[middle]!) / 2;
  const outside = averagesOutside(differences.length, missChance);
  if (outside < 0) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  return { value, low: averages[outside]!, high: averages[count - 1 - outside]! };
}
