import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lockDataDir } from './data-dir-lock.ts';
import { StartError } from './start-error.ts';

function makeDataDir(context: TestContext): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringside-lock-'));
  context.after(() => rmSync(dataDir, { recursive: true }));
  return dataDir;
}

/** Another process, which locks the data dir and keeps it until it is killed. */
async function startHolder(context: TestContext, dataDir: string) {
  const module = JSON.stringify(new URL('./data-dir-lock.js', import.meta.url).href);
  const script = `
    const { lockDataDir } = await import(${module});
    lockDataDir(${JSON.stringify(dataDir)});
    console.log('locked');
    setInterval(() => {}, 1000);
  `;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  return holder;
}

test('a data dir is refused while another process has it, and free as soon as that is dead', async (context) => {
  const dataDir = makeDataDir(context);
  for (let round = 0; round < 3; round++) {
    const holder = await startHolder(context, dataDir);
    assert.throws(() => lockDataDir(dataDir), {
      name: 'StartError',
      message: `RINGSIDE_DATA_DIR ${dataDir} is in use by another venue, process ${holder.pid}`,
    });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    lockDataDir(dataDir).release();
  }
});

test('one process has a data dir once at a time', (context) => {
  const [dataDir, other] = [makeDataDir(context), makeDataDir(context)];
  const lock = lockDataDir(dataDir);
  const message = new RegExp(`in use by another venue, process ${process.pid}$`);
  assert.throws(() => lockDataDir(dataDir), message);
  // A refused try must not let go of what it did not get.
  assert.throws(() => lockDataDir(dataDir), message);
  lockDataDir(other).release();
  lock.release();
  lockDataDir(dataDir).release();
});

test('a data dir that cannot be locked is refused in one line', (context) => {
  const dataDir = join(makeDataDir(context), 'missing');
  assert.throws(
    () => lockDataDir(dataDir),
    (error) =>
      error instanceof StartError && /^RINGSIDE_DATA_DIR .*ENOENT[^\n]*$/.test(error.message),
  );
});
