import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FlowCoverage } from '../engine/shard/flow-coverage.fixture.ts';
import { CANARIES } from '../engine/simulation/canaries.ts';
import { fuzzOne } from '../engine/simulation/fuzz-one.ts';
import { runCase } from '../engine/simulation/run-case.ts';
import type { SavedCase } from '../engine/simulation/simulation-case.ts';
import { saveCase } from './saved-cases.ts';

test('what a seed finds is saved so that it fails again, in the same way', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-saved-'));
  const { parts } = CANARIES.find(({ name }) => name === 'a release forgets a unit')!;
  const { failure } = fuzzOne(5, new FlowCoverage(), { parts });
  assert.ok(failure !== null);
  const path = saveCase('found', failure, folder);
  const saved: SavedCase = JSON.parse(readFileSync(path, 'utf8'));
  rmSync(folder, { recursive: true });
  assert.deepEqual(saved, failure);
  assert.equal(runCase(saved.case, { parts }).fault?.message, saved.message);
  assert.equal(runCase(saved.case).fault, null);
});
