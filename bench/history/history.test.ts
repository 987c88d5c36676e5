import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Random } from '../../engine/collections/random.ts';
import { PARTS } from '../gate/parts/index.ts';
import { seriesOf } from './chart.ts';
import { measureFigures } from './figures.ts';
import { pageOf } from './page.ts';
import { appendRun, type RecordedRun, readHistory } from './run.ts';
import { suiteFigures } from './suite-figures.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

function runOf(at: number, machine: string, value: number): RecordedRun {
  return {
    at: new Date(Date.UTC(2026, 0, at)).toISOString(),
    committedAt: new Date(Date.UTC(2026, 0, at)).toISOString(),
    commit: `${at}`.repeat(12),
    subject: 'Say <less> & "more"',
    ...{ machine, suite: 'gate' },
    figures: [
      { name: 'book', unit: 'ns/message', value, low: value - 1, high: value + 2 },
      { name: 'book: trades', unit: 'per message', value: 0.25 },
    ],
  };
}

test('a run is a line, and comes back as it was', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-history-'));
  const file = join(folder, 'history', 'runs.jsonl');
  try {
    assert.deepEqual(readHistory(file), []);
    const runs = [runOf(1, 'one', 70), runOf(2, 'one', 75)];
    for (const run of runs) appendRun(run, file);
    assert.deepEqual(readHistory(file), runs);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a figure is drawn over the runs that have it', () => {
  const [book, trades] = seriesOf([runOf(1, 'one', 70), { ...runOf(2, 'one', 75), figures: [] }]);
  assert.deepEqual([book!.name, book!.points.length], ['book', 1]);
  assert.deepEqual([trades!.points[0]!.low, trades!.points[0]!.high], [0.25, 0.25]);
});

test('the page has a part for each machine, is well-formed, and needs nothing else', () => {
  const page = pageOf([runOf(1, 'one', 70), runOf(2, 'one', 75), runOf(3, 'other', 90)]);
  assert.equal(page.match(/<h2>/g)!.length, 2);
  assert.equal(page.match(/<svg /g)!.length, 4);
  assert.equal(page.match(/<circle /g)!.length, 6);
  assert.ok(page.includes('Say &lt;less&gt; &amp; &quot;more&quot;') && !page.includes('<less>'));
  assert.ok(page.includes('<span class="worse">+7.1 %</span>'));
  assert.doesNotMatch(page, /NaN|undefined|https?:\/\/|<script|<link/);
  assert.match(pageOf([]), /Nothing is recorded yet/);
});

test('figures of the suite are taken from the file it writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-suite-'));
  try {
    const metrics = [{ name: 'worst', unit: 'M messages/s', median: 13, min: 12, max: 14 }];
    const results = {
      machine: { commit: 'abc' },
      size: 'full',
      benchmarks: [{ name: 'book-alone', metrics }],
    };
    const file = join(folder, 'latest.json');
    writeFileSync(file, JSON.stringify(results));
    assert.deepEqual(suiteFigures(file), {
      commit: 'abc',
      suite: 'suite, size full',
      figures: [{ name: 'book-alone: worst', unit: 'M messages/s', value: 13, low: 12, high: 14 }],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a record has times and counters of each part', async () => {
  const parts = PARTS.filter(({ name }) => name === 'ledger');
  const pace = { processes: 2, slices: 2, warmUpMs: 1 };
  const [time, ...rest] = await measureFigures(ROOT, parts, pace, new Random(1));
  assert.deepEqual([time!.name, time!.unit], ['ledger', 'ns/fill']);
  assert.ok(time!.value > 0 && time!.low! <= time!.value && time!.high! >= time!.value);
  assert.deepEqual(rest, [], 'its only counter is a hash');
});
