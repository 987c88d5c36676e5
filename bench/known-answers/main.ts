import { resolve } from 'node:path';
import { Random } from '../../engine/collections/random.ts';
import { machineKey, readCalibrations, ruleOf } from '../compare/calibration.ts';
import { compare } from '../compare/comparison.ts';
import { buildSides, PACE } from '../compare/gate.ts';
import { resolveRevision } from '../compare/git.ts';
import { givenOptions, positiveNumber, selectedParts } from '../compare/options.ts';
import type { Roots } from '../compare/pair.ts';
import { boundProcessors } from '../compare/processors.ts';
import type { Trees } from '../compare/trees.ts';
import { withTrees } from '../compare/with-trees.ts';
import { SUBJECTS, type Subject, slowDown } from './slowdowns.ts';
import { type GateRun, keepState, readState, type State } from './state.ts';
import { summaryOf } from './summary.ts';
import { measureRatio, probe, tune } from './tuning.ts';

/**
 * `make bench-known-answers`: holds the gate to answers that are known. Commits made slower on purpose, by 3, 10 and 30 %
 * in the book, the codec and the journal, must be found; a commit against itself must not. Begins with making the slow
 * commits and measuring how slow they are; then runs the gate against each in turn, and against itself. It takes hours,
 * so it stops when its time is up, and goes on from there when it is called again with the same commit; what was found
 * so far is printed.
 */
const BUDGET_MINUTES = 60;
const RUNS = 20;
const PERCENTS = [3, 10, 30];
/** Of the long measurement. */
const VERIFY_PAIRS = 12;

const repository = resolve('.');
const options = givenOptions(
  ['commit', 'budget-minutes', 'runs', 'only', 'run-minutes', 'percents'],
  [],
);
const deadlineMs =
  performance.now() +
  60_000 * positiveNumber('BUDGET_MINUTES', options['budget-minutes'], BUDGET_MINUTES);
const runsWanted = positiveNumber('RUNS', options.runs, RUNS);
const runMs = 60_000 * positiveNumber('RUN_MINUTES', options['run-minutes'], 10);
const percents = options.percents?.split(',').map(Number) ?? PERCENTS;
const only = options.only?.split(',');
const isWanted = (name: string): boolean => only === undefined || only.includes(name);

/** Those asked for by their name or their subject's. */
function partsOf({ name, parts }: Subject): readonly string[] {
  return parts.filter((part) => isWanted(name) || isWanted(part));
}

/** The trees of one run of the tool: the commit twice, and a third that is made slow. */
class Bench {
  readonly random = new Random(1 + (Date.now() % 2 ** 31));
  readonly state: State;
  readonly #trees: Trees;
  readonly #roots: Roots;
  #slowRoot: string | null = null;

  constructor(state: State, trees: Trees, roots: Roots) {
    this.state = state;
    this.#trees = trees;
    this.#roots = roots;
  }

  get itself(): Roots {
    return this.#roots;
  }

  async slowed(subject: Subject, steps: number): Promise<Roots> {
    this.#slowRoot ??= await this.#trees.add('slow', this.state.commit);
    const root = this.#slowRoot;
    await this.#trees.reset(root);
    this.#trees.layBenchmarksOver(root);
    slowDown(root, subject, steps);
    await this.#trees.build(root);
    return { base: this.#roots.base, head: root };
  }

  /** Makes the slow commits of a subject known that are not yet; by its first part, each other being slowed as well. */
  async tune(subject: Subject): Promise<void> {
    for (const part of partsOf(subject)) {
      const missing = percents.filter((percent) => this.#find(part, percent) === undefined);
      if (missing.length === 0 || performance.now() > deadlineMs) continue;
      const rebuild = (steps: number) => this.slowed(subject, steps);
      const line = await probe(rebuild, part, this.random);
      for (const percent of missing) {
        const { steps, measured } = await tune(percent / 100, line, async (steps) =>
          measureRatio(await rebuild(steps), part, VERIFY_PAIRS, this.random),
        );
        this.state.slowed.push({
          ...{ subject: subject.name, part, percent, stepsPerSixteenCalls: steps },
          ...{ measured, pairs: VERIFY_PAIRS },
        });
        keepState(this.state);
        console.error(`${part} by ${percent} %: is ${(100 * (measured.value - 1)).toFixed(1)} %`);
      }
    }
  }

  /**
   * One run of the gate for each part of the subject, slowed by what makes that part so much slower. It has all parts,
   * since who uses the gate has them too: the one has its share of the time.
   */
  async runSlowed(subject: Subject, percent: number): Promise<void> {
    for (const part of partsOf(subject)) {
      const slow = this.#find(part, percent);
      if (slow === undefined || performance.now() > deadlineMs) return;
      const roots = await this.slowed(subject, slow.stepsPerSixteenCalls);
      await this.#run(`${part} +${percent} %`, roots, part);
    }
  }

  async runItself(): Promise<void> {
    await this.#run('itself', this.#roots);
  }

  async #run(against: string, roots: Roots, part?: string): Promise<void> {
    const startMs = performance.now();
    const seed = 1 + (Date.now() % 2 ** 31);
    const calibration = readCalibrations(repository)[machineKey()];
    const outcomes = await compare(roots, selectedParts(undefined), {
      ...PACE,
      processors: boundProcessors(),
      stop: this.#trees.interrupted,
      deadlineMs: startMs + runMs,
      random: new Random(seed),
      known: {},
      isBaseOnItsOwn: false,
      ruleOf: (part) => ruleOf(calibration, part),
    });
    const run: GateRun = {
      against,
      ...(part !== undefined && { part }),
      seed,
      seconds: (performance.now() - startMs) / 1000,
      verdicts: Object.fromEntries(outcomes.map(({ part, verdict }) => [part, verdict])),
      ratios: Object.fromEntries(
        outcomes.flatMap(({ part, ratio }) => (ratio === null ? [] : [[part, ratio.value]])),
      ),
    };
    this.state.runs.push(run);
    keepState(this.state);
    console.error(`${against}: ${JSON.stringify(run.verdicts)} in ${run.seconds.toFixed(0)} s`);
  }

  #find(part: string, percent: number) {
    return this.state.slowed.find((one) => one.part === part && one.percent === percent);
  }
}

process.exit(
  await withTrees(repository, async (trees) => {
    const revision = await resolveRevision(repository, options.commit ?? 'HEAD');
    const log = (line: string) => console.error(line);
    const { roots } = await buildSides(trees, { base: revision, head: revision, log });
    const bench = new Bench(readState(revision.commit), trees, roots);
    const subjects = SUBJECTS.filter((subject) => partsOf(subject).length > 0);
    for (const subject of subjects) await bench.tune(subject);
    for (let run = 0; run < runsWanted; run++) {
      if (isWanted('itself') && performance.now() < deadlineMs) await bench.runItself();
      for (const subject of subjects) {
        for (const percent of percents) await bench.runSlowed(subject, percent);
      }
      if (performance.now() > deadlineMs) break;
    }
    console.log(summaryOf(bench.state));
    return 0;
  }),
);
