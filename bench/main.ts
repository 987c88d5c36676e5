import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BENCHMARKS } from './benchmarks/index.ts';
import { renewKnownResult, withKnownResult } from './known-results.ts';
import { describeMachine } from './machine.ts';
import { detailsOf, jsonOf, type Result, tableOf } from './report.ts';
import { type Benchmark, type Outcome, SIZES, type Size } from './suite.ts';

/**
 * `make bench`: runs the suite, each benchmark in a process of its own, prints what each does and leaves out and
 * one table, and writes all of it as JSON. Ends with code 1 when a benchmark's result was wrong.
 */
const RESULTS_FILE = 'bench/results/latest.json';
/** Of a run of some benchmarks only. */
const PART_FILE = 'bench/results/latest-part.json';

const options = givenOptions();

function givenOptions() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        /** One of `SIZES`. */
        size: { type: 'string', default: 'full' },
        /** The same as `--size quick`. */
        quick: { type: 'boolean', default: false },
        /** Takes the result hashes of this run for the known ones, see known-results.ts. */
        renew: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

function selectedSize(): Size {
  const wanted = options.quick ? 'quick' : options.size;
  return SIZES.find((size) => size === wanted) ?? refuse(`--size is one of ${SIZES.join(', ')}`);
}

function selected(): readonly Benchmark[] {
  const names = options.only?.flatMap((name) => name.split(',')) ?? [];
  const unknown = names.find((name) => BENCHMARKS.every((one) => one.name !== name));
  if (unknown !== undefined) refuse(`no benchmark ${unknown}: --list names them`);
  return names.length === 0 ? BENCHMARKS : BENCHMARKS.filter((one) => names.includes(one.name));
}

/** Far above what any takes: one that waits for an answer that was lost must end too. */
const TIME_LIMIT_MS = 10 * 60_000;

async function runAlone(benchmark: Benchmark, size: Size): Promise<Outcome> {
  const child = fork(new URL('./run-one.js', import.meta.url), [benchmark.name, size], {
    execArgv: [...(benchmark.nodeOptions ?? [])],
    serialization: 'advanced',
    timeout: TIME_LIMIT_MS,
  });
  let outcome: Outcome | undefined;
  child.on('message', (message) => {
    outcome = message as Outcome;
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === 0 && outcome !== undefined) return outcome;
  return { metrics: [], resultHash: '-', ok: false, checks: [`FAILED: ended with code ${code}`] };
}

const size = selectedSize();
if (options.list) {
  for (const { name, about } of BENCHMARKS) console.log(`${name}\n  ${about(size).description}`);
  process.exit(0);
}
const machine = describeMachine();
console.log(`size: ${size}`);
for (const [what, value] of Object.entries(machine)) console.log(`${what}: ${value}`);
const results: Result[] = [];
for (const benchmark of selected()) {
  const start = performance.now();
  const answered = await runAlone(benchmark, size);
  const seconds = (performance.now() - start) / 1000;
  if (options.renew && answered.ok) renewKnownResult(benchmark.name, size, answered);
  const outcome = withKnownResult(benchmark.name, size, answered);
  results.push({ benchmark, outcome, seconds });
  console.log(`\n${detailsOf(size, results.at(-1)!)}`);
}
console.log(`\n${tableOf(size, results)}`);
const file = resolve(options.only === undefined ? RESULTS_FILE : PART_FILE);
mkdirSync(resolve(file, '..'), { recursive: true });
writeFileSync(file, jsonOf(machine, size, results));
console.log(`\nwritten to ${file}`);
if (results.some(({ outcome }) => !outcome.ok)) {
  console.error('at least one benchmark gave a wrong result: see FAILED above');
  process.exitCode = 1;
}
