import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { SpanResult } from '../result/run-result.ts';
import { paintFor } from './ansi.ts';
import { formatDuration } from './format.ts';
import { makeRunResult } from './run-result.fixture.ts';
import { formatSummary } from './summary.ts';

const result = makeRunResult({ seconds: 5 });
const terminal = { isTTY: true, write: () => true };
const coloured = formatSummary(result, paintFor(terminal, {}));
const plain = formatSummary(result, paintFor(terminal, { NO_COLOR: '1' }));

const isFirstFill = ({ name }: SpanResult): boolean => name === 'first-fill';

test('colours change nothing of what is said', () => {
  assert.equal(stripVTControlCharacters(coloured), plain);
  assert.notEqual(coloured, plain);
});

test('it opens with what the figures were measured on and what they leave out', () => {
  const opening = plain.slice(0, plain.indexOf('steady-mix'));
  for (const said of [
    'EPYC',
    'Linux 6.1',
    'v20.20.2',
    '3f9c2d17',
    '2 shards',
    'fsync',
    'No network',
  ]) {
    assert.ok(opening.includes(said), said);
  }
});

test('every scenario has its requests, spans, audit and objectives', () => {
  const [steady] = result.scenarios;
  const block = plain.slice(plain.indexOf('steady-mix'), plain.indexOf('microburst'));
  const ack = steady!.spans[0]!;
  assert.ok(block.includes('passed  open loop, poisson, 10,000/s offered, 5.00 s measured'));
  assert.match(block, /sent = [\d,]+ acknowledged \+ 51 refused \+ 0 unknown/);
  assert.ok(block.includes('refused: BUSY 40, INSUFFICIENT_FUNDS 11'));
  const row = block.split('\n').find((line) => line.includes('order → ack '))!;
  for (const us of [ack.p50Us, ack.p99Us, ack.p9999Us, ack.maxUs]) {
    assert.ok(row.includes(formatDuration(us)), row);
  }
  const few = block.split('\n').find((line) => line.includes('order → first fill'))!;
  assert.ok(few.includes(`(${formatDuration(steady!.spans.find(isFirstFill)!.p9999Us)})`), few);
  assert.ok(!row.includes('('), row);
  assert.match(block, /in parentheses: a percentile that less than one sample lies beyond/);
  assert.match(block, /order → ack, one at a time \(closed loop\)/);
  assert.doesNotMatch(block, /from the actual send \(closed loop\)/);
  assert.match(block, /of the latency by generator 1, its own: p99 500 µs of 2\.00 ms \(25%\)/);
  assert.match(block, /audit: clean, 5 checks/);
  assert.match(block, /objective unknown=0: held, 0/);
});

test('a warning comes first in its block and in red', () => {
  const lines = coloured.split('\n');
  const at = lines.findIndex((line) => line.includes('microburst'));
  assert.ok(lines[at]!.includes('\x1b[1;31mFAILED'));
  assert.ok(lines[at + 1]!.includes('\x1b[1;31mwarning: The generator was the bottleneck'));
  assert.match(plain, /bottleneck: late sends above 0\.1%/);
  assert.match(plain, /books: market 3: bid 101\.25 has 4 lots/);
  assert.match(plain, /not checked: The venue has no database/);
  assert.match(plain, /not measured: The venue’s rings are not known/);
  assert.match(plain, /not sent, since their connection was lost: 1,234/);
  assert.match(plain, /of the cancels: 4,321 ended their order, 17 came too late/);
  assert.match(plain, /objective ack\.p99<1ms: missed, 3\.21 ms/);
  assert.match(plain, /1 of 3 scenarios FAILED: microburst\n$/);
});

test('a run that broke off says so instead of passing', () => {
  const brokenOff = 'fan-out failed: subscribers: ended (SIGKILL)';
  const scenarios = result.scenarios.slice(0, 1);
  const said = formatSummary({ ...result, scenarios, brokenOff }, paintFor(terminal, {}));
  assert.match(stripVTControlCharacters(said), /\nthe run broke off: fan-out failed: .*\n$/);
});

test('a scenario without requests has no line of them, and its figures', () => {
  const block = plain.slice(plain.indexOf('connect-storm'));
  assert.doesNotMatch(block, /acknowledged/);
  assert.match(block, /connects: 251 \/s/);
  assert.match(block, /audit: nothing to check/);
});
