import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { discardEmptyFolder, FolderUnusable, makeResultFolder } from './result-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringside-result-folder-'));
after(() => rmSync(folder, { recursive: true }));

test('a folder is made with those above it, and taken away again while nothing is in it', () => {
  const path = join(folder, 'a', 'b', 'c');
  makeResultFolder(path);
  assert.ok(statSync(path).isDirectory());
  assert.deepEqual(readdirSync(path), []);
  makeResultFolder(path);
  discardEmptyFolder(path);
  assert.ok(!existsSync(path));
  discardEmptyFolder(path);
  makeResultFolder(path);
  writeFileSync(join(path, 'result.json'), '{}');
  discardEmptyFolder(path);
  assert.ok(existsSync(path));
});

test('where nothing can be written, and where a result is, is refused', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const held = join(folder, 'held');
  makeResultFolder(held);
  writeFileSync(join(held, 'result.json'), '{}');
  for (const [path, said] of [
    [file, /nothing can be written to .*file is not a folder/],
    [join(file, 'below'), /file is not a folder/],
    ['/proc/x/y', /nothing can be written to \/proc\/x\/y: ENOENT/],
    [held, /held holds the result of another run/],
  ] as const) {
    assert.throws(
      () => makeResultFolder(path),
      (error: Error) => {
        assert.ok(error instanceof FolderUnusable);
        assert.match(error.message, said);
        return true;
      },
    );
  }
});
