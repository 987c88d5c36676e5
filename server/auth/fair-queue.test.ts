import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../engine/collections/random.ts';
import { FairQueue } from './fair-queue.ts';

/** Takes all that waits. */
function drain<T>(queue: FairQueue<T>): T[] {
  const taken: T[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(item);
  return taken;
}

test('addresses take turns, and the keys of an address within its turns', () => {
  const queue = new FairQueue<string>(2);
  for (const item of ['a1', 'a2', 'a3', 'a4']) queue.add(['a', 'x'], item, 1);
  for (const item of ['y1', 'y2']) queue.add(['a', 'y'], item, 1);
  for (const item of ['b1', 'b2', 'b3']) queue.add(['b', 'x'], item, 1);
  assert.equal(queue.weight, 9);
  assert.deepEqual(drain(queue), ['a1', 'b1', 'y1', 'b2', 'a2', 'b3', 'y2', 'a3', 'a4']);
  assert.equal(queue.weight, 0);
});

test('the last of the longest line makes room, by weight, and nobody for somebody with more', () => {
  const queue = new FairQueue<string>(2);
  for (const item of ['a1', 'a2', 'a3']) queue.add(['a', 'x'], item, 1);
  queue.add(['a', 'y'], 'heavy', 2);
  queue.add(['b', 'x'], 'b1', 3);
  assert.equal(
    queue.dropFor(['a', 'x'], 1),
    null,
    'his is the longest line of the longest address',
  );
  assert.equal(queue.dropFor(['b', 'y'], 3), null, 'they would be as long');
  assert.equal(queue.dropFor(['c', 'x'], 5), null);
  assert.equal(queue.dropFor(['c', 'x'], 4), 'a3');
  assert.equal(queue.dropFor(['b', 'z'], 0.5), 'a2');
  assert.equal(
    queue.dropFor(['c', 'x'], 1),
    'heavy',
    'the line is empty, and not in anybody’s way',
  );
  queue.add(['a', 'y'], 'again', 1);
  assert.deepEqual(drain(queue), ['a1', 'b1', 'again']);
});

test('whatever comes and goes, each line keeps its order and nobody waits for more than one of each', () => {
  const random = new Random(3);
  const queue = new FairQueue<{ address: number; key: number; index: number }>(2);
  const lines = Array.from({ length: 4 }, () =>
    Array.from({ length: 3 }, () => [] as { index: number }[]),
  );
  /** By address: turns of the others since it was served while it waited. */
  const passedOver = [0, 0, 0, 0];
  let weight = 0;
  for (let index = 0; index < 50_000; index++) {
    const [address, key] = [random.below(4), random.below(3)];
    const path = [`${address}`, `${key}`];
    const chance = random.below(10);
    if (chance < 5) {
      const item = { address, key, index };
      queue.add(path, item, 1);
      lines[address]![key]!.push(item);
      weight++;
    } else if (chance < 6) {
      const lengths = lines.map((keys) => keys.reduce((sum, line) => sum + line.length, 0));
      const dropped = queue.dropFor(path, 1);
      if (dropped === null) {
        assert.ok(lengths[address]! + 1 >= Math.max(...lengths));
        continue;
      }
      assert.equal(lines[dropped.address]![dropped.key]!.pop(), dropped);
      if (dropped.address !== address) assert.equal(lengths[dropped.address], Math.max(...lengths));
      weight--;
    } else {
      const taken = queue.take();
      assert.equal(taken === undefined, weight === 0);
      if (taken === undefined) continue;
      assert.equal(lines[taken.address]![taken.key]!.shift(), taken);
      weight--;
      for (const [other, keys] of lines.entries()) {
        const waits = other !== taken.address && keys.some((line) => line.length > 0);
        passedOver[other] = waits ? passedOver[other]! + 1 : 0;
        assert.ok(passedOver[other]! <= 3, 'as many as there are others');
      }
    }
    assert.equal(queue.weight, weight);
  }
});
