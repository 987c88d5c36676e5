import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journalFile } from './journal-file.ts';
import { runTest } from './run-test.fixture.ts';

test('the ways to commit keep the same entries, and all come back', async () => {
  const outcome = await runTest(journalFile);
  assert.equal(outcome.metrics.length, 25);
});
