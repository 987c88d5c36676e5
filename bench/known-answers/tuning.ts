import type { Random } from '../../engine/collections/random.ts';
import { PACE } from '../compare/gate.ts';
import { type Roots, runPair } from '../compare/pair.ts';
import { boundProcessors } from '../compare/processors.ts';
import { type Estimate, estimateCentre } from '../compare/signed-rank.ts';

const processors = boundProcessors();

/** Steps that are surely felt, to learn what one costs. */
const PROBE_STEPS = 240;
const PROBE_PAIRS = 8;
/** Of one slowdown. */
const MEASUREMENTS_MAX = 4;
/** 95 % on both sides together. */
const MISS_CHANCE = 0.025;

/** The ratio of head to base, from so many pairs. */
export async function measureRatio(
  roots: Roots,
  part: string,
  pairs: number,
  random: Random,
): Promise<Estimate> {
  const logRatios: number[] = [];
  while (logRatios.length < pairs) {
    const work = { part: { name: part, nodeOptions: [] }, ...PACE, processors };
    logRatios.push((await runPair(roots, work, random)).logRatio.cpu);
  }
  const { value, low, high } = estimateCentre(logRatios, MISS_CHANCE);
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
}

/** Time is a straight line of the steps, whose beginning is what the call alone costs. */
export interface Line {
  /** Steps at which the share was measured. */
  readonly steps: number;
  /** By which the part is slower there: 0.1 for 10 %. */
  readonly share: number;
  readonly sharePerStep: number;
}

/** The line through two probes. */
export async function probe(
  rebuild: (steps: number) => Promise<Roots>,
  part: string,
  random: Random,
): Promise<Line> {
  const steps = PROBE_STEPS / 4;
  const less = await measureRatio(await rebuild(steps), part, PROBE_PAIRS, random);
  const more = await measureRatio(await rebuild(PROBE_STEPS), part, PROBE_PAIRS, random);
  const sharePerStep = (more.value - less.value) / (PROBE_STEPS - steps);
  return { steps, share: less.value - 1, sharePerStep };
}

export interface Tuned {
  readonly steps: number;
  /** Of slowed over not slowed. */
  readonly measured: Estimate;
}

/**
 * Steps that make a part slower by a share. A long measurement that contradicts the line moves it to what was measured;
 * after some of these, or when not even no steps at all are few enough, the last stays, and says what it is.
 */
export async function tune(
  share: number,
  line: Line,
  measure: (steps: number) => Promise<Estimate>,
): Promise<Tuned> {
  for (let left = MEASUREMENTS_MAX - 1, known = line; ; left--) {
    const steps = stepsOn(known, share);
    const measured = await measure(steps);
    known = { ...line, steps, share: measured.value - 1 };
    const isRight = measured.low <= 1 + share && 1 + share <= measured.high;
    if (isRight || left === 0 || stepsOn(known, share) === steps) return { steps, measured };
  }
}

function stepsOn(line: Line, share: number): number {
  return Math.max(0, Math.round(line.steps + (share - line.share) / line.sharePerStep));
}
