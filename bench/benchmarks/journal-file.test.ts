import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journalFile } from './journal-file.ts';

test('the ways to commit keep the same entries, and all come back', async () => {
  const outcome = await journalFile.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
  assert.equal(outcome.checks.length, 3);
  assert.equal(outcome.metrics.length, 25);
});
