import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CANARIES, optionsOf } from './canaries.ts';
import { runCase } from './run-case.ts';
import type { SavedCase } from './simulation-case.ts';

/** This file runs compiled; the cases are not. */
const folder = new URL('../../../engine/simulation/regressions/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('there are saved cases to run', () => {
  assert.ok(names.length > 0);
});

for (const name of names) {
  const saved: SavedCase = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  test(`what failed once holds: ${name}`, () => {
    assert.equal(runCase(saved.case).fault, null, `found by ${saved.foundBy}: ${saved.message}`);
    if (saved.canary === undefined) return;
    // A case that a deliberate fault left behind must still show that fault: so replaying works.
    const canary = CANARIES.find((known) => known.name === saved.canary);
    assert.ok(canary !== undefined, `no canary is named ${saved.canary}`);
    assert.notEqual(runCase(saved.case, optionsOf(canary)).fault, null);
  });
}
