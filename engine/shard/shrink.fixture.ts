/** Runs that make a failing case short enough to read; each may be as long as the whole case. */
const RUNS_MAX = 1_000;

/** How much may be spent on shrinking: a number of runs, and whatever else the caller goes by. */
export class ShrinkBudget {
  #runsLeft: number;
  readonly #mayGoOn: () => boolean;

  /** @param mayGoOn is asked before every run: what knows a clock can stop by time here */
  constructor(runsMax = RUNS_MAX, mayGoOn: () => boolean = () => true) {
    this.#runsLeft = runsMax;
    this.#mayGoOn = mayGoOn;
  }

  /** Counts one run; false when it must not be made any more. */
  takeRun(): boolean {
    return this.#runsLeft-- > 0 && this.#mayGoOn();
  }
}

/**
 * A short sublist of `items` that still fails: takes out ever smaller runs as long as the rest fails
 * (the complement step of Zeller and Hildebrandt's delta debugging). Once the budget is spent it is
 * the shortest found so far.
 */
export function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => boolean,
  budget = new ShrinkBudget(),
): T[] {
  let left = [...items];
  for (let run = left.length >> 1; run >= 1; run >>= 1) {
    for (let at = 0; at < left.length; ) {
      if (!budget.takeRun()) return left;
      const without = [...left.slice(0, at), ...left.slice(at + run)];
      if (fails(without)) left = without;
      else at += run;
    }
  }
  return left;
}
