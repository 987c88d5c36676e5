import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BENCHMARKS } from './benchmarks/index.ts';
import { describeMachine } from './machine.ts';
import { detailsOf, jsonOf, type Result, tableOf } from './report.ts';
import type { Benchmark, Outcome, Size } from './suite.ts';

/**
 * `make bench`: runs the suite, each benchmark in a process of its own, prints what each does and leaves out and
 * one table, and writes all of it as JSON. Ends with code 1 when a benchmark's result was wrong.
 */
const RESULTS_FILE = 'bench/results/latest.json';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

function selected(): readonly Benchmark[] {
  const names = options.only?.flatMap((name) => name.split(',')) ?? [];
  const unknown = names.find((name) => BENCHMARKS.every((one) => one.name !== name));
  if (unknown !== undefined) {
    console.error(`no benchmark ${unknown}: --list names them`);
    process.exit(2);
  }
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

if (options.list) {
  for (const { name, description } of BENCHMARKS) console.log(`${name}\n  ${description}`);
  process.exit(0);
}
const size: Size = options.quick ? 'quick' : 'full';
const machine = describeMachine();
for (const [what, value] of Object.entries(machine)) console.log(`${what}: ${value}`);
const results: Result[] = [];
for (const benchmark of selected()) {
  const start = performance.now();
  const outcome = await runAlone(benchmark, size);
  const seconds = (performance.now() - start) / 1000;
  results.push({ benchmark, outcome, seconds });
  console.log(`\n${detailsOf(results.at(-1)!)}`);
}
console.log(`\n${tableOf(results)}`);
const file = resolve(RESULTS_FILE);
mkdirSync(resolve(file, '..'), { recursive: true });
writeFileSync(file, jsonOf(machine, size, results));
console.log(`\nwritten to ${file}`);
if (results.some(({ outcome }) => !outcome.ok)) {
  console.error('at least one benchmark gave a wrong result: see FAILED above');
  process.exitCode = 1;
}
