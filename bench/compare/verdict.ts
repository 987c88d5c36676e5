import { type Estimate, estimateCentre } from './signed-rank.ts';

/**
 * What can be said of a part. `slower` and `faster`: by more than the threshold, and not by chance. `same`: the
 * interval is within the threshold on both sides. `not decidable`: none of these when the pairs or the time were used
 * up.
 */
export type Verdict = 'slower' | 'faster' | 'same' | 'not decidable';

/**
 * Numbers of pairs after which the differences are looked at. To look often, and stop when it suits, finds chance
 * findings that one look would not: so each look has a share of the error only (Bonferroni), which holds however the
 * looks depend on each other. Eight is the least that supports an interval at all at this level.
 */
export const LOOKS: readonly number[] = [8, 12, 16, 24, 32];

/** That a round's interval ever lies on the wrong side of the truth, for each of the two sides. */
const MISS_CHANCE = 0.025;

/** Of one look. */
export const MISS_CHANCE_OF_A_LOOK = MISS_CHANCE / LOOKS.length;

/** Of the log ratios of pairs, the estimate of their centre with the interval of one look. */
export function estimateLogRatio(logRatios: readonly number[]): Estimate {
  return estimateCentre(logRatios, MISS_CHANCE_OF_A_LOOK);
}

/** @param threshold a share: 0.05 for 5 % */
export function judge({ value, low, high }: Estimate, threshold: number): Verdict {
  const limit = Math.log1p(threshold);
  if (low > 0 && value > limit) return 'slower';
  if (high < 0 && value < -limit) return 'faster';
  if (low > -limit && high < limit) return 'same';
  return 'not decidable';
}

/**
 * Collects the pairs of one part until there is a verdict. A suspicion is confirmed before it counts: who is found
 * slower is measured once more, from nothing, and only what the second round says is the verdict, and its ratio. A
 * first round that was chosen for being high is too high on average; the second is not.
 */
export class Trial {
  readonly threshold: number;
  readonly #rounds: number[][] = [[]];
  #isLeftUnconfirmed = false;

  constructor(threshold: number) {
    this.threshold = threshold;
  }

  /** Whether the first round found it slower. */
  get isSuspected(): boolean {
    return this.#rounds.length > 1 || this.#isLeftUnconfirmed;
  }

  /** Of both rounds. */
  get pairs(): number {
    return this.#rounds.reduce((sum, round) => sum + round.length, 0);
  }

  /** Of the round that the verdict is of; null while it is too short for one. */
  get estimate(): Estimate | null {
    const round = this.#rounds.at(-1)!;
    return round.length === 0 ? null : estimateLogRatio(round);
  }

  /** Takes the log ratio of one more pair; answers the verdict once there is one. */
  add(logRatio: number): Verdict | null {
    const round = this.#rounds.at(-1)!;
    round.push(logRatio);
    if (!LOOKS.includes(round.length)) return null;
    const found = judge(estimateLogRatio(round), this.threshold);
    if (found === 'slower' && this.#rounds.length === 1) {
      this.#rounds.push([]);
      return null;
    }
    return found === 'not decidable' && round.length < LOOKS.at(-1)! ? null : found;
  }

  /**
   * When the time is up: a last look at what there is, in the place of the next one. A suspicion that there is no
   * time to confirm is no verdict.
   */
  conclude(): Verdict {
    const round = this.#rounds.at(-1)!;
    if (round.length < LOOKS[0]!) return 'not decidable';
    const found = judge(estimateLogRatio(round), this.threshold);
    if (found !== 'slower' || this.#rounds.length === 2) return found;
    this.#isLeftUnconfirmed = true;
    return 'not decidable';
  }
}
