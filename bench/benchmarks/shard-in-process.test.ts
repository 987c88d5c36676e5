import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coreInProcess, shardInProcess } from './shard-in-process.ts';

for (const benchmark of [coreInProcess, shardInProcess]) {
  test(`${benchmark.name}: it trades as the book alone does, and every asset adds up`, async () => {
    const outcome = await benchmark.run('test');
    assert.ok(outcome.ok, outcome.checks.join('\n'));
    assert.ok(outcome.checks.length >= 15);
  });
}
