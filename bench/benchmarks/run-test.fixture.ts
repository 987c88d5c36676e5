import assert from 'node:assert/strict';
import { withKnownResult } from '../known-results.ts';
import type { Benchmark, Outcome } from '../suite.ts';

/** Runs a benchmark at size test; every check of it must hold, and its result be the known one. */
export async function runTest(benchmark: Benchmark): Promise<Outcome> {
  const outcome = withKnownResult(benchmark.name, 'test', await benchmark.run('test'));
  assert.ok(outcome.ok, outcome.checks.join('\n'));
  return outcome;
}
