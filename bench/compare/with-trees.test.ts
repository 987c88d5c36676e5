import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { engineOf, TinyRepository } from './tiny-repository.fixture.ts';

const PROGRAM = fileURLToPath(new URL('./main.js', import.meta.url));

let repository: TinyRepository;
let temporary: string;

before(() => {
  repository = new TinyRepository();
  repository.addBenchmarks();
  repository.write('engine/sum.ts', engineOf(1));
  repository.commit('add a sum');
  temporary = realpathSync(mkdtempSync(join(tmpdir(), 'ringside-interrupted-')));
});

beforeEach(() => assert.deepEqual(readdirSync(temporary), []));

after(() => {
  repository.remove();
  rmSync(temporary, { recursive: true, force: true });
});

function expectNothingLeft(): void {
  assert.deepEqual(readdirSync(temporary), []);
  assert.equal(repository.worktrees, 1);
}

/** The gate, as `make bench-compare` starts it. */
function startGate() {
  const child = spawn(process.execPath, [PROGRAM, '--base=HEAD', '--only=ring'], {
    cwd: repository.path,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  return { child, ended };
}

/** When the compiler is at work in the tree of a side. */
async function building(side: string): Promise<void> {
  for (;;) {
    const [folder] = readdirSync(temporary);
    if (folder !== undefined && existsSync(join(temporary, folder, side, 'tsconfig.gate.json'))) {
      return;
    }
    await sleep(2);
  }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} while a side is compiled, and again, leaves nothing`, async () => {
    const { child, ended } = startGate();
    await building(signal === 'SIGINT' ? 'head' : 'base');
    child.kill(signal);
    await sleep(20);
    child.kill(signal);
    assert.deepEqual(await ended, [code, null]);
    expectNothingLeft();
  });
}

test('what a killed gate left behind is removed by the next one', async () => {
  const { pid } = spawnSync(process.execPath, ['--eval', '']);
  const folder = join(temporary, `ringside-gate-${pid}-abcdef`);
  mkdirSync(folder);
  const add = ['worktree', 'add', '--quiet', '--detach', join(folder, 'head')];
  assert.equal(spawnSync('git', ['-C', repository.path, ...add]).status, 0);
  assert.equal(repository.worktrees, 2);
  const { ended } = startGate();
  // The tiny repository has no part of that name.
  assert.deepEqual(await ended, [3, null]);
  expectNothingLeft();
});
