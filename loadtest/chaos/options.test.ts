import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseFaults } from './faults/all-faults.ts';
import { OptionError, parseOptions } from './options.ts';

const parse = (line: string) => parseOptions(line === '' ? [] : line.split(' '), () => 77);

test('a run is bounded by minutes, by kills, or by both', () => {
  assert.deepEqual([parse('').minutes, parse('').kills], [5, Number.POSITIVE_INFINITY]);
  assert.deepEqual(
    [parse('--kills 300').minutes, parse('--kills 300').kills],
    [Number.POSITIVE_INFINITY, 300],
  );
  const both = parse('--minutes 0.5 --kills 3');
  assert.deepEqual([both.minutes, both.kills], [0.5, 3]);
});

test('a seed is drawn unless it is given', () => {
  assert.equal(parse('').seed, 77);
  assert.equal(parse('--seed 0').seed, 0);
});

test('what is not understood is refused by name', () => {
  for (const [line, message] of [
    ['--minutes soon', /--minutes must be a number/],
    ['--kills 0', /--kills must be a number from 1/],
    ['--seed 1.5', /--seed must be a whole number/],
    ['--seed 4294967296', /--seed must be a number from 0 to 4294967295/],
    ['--shards 65', /--shards must be a number from 1 to 64/],
    ['--durability none', /--durability must be fsync or os/],
    ['--speed 3', /--speed/],
  ] as const) {
    assert.throws(() => parse(line), { name: OptionError.name, message });
  }
  assert.throws(() => chooseFaults(['flood'], () => {}), /no fault is called "flood"; there are/);
});

test('faults are chosen by name, in no order of their own', () => {
  const names = ['stop under load', 'torn tail'];
  assert.deepEqual(
    chooseFaults(names, () => {}).map(({ name }) => name),
    names,
  );
});
