import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PARTS } from '../gate/parts/index.ts';
import { SUBJECTS, slowDown } from './slowdowns.ts';
import type { GateRun } from './state.ts';
import { summaryOf } from './summary.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Hands a folder to the test that has the files of a subject as they are. */
function withSource(files: readonly string[], work: (root: string) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'ringside-slow-'));
  try {
    for (const file of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      cpSync(join(ROOT, file), join(root, file));
    }
    work(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

for (const subject of SUBJECTS) {
  const files = [...new Set(subject.edits.map(({ file }) => file))];
  test(`the source of the ${subject.name} has the places where it is made slower`, () => {
    withSource(files, (root) => {
      slowDown(root, subject, 77);
      for (const file of files) {
        const source = readFileSync(join(root, file), 'utf8');
        const calls = source.match(/^ +workInVain\(\);$/gm) ?? [];
        assert.ok(calls.length >= 1, file);
        assert.ok(source.includes('step < 77'), file);
      }
    });
    const names = new Set(PARTS.map(({ name }) => name));
    assert.ok(subject.parts.every((part) => names.has(part)));
  });

  test(`another source of the ${subject.name} is refused by name`, () => {
    withSource(files, (root) => {
      writeFileSync(join(root, files[0]!), 'export {};\n');
      assert.throws(() => slowDown(root, subject, 1), {
        name: 'GateFailure',
        message: new RegExp(`^${files[0]} does not have once: `),
      });
    });
  });
}

test('the summary counts the runs that found something, and every verdict', () => {
  const run = (against: string, verdicts: GateRun['verdicts'], part?: string): GateRun => ({
    ...{ against, seed: 1, seconds: 1, verdicts, ratios: {}, ...(part && { part }) },
  });
  const text = summaryOf({
    commit: 'a'.repeat(40),
    slowed: [],
    runs: [
      run('itself', { book: 'same', ring: 'not decidable' }),
      run('itself', { book: 'same', ring: 'same' }),
      run('book +10 %', { book: 'slower', ring: 'same' }, 'book'),
      run('book +3 %', { book: 'not decidable', shard: 'slower' }, 'book'),
    ],
  });
  assert.match(text, /itself: 0 of 2 \(3 same, 1 not decidable\)/);
  assert.match(text, /book \+10 %: 1 of 1 \(1 slower\)/);
  assert.match(text, /book \+3 %: 0 of 1 \(1 not decidable\)/);
});
