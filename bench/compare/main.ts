import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PACE, runGate } from './gate.ts';
import { commitOfWorkingTree, resolveRevision } from './git.ts';
import { notesOnWorkingTree } from './notes.ts';
import { givenOptions, positiveNumber, refuse, selectedParts } from './options.ts';
import { actionEntriesOf, bencherMetricsOf } from './report-exchange.ts';
import { type ComparisonReport, exitCodeOf, percent as percentOf } from './report-rows.ts';
import { markdownOf, textOf } from './report-text.ts';
import { withTrees } from './with-trees.ts';

/**
 * `make bench-compare BASE=<rev>`: whether a commit is slower than another. Ends with code 0 when nothing speaks against
 * it, 1 when it is refused, 2 when called wrongly, and 3 when nothing could be compared or nothing was decided.
 */
const RESULTS_FOLDER = 'bench/results';
const BUDGET_MINUTES = 10;

const repository = resolve('.');
const options = givenOptions(
  ['base', 'head', 'budget-minutes', 'only', 'threshold', 'seed'],
  ['with-changes'],
);

async function main(): Promise<number> {
  const baseName = options.base ?? refuse('make bench-compare needs BASE=<revision>');
  if (options.head !== undefined && options['with-changes']) {
    refuse('either HEAD or the uncommitted changes');
  }
  const parts = selectedParts(options.only);
  const budgetMs =
    60_000 * positiveNumber('BUDGET_MINUTES', options['budget-minutes'], BUDGET_MINUTES);
  const percent =
    options.threshold === undefined ? undefined : positiveNumber('THRESHOLD', options.threshold, 0);
  const seed = positiveNumber('SEED', options.seed, 1 + (Date.now() % 2 ** 31));
  forgetFormer();
  return withTrees(repository, async (trees) => {
    const base = await resolveRevision(repository, baseName);
    const head = options['with-changes']
      ? await commitOfWorkingTree(repository)
      : await resolveRevision(repository, options.head ?? 'HEAD');
    const report = await runGate(trees, {
      repository,
      base,
      head,
      parts,
      budgetMs,
      pace: PACE,
      seed,
      threshold: percent === undefined ? undefined : percent / 100,
      isEveryPart: options.only === undefined,
      notes: await notesOnWorkingTree(repository, head, options['with-changes'] === true),
      log: (line) => console.error(line),
      onPair: (part, pair, verdict) => {
        const change = pair.logRatio.cpu;
        const told = Number.isNaN(change) ? [] : [percentOf(Math.exp(change))];
        console.error([part, ...told, ...(verdict === null ? [] : [verdict])].join(': '));
      },
    });
    console.log(textOf(report));
    keep(report);
    return exitCodeOf(report);
  });
}

const FILES = {
  'compare.md': markdownOf,
  'compare.json': jsonOf,
  'compare-github-action-benchmark.json': ({ outcomes }) => jsonOf(actionEntriesOf(outcomes)),
  'compare-bencher.json': ({ outcomes }) => jsonOf(bencherMetricsOf(outcomes)),
} satisfies Record<string, (report: ComparisonReport) => string>;

/** So that nobody takes what an earlier comparison found for what this one did. */
function forgetFormer(): void {
  mkdirSync(RESULTS_FOLDER, { recursive: true });
  for (const name of Object.keys(FILES)) rmSync(join(RESULTS_FOLDER, name), { force: true });
}

/** For people, for programs, and for two services that draw such figures. */
function keep(report: ComparisonReport): void {
  for (const [name, textOf] of Object.entries(FILES)) {
    writeFileSync(join(RESULTS_FOLDER, name), textOf(report));
  }
  console.log(`written to ${RESULTS_FOLDER}: ${Object.keys(FILES).join(', ')}`);
}

function jsonOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

process.exit(await main());
