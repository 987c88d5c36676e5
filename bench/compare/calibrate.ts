import { resolve } from 'node:path';
import { Random } from '../../engine/collections/random.ts';
import {
  CALIBRATION_FILE,
  keepCalibration,
  machineKey,
  noiseOf,
  notesOnThresholds,
  ruleOf,
} from './calibration.ts';
import { buildSides, PACE } from './gate.ts';
import { resolveRevision } from './git.ts';
import { givenOptions, positiveNumber, selectedParts } from './options.ts';
import { MEASURES, type Measure, runPair, type SIDES } from './pair.ts';
import { boundProcessors } from './processors.ts';
import { LOOKS } from './verdict.ts';
import { withTrees } from './with-trees.ts';

/**
 * `make bench-calibrate`: runs a commit against itself, in two trees as the gate does, and writes down how much pairs
 * of it differ, part by part, by each measure.
 */
/** For the most pairs, at some 45 s for one of each part. */
const BUDGET_MINUTES = 30;
const PAIRS_MAX = 32;

const repository = resolve('.');
const options = givenOptions(['base', 'budget-minutes', 'only', 'seed'], []);
const budgetMs =
  60_000 * positiveNumber('BUDGET_MINUTES', options['budget-minutes'], BUDGET_MINUTES);
const random = new Random(positiveNumber('SEED', options.seed, 1 + (Date.now() % 2 ** 31)));

const processors = boundProcessors();

type LogRatios = Record<Measure, number[]>;

/** Pairs of all parts in turn, until each has enough or the time is up; but as many as the first look takes. */
async function collect(
  roots: Record<(typeof SIDES)[number], string>,
  deadlineMs: number,
  stop: AbortSignal,
): Promise<Map<string, LogRatios>> {
  const found = new Map<string, LogRatios>();
  const parts = selectedParts(options.only);
  for (let sweep = 0; sweep < PAIRS_MAX; sweep++) {
    for (const { name, nodeOptions = [] } of parts) {
      if (sweep >= LOOKS[0]! && performance.now() > deadlineMs) return found;
      const { logRatio } = await runPair(
        roots,
        { part: { name, nodeOptions }, ...PACE, processors, stop },
        random,
      );
      if (Number.isNaN(logRatio.cpu)) continue;
      const ratios = found.get(name) ?? { cpu: [], wall: [] };
      for (const measure of MEASURES) ratios[measure].push(logRatio[measure]);
      found.set(name, ratios);
    }
    console.error(`${sweep + 1} pairs of each part`);
  }
  return found;
}

process.exit(
  await withTrees(repository, async (trees) => {
    const deadlineMs = performance.now() + budgetMs;
    const revision = await resolveRevision(repository, options.base ?? 'HEAD');
    const log = (line: string) => console.error(line);
    const { roots } = await buildSides(trees, { base: revision, head: revision, log });
    const found = await collect(roots, deadlineMs, trees.interrupted);
    const parts = Object.fromEntries(
      [...found].map(([name, { cpu, wall }]) => [name, { cpu: noiseOf(cpu), wall: noiseOf(wall) }]),
    );
    const calibration = { at: new Date().toISOString(), commit: revision.commit, parts };
    keepCalibration(repository, calibration);
    const share = (value: number): string => `${(100 * value).toFixed(1)} %`.padStart(7);
    console.log(`${machineKey()}; of pairs of one commit with itself:`);
    console.log(
      'part            pairs   deviation cpu/wall   largest false of eight cpu/wall   gate',
    );
    for (const [name, { cpu, wall }] of Object.entries(parts)) {
      const { measure, threshold } = ruleOf(calibration, name);
      const deviations = `${share(cpu.deviation)} ${share(wall.deviation)}`;
      const largest = `${share(cpu.largestFalse)} ${share(wall.largestFalse)}`;
      console.log(
        `${name.padEnd(15)} ${String(cpu.pairs).padStart(5)}   ${deviations.padEnd(18)}   ${largest.padEnd(31)}   ${measure}, ${share(threshold).trim()}`,
      );
    }
    const notes = notesOnThresholds(calibration, Object.keys(parts));
    for (const note of notes) console.log(`note: ${note}`);
    console.log(`written to ${CALIBRATION_FILE}`);
    return 0;
  }),
);
