import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counter } from '../gate/part.ts';
import type { PartOutcome } from './comparison.ts';
import { objectionsTo } from './comparison.ts';
import { actionEntriesOf, bencherMetricsOf } from './report-exchange.ts';
import { type ComparisonReport, conclusionOf, exitCodeOf } from './report-rows.ts';
import { markdownOf, textOf } from './report-text.ts';

const SLOWER: PartOutcome = {
  part: 'book',
  verdict: 'slower',
  rule: { measure: 'cpu', threshold: 0.05 },
  operation: 'message',
  ratio: { value: 1.1, low: 1.05, high: 1.15 },
  nanoseconds: { base: 70, head: 77 },
  logRatios: { cpu: new Array(16).fill(0.095), wall: new Array(16).fill(0.1) },
  isSuspected: true,
  counters: [counter('trades', 'per message', 0.25), counter('reports', 'hash', 'abc')],
  changes: [],
  failure: null,
};
const SHORT: PartOutcome = {
  ...SLOWER,
  ...{ part: 'ring', verdict: 'not decidable', isSuspected: false },
  ratio: { value: 1, low: 0, high: Number.POSITIVE_INFINITY },
};
const CHANGED: PartOutcome = {
  ...SLOWER,
  ...{ part: 'projection', verdict: 'counted', ratio: null, nanoseconds: null, isSuspected: false },
  counters: [counter('rows', 'per fill', 21)],
  changes: [
    { name: 'rows', unit: 'per fill', base: 20, head: 21, isRenewed: false, isLess: false },
  ],
};
const LOST: PartOutcome = {
  ...CHANGED,
  ...{ part: 'codec', verdict: 'not comparable', counters: [], changes: [] },
  failure: { side: 'base', message: 'there is no part | codec' },
};
const OUTCOMES = [SLOWER, SHORT, CHANGED, LOST];

function reportOf(outcomes: readonly PartOutcome[]): ComparisonReport {
  return {
    ...{
      base: 'aaa one <b>',
      head: 'bbb two',
      machine: '2 × some processor',
      seconds: 60,
      seed: 7,
    },
    notes: ['not calibrated'],
    outcomes,
    objections: objectionsTo(outcomes),
  };
}

test('what is slower, or counts otherwise without a word, is objected to', () => {
  assert.deepEqual(objectionsTo(OUTCOMES), [
    'book is slower',
    'projection: rows (per fill) was 20, is 21',
  ]);
  const head: PartOutcome = { ...LOST, failure: { side: 'head', message: 'ended with code 1' } };
  assert.deepEqual(objectionsTo([head]), ['codec does not run: ended with code 1']);
  const meant = { ...CHANGED, changes: [{ ...CHANGED.changes[0]!, isRenewed: true }] };
  assert.deepEqual(objectionsTo([SHORT, meant]), []);
  const less = { ...CHANGED, changes: [{ ...CHANGED.changes[0]!, head: 16, isLess: true }] };
  assert.deepEqual(objectionsTo([less]), []);
  assert.match(textOf(reportOf([less])), /rows \(per fill\) 20 → 16, less$/m);
});

test('the table for a terminal has ratio, interval and verdict of each part', () => {
  const text = textOf(reportOf(OUTCOMES));
  assert.match(
    text,
    /^book +slower +\+10\.0 % +\+5\.0 % … \+15\.0 % +±5\.0 % +16 +70\.0 ns → 77\.0 ns a message/m,
  );
  assert.match(text, /^ring +not decidable +\+0\.0 % +−100 % … ∞/m);
  assert.match(text, /^codec +not comparable +base: there is no part/m);
  assert.match(text, /rows \(per fill\) 20 → 21, NOT renewed/);
  assert.match(text, /^REFUSED: book is slower; /m);
  assert.match(text, / \(1 of 4 not decidable, 1 of 4 not comparable\)$/m);
});

test('it is told what is not decided, and that is no success when it is everything', () => {
  const same: PartOutcome = { ...SLOWER, part: 'core', verdict: 'same', isSuspected: false };
  const doubtful: PartOutcome = { ...SHORT, isSuspected: true };
  const counted: PartOutcome = { ...CHANGED, changes: [] };
  const crashed: PartOutcome = { ...LOST, failure: { side: 'head', message: 'ended with code 1' } };
  const told = (...outcomes: PartOutcome[]) => {
    const report = reportOf(outcomes);
    assert.ok(textOf(report).endsWith(`\n${conclusionOf(report)}`));
    return [exitCodeOf(report), conclusionOf(report)];
  };
  assert.deepEqual(told(same, counted), [0, 'passed']);
  assert.deepEqual(told(counted), [0, 'passed']);
  assert.deepEqual(told(same, SHORT), [0, 'passed, 1 of 2 not decidable']);
  assert.deepEqual(told(same, doubtful), [
    ...[0, 'passed, 1 of 2 not decidable; ring was found slower once, which was not confirmed'],
  ]);
  assert.deepEqual(told(SHORT, counted), [3, 'NOTHING DECIDED: 1 of 2 not decidable']);
  assert.deepEqual(told(LOST), [3, 'NOTHING DECIDED: 1 of 1 not comparable']);
  assert.deepEqual(told(crashed), [
    ...[1, 'REFUSED: codec does not run: ended with code 1 (1 of 1 not comparable)'],
  ]);
});

test('Markdown lets nothing of a message be markup', () => {
  const text = markdownOf(reportOf(OUTCOMES));
  assert.match(text, /^### Speed: refused$/m);
  assert.match(text, /\| `book` \| .*slower \| \+10\.0 % \|/);
  assert.ok(text.includes('one \\<b\\>') && text.includes('no part \\| codec'));
  const columns = text.split('\n').filter((line) => line.startsWith('|'));
  const counts = columns.map((line) => line.replaceAll('\\|', '').split('|').length);
  assert.equal(new Set(counts).size, 1, 'every row has as many cells');
  assert.match(markdownOf(reportOf([SHORT])), /^### Speed: nothing decided$/m);
});

test('the entries for github-action-benchmark are times and counters of the head', () => {
  assert.deepEqual(actionEntriesOf([SLOWER, SHORT, CHANGED, LOST]), [
    {
      ...{ name: 'book', unit: 'ns/message', value: 77, range: '± 4.5%' },
      extra: 'slower: 1.1000 of base, 16 pairs, cpu time',
    },
    { name: 'book: trades', unit: 'per message', value: 0.25 },
    {
      ...{ name: 'ring', unit: 'ns/message', value: 77 },
      extra: 'not decidable: 1.0000 of base, 16 pairs, cpu time',
    },
    { name: 'ring: trades', unit: 'per message', value: 0.25 },
    { name: 'projection: rows', unit: 'per fill', value: 21 },
  ]);
});

test("Bencher's metrics have the interval around the head's time, and only what is a number", () => {
  const metrics = bencherMetricsOf(OUTCOMES);
  assert.deepEqual(Object.keys(metrics), ['book', 'ring', 'projection']);
  assert.deepEqual(metrics.book!['trades-per-message'], { value: 0.25 });
  const { value, lower_value: low, upper_value: high } = metrics.book!.latency!;
  assert.deepEqual([value, low!.toFixed(6), high!.toFixed(6)], [77, '73.500000', '80.500000']);
  assert.deepEqual(metrics.ring!.latency, { value: 77 });
  assert.deepEqual(metrics.projection, { 'rows-per-fill': { value: 21 } });
});
