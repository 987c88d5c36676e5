import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journaledEngine } from './journaled-engine.ts';
import { runTest } from './run-test.fixture.ts';

test('a journal changes no trade, and a command takes few bytes in it', async () => {
  const { metrics } = await runTest(journaledEngine);
  const bytes = metrics.find(({ name }) => name === 'fsync: journal')!.values[0]!;
  assert.ok(bytes > 20 && bytes < 128, `${bytes} bytes per command`);
});
