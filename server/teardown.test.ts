import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Teardown } from './teardown.ts';
import { TimeBudget } from './time-budget.ts';

const never = new Promise<void>(() => {});

function makeTeardown(budgetMs: number) {
  const lines: string[] = [];
  const log = { info: () => {}, error: (line: string) => void lines.push(line) };
  return { teardown: new Teardown(new TimeBudget(budgetMs), log), lines };
}

test('steps run newest first, those added together in their order, and only once', async () => {
  const { teardown, lines } = makeTeardown(1000);
  const done: string[] = [];
  const step = (name: string) => ({ name, timeoutMs: 10, run: () => void done.push(name) });
  teardown.add(step('first'));
  teardown.add(step('second'), step('third'));
  assert.deepEqual(await Promise.all([teardown.run(), teardown.run()]), [true, true]);
  assert.deepEqual(done, ['second', 'third', 'first']);
  assert.deepEqual(lines, []);
});

test('steps that throw, reject or hang are named and keep no other from its turn', async () => {
  const { teardown, lines } = makeTeardown(60_000);
  let isLastDone = false;
  const last = () => {
    isLastDone = true;
  };
  teardown.add(
    {
      name: 'throws',
      timeoutMs: 10,
      run: () => {
        throw new Error('at once');
      },
    },
    { name: 'rejects', timeoutMs: 10, run: () => Promise.reject(new Error('later\nstack')) },
    { name: 'hangs', timeoutMs: 10, run: () => never },
    { name: 'works', timeoutMs: 10, run: last },
  );
  assert.equal(await teardown.run(), false);
  assert.deepEqual(lines, [
    'stopping: throws: at once',
    'stopping: rejects: later',
    'stopping: hangs: not done after 10 ms',
  ]);
  assert.ok(isLastDone);
});

test('the whole takes no more than its budget, and later steps keep a part of it', async () => {
  const { teardown } = makeTeardown(1000);
  const given: number[] = [];
  const hang = (timeoutMs: number) => {
    given.push(timeoutMs);
    return never;
  };
  const step = { name: 'hangs', timeoutMs: 60_000, run: hang };
  const begin = performance.now();
  teardown.add(step, step);
  await teardown.run();
  assert.ok(given[0]! > 700 && given[0]! <= 750, String(given));
  assert.ok(given[1]! > 100 && given[1]! <= 250, String(given));
  const tookMs = performance.now() - begin;
  assert.ok(tookMs < 5000, `${tookMs} ms`);
});
