import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DayFileError, findDayFiles, readDayFile } from './day-files.ts';

function withFolder(names: readonly string[], use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-day-'));
  try {
    for (const name of names) writeFileSync(join(folder, name), '');
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a day is found by the pattern of its names, plain or gzipped', () => {
  const names = [
    'ABC_2020-01-02_1_2_message_5.csv',
    'ABC_2020-01-02_1_2_orderbook_5.csv.gz',
    'ABC_5.adjust.csv.gz',
    'ABC_5.exceptions.csv',
    'README.md',
  ];
  withFolder(names, (folder) => {
    assert.deepEqual(findDayFiles(folder), {
      stock: 'ABC',
      levels: 5,
      messages: join(folder, names[0]!),
      orderbook: join(folder, names[1]!),
      adjust: join(folder, names[2]!),
      exceptions: join(folder, names[3]!),
    });
  });
});

test('adjust and exceptions may be absent', () => {
  withFolder(['X_message_1.csv', 'X_orderbook_1.csv'], (folder) => {
    const files = findDayFiles(folder);
    assert.equal(files.adjust, undefined);
    assert.equal(files.exceptions, undefined);
  });
});

test('of several depths the deepest is taken, with the additions of that depth', () => {
  const names = ['X_message_5.csv', 'X_orderbook_5.csv', 'X_message_10.csv', 'X_orderbook_10.csv'];
  withFolder([...names, 'X_5.adjust.csv', 'X_10.adjust.csv'], (folder) => {
    assert.equal(findDayFiles(folder).levels, 10);
    assert.equal(findDayFiles(folder).adjust, join(folder, 'X_10.adjust.csv'));
    assert.equal(findDayFiles(folder, 5).adjust, join(folder, 'X_5.adjust.csv'));
    assert.throws(() => findDayFiles(folder, 7), DayFileError);
  });
});

test('no day, two days or half a day are refused by name', () => {
  withFolder([], (folder) => assert.throws(() => findDayFiles(folder), DayFileError));
  withFolder(['X_message_1.csv'], (folder) => {
    assert.throws(() => findDayFiles(folder), /orderbook/);
  });
  const two = ['X_message_1.csv', 'X_orderbook_1.csv', 'Y_message_1.csv', 'Y_orderbook_1.csv'];
  withFolder(two, (folder) => assert.throws(() => findDayFiles(folder), /more than one day/));
  assert.throws(() => findDayFiles('/no/such/folder'), DayFileError);
});

test('a gzipped file is read unpacked', () => {
  withFolder([], (folder) => {
    const path = join(folder, 'a.csv.gz');
    writeFileSync(path, gzipSync('1,2\n'));
    assert.equal(readDayFile(path).toString(), '1,2\n');
  });
});
