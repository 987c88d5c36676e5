import { test } from 'node:test';
import { runTest } from './run-test.fixture.ts';
import { coreInProcess, shardInProcess } from './shard-in-process.ts';

for (const benchmark of [coreInProcess, shardInProcess]) {
  test(`${benchmark.name}: it trades as the book alone does, and every asset adds up`, async () => {
    await runTest(benchmark);
  });
}
