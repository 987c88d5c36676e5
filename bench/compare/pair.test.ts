import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Random } from '../../engine/collections/random.ts';
import { runPair } from './pair.ts';
import { engineOf, TinyRepository } from './tiny-repository.fixture.ts';
import { buildParts } from './trees.ts';

/** The same work, which the head calls a hundredth of the operations. */
let base: TinyRepository;
let head: TinyRepository;

before(async () => {
  base = new TinyRepository();
  head = new TinyRepository();
  for (const [side, operations] of [
    [base, 400_000],
    [head, 4000],
  ] as const) {
    side.write('engine/sum.ts', engineOf(1));
    side.addBenchmarks({ name: 'sum', operations, work: 400_000 });
    await buildParts(side.path, side.path);
  }
});

after(() => {
  base.remove();
  head.remove();
});

test('the time of each side is divided by its own operations', async () => {
  const work = { part: { name: 'sum', nodeOptions: [] }, turns: 5, warmUpMs: 50, processors: [] };
  const pair = await runPair({ base: base.path, head: head.path }, work, new Random(1));
  assert.deepEqual(pair.operations, { base: 400_000, head: 4000 });
  // A hundred times the time an operation, and a busy machine distorts both.
  assert.ok(pair.logRatio.cpu > Math.log(10), `${pair.logRatio.cpu}`);
  assert.ok(pair.nanoseconds.head.cpu > 10 * pair.nanoseconds.base.cpu);
});
