import type { Random } from '../../engine/collections/random.ts';
import { PACE } from '../compare/gate.ts';
import { type Roots, runPair } from '../compare/pair.ts';
import { boundProcessors } from '../compare/processors.ts';
import { type Estimate, estimateCentre } from '../compare/signed-rank.ts';

const processors = boundProcessors();

/** Steps that are surely felt, to learn what one costs. */
const PROBE_STEPS = 240;
const PROBE_PAIRS = 8;
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

/**
 * Steps for a slowdown of a share, from what two probes cost: time is a straight line of the steps, whose beginning is
 * what the call alone costs.
 *
 * @param rebuild makes the head slower by so many steps
 */
export async function stepsFor(
  shares: readonly number[],
  rebuild: (steps: number) => Promise<Roots>,
  part: string,
  random: Random,
): Promise<number[]> {
  const less = await measureRatio(await rebuild(PROBE_STEPS / 4), part, PROBE_PAIRS, random);
  const more = await measureRatio(await rebuild(PROBE_STEPS), part, PROBE_PAIRS, random);
  const perStep = (more.value - less.value) / (PROBE_STEPS - PROBE_STEPS / 4);
  return shares.map((share) => {
    const steps = PROBE_STEPS / 4 + (1 + share - less.value) / perStep;
    return Math.max(0, Math.round(steps));
  });
}
