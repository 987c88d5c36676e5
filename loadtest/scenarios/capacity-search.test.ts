import assert from 'node:assert/strict';
import { test } from 'node:test';
import { searchCapacity } from './capacity-search.ts';

const SEARCH = { rate: 100, seconds: 5, growth: 2, precision: 0.1, steps: 50 };

/** A venue that holds up to `limit`, but fails once at each rate of `flaky`. */
function venue(limit: number, flaky: readonly number[] = []) {
  const asked: [rate: number, seconds: number][] = [];
  const left = [...flaky];
  const probe = async (rate: number, seconds: number): Promise<boolean> => {
    asked.push([rate, seconds]);
    const index = left.indexOf(rate);
    if (index >= 0) left.splice(index, 1);
    return index < 0 && rate <= limit;
  };
  return { asked, probe };
}

test('the rate that is found held for twice as long, and is within the precision', async () => {
  for (const limit of [100, 137, 999, 12_345]) {
    const { asked, probe } = venue(limit);
    const found = await searchCapacity(SEARCH, probe);
    assert.ok(
      found !== undefined && found <= limit && found * 1.1 >= limit,
      `${found} of ${limit}`,
    );
    assert.deepEqual(asked.at(-1), [found, 10]);
  }
});

test('a start that is too high is lowered', async () => {
  const found = await searchCapacity(SEARCH, venue(20).probe);
  assert.ok(found !== undefined && found <= 20 && found * 1.1 >= 20);
});

test('one failure is not believed, two are', async () => {
  const { probe } = venue(1_000, [200, 800]);
  const found = await searchCapacity(SEARCH, probe);
  assert.ok(found !== undefined && found > 900);
});

test('what failed while the venue had just started is asked again', async () => {
  const { asked, probe } = venue(1_000);
  const started = (rate: number, seconds: number): Promise<boolean> =>
    asked.length < 2 ? probe(Number.POSITIVE_INFINITY, seconds) : probe(rate, seconds);
  const found = await searchCapacity(SEARCH, started);
  assert.ok(found !== undefined && found > 900 && found <= 1_000, `${found}`);
});

test('an answer that does not hold for long gives way to the next lower one', async () => {
  const asked: number[] = [];
  const probe = async (rate: number, seconds: number): Promise<boolean> => {
    asked.push(rate);
    return rate <= (seconds === 5 ? 400 : 250);
  };
  assert.equal(await searchCapacity(SEARCH, probe), 200);
});

test('nothing is found where nothing holds, or the steps run out', async () => {
  assert.equal(await searchCapacity(SEARCH, venue(0).probe), undefined);
  const { asked, probe } = venue(1e9);
  assert.equal(await searchCapacity({ ...SEARCH, steps: 3 }, probe), 400);
  assert.equal(asked.length, 4);
});
