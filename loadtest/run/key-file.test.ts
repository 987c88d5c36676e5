import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { generateKeyPair, secretOf } from '../client/signing.ts';
import { OptionError } from '../option-error.ts';
import { readKeys } from './key-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringside-keys-'));
after(() => rmSync(folder, { recursive: true }));

const PAIRS = [generateKeyPair(), generateKeyPair()];
const WRITTEN = PAIRS.map((pair) => ({ apiKey: pair.apiKey, secret: secretOf(pair) }));

function written(text: string): string {
  const path = join(folder, 'keys');
  writeFileSync(path, text);
  return path;
}

test('keys are read as lines and as an array, in their order', () => {
  const lines = WRITTEN.map((key) => JSON.stringify(key)).join('\n\n');
  for (const text of [lines, `${lines}\n`, JSON.stringify(WRITTEN, null, 2)]) {
    const read = readKeys(written(text));
    assert.deepEqual(
      read.map(({ apiKey }) => apiKey),
      PAIRS.map(({ apiKey }) => apiKey),
    );
    assert.equal(secretOf(read[1]!), WRITTEN[1]!.secret);
  }
});

test('a file that is wrong is refused by name, and no secret is told', () => {
  const [first, second] = WRITTEN;
  for (const [text, message] of [
    ['', /there is no key in/],
    [JSON.stringify(first).slice(0, -3), /neither a JSON array of keys nor one key in each line/],
    [JSON.stringify([first, null]), /key 2 of .* must be \{"apiKey"/],
    [JSON.stringify([{ ...first, secret: 'c2hvcnQ=' }]), /secret of key 1 .* 32 or 64 bytes/],
    [JSON.stringify([{ ...first, secret: second!.secret }]), /key 1 .* not that of its apiKey/],
    [JSON.stringify([first, first]), /has a key twice/],
  ] as const) {
    assert.throws(
      () => readKeys(written(text)),
      (error: Error) => {
        assert.ok(error instanceof OptionError);
        assert.match(error.message, message);
        for (const { secret } of WRITTEN) assert.ok(!error.message.includes(secret.slice(0, 8)));
        return true;
      },
    );
  }
  assert.throws(() => readKeys(join(folder, 'nowhere')), /the keys cannot be read: ENOENT/);
});
