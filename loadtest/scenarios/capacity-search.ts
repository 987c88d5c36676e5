export interface CapacitySearch {
  /** Of the first step, requests a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Above 1. */
  readonly growth: number;
  /** The search ends when the lowest rate that failed is no further above the highest that held. */
  readonly precision: number;
  /** At most, second tries included; confirmations come on top. */
  readonly steps: number;
}

/** Runs at a rate and answers whether the objectives held. */
type Probe = (rate: number, seconds: number) => Promise<boolean>;

/**
 * The highest rate that holds: rates grow until one fails, then the gap is halved. A failure counts when it fails
 * twice, since a machine that was busy with something else is not the venue's. One that has become the bound, and is
 * older than the highest rate that held, is asked for again: a venue that has just started is slow. A rate is the
 * answer when it also holds for twice as long. Undefined when nothing held.
 */
export async function searchCapacity(
  search: CapacitySearch,
  probe: Probe,
): Promise<number | undefined> {
  const { growth, precision, seconds } = search;
  let left = search.steps;
  const holds = async (rate: number): Promise<boolean> => {
    for (let tries = 0; tries < 2 && left > 0; tries++) {
      left--;
      if (await probe(rate, seconds)) return true;
    }
    return false;
  };
  const held: number[] = [];
  let failed = Number.POSITIVE_INFINITY;
  let rate = search.rate;
  while (left > 0) {
    const isHeld = await holds(rate);
    if (isHeld) {
      held.push(rate);
      if (rate === failed) failed = Number.POSITIVE_INFINITY;
    } else failed = rate;
    const best = held.at(-1) ?? 0;
    const isFound = failed <= best * (1 + precision);
    if (isFound && !isHeld) break;
    if (isFound) rate = failed;
    else if (best === 0) rate = failed / growth / growth;
    else rate = failed === Number.POSITIVE_INFINITY ? best * growth : (best + failed) / 2;
    if (rate < 1) return undefined;
  }
  // Whatever the steps left over, an answer is confirmed: from the highest downwards.
  for (const candidate of held.reverse()) {
    if (await probe(candidate, 2 * seconds)) return candidate;
  }
  return undefined;
}
