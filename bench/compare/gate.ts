import { Random } from '../../engine/collections/random.ts';
import { type KnownCounters, readKnownCounters } from '../gate/known-counters.ts';
import {
  type Calibration,
  machineKey,
  notesOnThresholds,
  readCalibrations,
  ruleOf,
} from './calibration.ts';
import {
  type ComparisonOptions,
  compare,
  lostPart,
  type MeasuredPart,
  objectionsTo,
  type PartOutcome,
  type PartRule,
} from './comparison.ts';
import { GateFailure, type Revision } from './git.ts';
import type { Roots } from './pair.ts';
import { boundProcessors } from './processors.ts';
import type { ComparisonReport } from './report-rows.ts';
import type { Trees } from './trees.ts';

/** How long and how often; the tests of the gate itself are shorter. */
export interface Pace {
  readonly turns: number;
  readonly warmUpMs: number;
}

export const PACE: Pace = { turns: 15, warmUpMs: 800 };

export interface GateOptions {
  /** The working tree that the gate runs in. */
  readonly repository: string;
  readonly base: Revision;
  readonly head: Revision;
  readonly parts: readonly MeasuredPart[];
  /** Whether these are all that there are: then it is told what the base has beyond them. */
  readonly isEveryPart: boolean;
  readonly budgetMs: number;
  readonly pace: Pace;
  readonly seed: number;
  /** A share, in the place of what the calibration says. */
  readonly threshold?: number | undefined;
  readonly notes: readonly string[];
  readonly onPair?: ComparisonOptions['onPair'];
  readonly log: (line: string) => void;
}

/** Two built trees, and what there is to say of them. */
export interface BuiltSides {
  readonly roots: Roots;
  readonly known: KnownCounters;
  readonly isBaseOnItsOwn: boolean;
  /** Parts that the base's known counters are of. */
  readonly partsOfBase: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Builds both sides. Both run the benchmarks of the working tree, so that what differs is what they measure; a base
 * that these do not compile with runs its own, and whatever parts it then lacks are not comparable.
 *
 * @throws GateFailure when a side cannot be built either way
 */
export async function buildSides(
  trees: Trees,
  { base, head, log }: Pick<GateOptions, 'base' | 'head' | 'log'>,
): Promise<BuiltSides> {
  const notes: string[] = [];
  let isBaseOnItsOwn = false;
  log(`building head ${head.commit.slice(0, 12)}`);
  const headRoot = await trees.add('head', head.commit);
  const known = readKnownCounters(headRoot);
  trees.layBenchmarksOver(headRoot);
  await named('head does not build', trees.build(headRoot));
  log(`building base ${base.commit.slice(0, 12)}`);
  const baseRoot = await trees.add('base', base.commit);
  const partsOfBase = Object.keys(readKnownCounters(baseRoot));
  trees.layBenchmarksOver(baseRoot);
  try {
    await trees.build(baseRoot);
  } catch (error) {
    if (!(error instanceof GateFailure)) throw error;
    const why = `base does not build with the head's benchmarks: ${error.message}`;
    log(why);
    await named(`${why}; with its own`, buildWithItsOwn(trees, baseRoot));
    isBaseOnItsOwn = true;
    notes.push(`base runs its own benchmarks; ${why}`);
  }
  return { roots: { base: baseRoot, head: headRoot }, known, isBaseOnItsOwn, partsOfBase, notes };
}

async function buildWithItsOwn(trees: Trees, root: string): Promise<void> {
  await trees.restoreBenchmarks(root);
  await trees.build(root);
}

async function named(what: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof GateFailure)) throw error;
    throw new GateFailure(`${what}: ${error.message}`);
  }
}

function ruleFor(
  calibration: Calibration | undefined,
  threshold: number | undefined,
): (part: string) => PartRule {
  return (part) => {
    const rule = ruleOf(calibration, part);
    return threshold === undefined ? rule : { ...rule, threshold };
  };
}

/**
 * Compares two commits.
 *
 * @param trees to be removed by the caller, whatever happens
 * @throws GateFailure when a side cannot be built
 */
export async function runGate(trees: Trees, options: GateOptions): Promise<ComparisonReport> {
  const startMs = performance.now();
  const sides = await buildSides(trees, options);
  const calibration = readCalibrations(options.repository)[machineKey()];
  const measured = await compare(sides.roots, options.parts, {
    ...options.pace,
    processors: boundProcessors(),
    stop: trees.interrupted,
    deadlineMs: startMs + options.budgetMs,
    random: new Random(options.seed),
    known: sides.known,
    isBaseOnItsOwn: sides.isBaseOnItsOwn,
    ruleOf: ruleFor(calibration, options.threshold),
    ...(options.onPair && { onPair: options.onPair }),
  });
  const lost = sides.partsOfBase.filter((name) => options.parts.every((one) => one.name !== name));
  const outcomes: readonly PartOutcome[] = options.isEveryPart
    ? [...measured, ...lost.map(lostPart)]
    : measured;
  const timed = measured.filter(({ nanoseconds }) => nanoseconds !== null);
  const notes =
    options.threshold === undefined
      ? notesOnThresholds(
          calibration,
          timed.map(({ part }) => part),
        )
      : [];
  const name = ({ commit, subject }: Revision): string => `${commit.slice(0, 12)} ${subject}`;
  return {
    base: name(options.base),
    head: name(options.head),
    machine: machineKey(),
    seconds: (performance.now() - startMs) / 1000,
    seed: options.seed,
    notes: [...options.notes, ...sides.notes, ...notes],
    outcomes,
    objections: objectionsTo(outcomes),
  };
}
