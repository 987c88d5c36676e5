import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { LiveProgress } from './live-progress.ts';
import { makeLiveView } from './live-view.ts';
import { sparkline } from './sparkline.ts';

const ESCAPE = '\x1b';

class Screen {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly writes: string[] = [];

  constructor(isTTY: boolean, columns = 80) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): void {
    this.writes.push(text);
  }

  /** What a terminal shows after all writes: it knows the few escapes that the view uses. */
  shown(): string[] {
    const rows: string[] = [''];
    let row = 0;
    for (const piece of this.writes.join('').split(new RegExp(`(${ESCAPE}\\[\\d*[AJK]|\n|\r)`))) {
      if (piece === '\n') {
        row += 1;
        rows[row] ??= '';
      } else if (piece.endsWith('A') && piece.startsWith('\x1b')) row -= Number(piece.slice(2, -1));
      else if (piece.endsWith('K') && piece.startsWith('\x1b')) rows[row] = '';
      else if (piece.endsWith('J') && piece.startsWith('\x1b')) rows.splice(row);
      else if (piece !== '\r') rows[row] = (rows[row] ?? '') + stripVTControlCharacters(piece);
    }
    return rows;
  }
}

const progress: LiveProgress = {
  scenario: 'steady-mix',
  phase: 'measuring',
  elapsedMs: 12_000,
  totalMs: 60_000,
  intendedPerSecond: 20_000,
  sentPerSecond: 19_990,
  acknowledgedPerSecond: 19_988,
  refusedPerSecond: 0,
  ackP50Us: 240,
  ackP99Us: 1_430,
  ackMaxUs: 8_100,
  lateSends: 0,
  databaseLagEvents: 1_234,
};

test('a terminal shows the last update only, in lines that fit', () => {
  for (const columns of [40, 80, 200]) {
    const screen = new Screen(true, columns);
    const view = makeLiveView(screen, {});
    for (let second = 0; second < 60; second++) {
      view.update({ ...progress, elapsedMs: second * 1_000, ackP99Us: 500 + second * 10 });
    }
    const rows = screen.shown();
    for (const row of rows) assert.ok(row.length < columns, `${row.length} of ${columns}: ${row}`);
    assert.equal(rows.filter((row) => row.includes('steady-mix')).length, 1);
    if (columns < 200) continue;
    const text = rows.join('\n');
    assert.match(text, /steady-mix {2}measuring {2}█+░ {2}0:59 of 1:00/);
    assert.match(text, /19,988\/s acknowledged {2}19,990 sent {2}20,000 intended {2}0 refused\/s/);
    assert.match(text, /p50 240 µs {2}p99 1\.09 ms {2}max 8\.10 ms/);
    assert.match(text, /p99 [▁-█]{40}\n/);
    assert.match(text, /0 late sends {2}database 1,234 events behind/);
  }
});

test('the screen is left clear', () => {
  const screen = new Screen(true);
  const view = makeLiveView(screen, {});
  view.update(progress);
  view.end();
  assert.deepEqual(screen.shown().join(''), '');
});

test('an update right after one that was shown is not drawn, the first of a phase is', () => {
  const screen = new Screen(true);
  const view = makeLiveView(screen, {});
  view.update(progress);
  view.update({ ...progress, elapsedMs: 12_050 });
  assert.equal(screen.writes.length, 1);
  view.update({ ...progress, elapsedMs: 12_060, phase: 'draining' });
  assert.equal(screen.writes.length, 2);
  assert.match(screen.shown().join('\n'), /draining/);
});

test('colours warn, unless they are not wanted', () => {
  const [coloured, plain] = [new Screen(true), new Screen(true)];
  makeLiveView(coloured, {}).update({ ...progress, lateSends: 7 });
  makeLiveView(plain, { NO_COLOR: '1' }).update({ ...progress, lateSends: 7 });
  assert.ok(coloured.writes.join('').includes('\x1b[1;31m7 late sends\x1b[0m'));
  assert.ok(!plain.writes.join('').includes('\x1b[1;31m'));
  assert.deepEqual(plain.shown(), coloured.shown());
});

test('no terminal gets a line for each phase and every few seconds, without escapes', () => {
  const output = new Screen(false);
  const view = makeLiveView(output, {});
  view.update({ ...progress, phase: 'warm-up', elapsedMs: 0, totalMs: 0 });
  for (let elapsedMs = 0; elapsedMs <= 10_000; elapsedMs += 250) {
    view.update({ ...progress, elapsedMs });
  }
  view.end();
  const lines = output.writes.join('').trimEnd().split('\n');
  assert.equal(lines.length, 4, lines.join('\n'));
  assert.match(lines[0]!, /^steady-mix warm-up 0:00, /);
  assert.match(lines[3]!, /measuring 0:10 of 1:00, 19,988 of 20,000\/s acknowledged, 0 refused\/s/);
  assert.ok(!output.writes.join('').includes('\x1b'));
});

test('a latency that is not known is not shown as one', () => {
  const output = new Screen(false);
  const { ackP50Us: _50, ackP99Us: _99, ackMaxUs: _max, ...unanswered } = progress;
  makeLiveView(output, {}).update(unanswered);
  assert.match(output.writes.join(''), /ack p50 – {2}p99 – {2}max –/);
});

test('a sparkline goes from the least to the greatest and leaves gaps', () => {
  assert.equal(sparkline([1, 10, undefined, 100, 0]), '▁▅ █ ');
  assert.equal(sparkline([7, 7]), '▁▁');
  assert.equal(sparkline([]), '');
});
