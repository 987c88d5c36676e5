import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { VenueProcess } from './client/venue-process.ts';
import type { RunResult } from './result/run-result.ts';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ringside-interruption-'));
after(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly child: ChildProcess;
  /** Resolves when what it said holds the text so many times, in lines of progress of which each is said once. */
  readonly heard: (text: string, times?: number) => Promise<void>;
  readonly exitCode: Promise<number | null>;
  readonly result: () => RunResult;
}

function start(name: string, argv: readonly string[], temporary = tmpdir()): Run {
  const out = join(folder, name);
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(process.execPath, [MAIN, ...argv, '--out', out], { env });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text;
  });
  child.stdout.resume();
  return {
    child,
    heard: async (text, times = 1) => {
      while (said.split(text).length <= times) {
        assert.equal(child.exitCode, null, said);
        await delay(10);
      }
    },
    exitCode: once(child, 'exit').then(([code]) => code as number | null),
    result: () => JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as RunResult,
  };
}

test('an interrupted run tells what it measured, and fails', async () => {
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const argv = ['steady-mix', '--rate', '200', '--seconds', '600', '--warm-up', '0'];
  const run = start('early', [...argv, '--durability', 'none'], temporary);
  await run.heard('measuring');
  await delay(1_000);
  run.child.kill('SIGINT');
  assert.equal(await run.exitCode, 1);
  const { scenarios, brokenOff, environment } = run.result();
  assert.equal(brokenOff, 'interrupted by SIGINT');
  assert.ok(environment.leavesOut.includes('The run broke off: interrupted by SIGINT.'));
  const [scenario] = scenarios;
  assert.ok(scenario!.counts.sent > 0 && scenario!.measuredMs < 600_000);
  assert.ok(scenario!.timeline.length < 600);
  assert.ok(scenario!.audit.clean, JSON.stringify(scenario!.audit));
  assert.ok(scenario!.warnings.includes('interrupted by SIGINT') && !scenario!.passed);
  assert.deepEqual(readdirSync(temporary), []);
});

test('a capacity search that is interrupted keeps the steps that it has made', async () => {
  const argv = ['find-capacity', '--rate', '100', '--seconds', '2', '--warm-up', '0'];
  const run = start('capacity', [...argv, '--durability', 'none', '--slo', 'errors=0']);
  // Of the second step: the first one has ended.
  await run.heard('auditing');
  await run.heard('measuring', 2);
  run.child.kill('SIGINT');
  assert.equal(await run.exitCode, 1);
  const { scenarios, brokenOff } = run.result();
  assert.equal(brokenOff, 'interrupted by SIGINT');
  const [scenario] = scenarios;
  const figures = new Map(scenario!.figures.map(({ name, value }) => [name, value]));
  assert.equal(figures.get('step 1 held at'), 100);
  assert.equal(figures.get('highest rate that held, not confirmed'), 100);
  // The step that was cut short is none.
  assert.equal(scenario!.measuredMs, 2_000);
  assert.deepEqual(
    [...figures.keys()].filter((name) => name.startsWith('step ')),
    ['step 1 held at'],
  );
  assert.ok(scenario!.audit.clean, JSON.stringify(scenario!.audit));
  assert.ok(scenario!.warnings.includes('the search was not ended') && !scenario!.passed);
});

test('signals while the venue starts, and more of them, leave nothing behind', async () => {
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const run = start('never', ['steady-mix', '--durability', 'none'], temporary);
  while (readdirSync(temporary).length === 0) await delay(10);
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) {
    run.child.kill(signal);
    await delay(100);
  }
  assert.equal(await run.exitCode, 1);
  assert.deepEqual(readdirSync(temporary), []);
  assert.ok(!existsSync(join(folder, 'never')));
});

test('a tour that an error ends keeps the stops before it', async () => {
  const venue = await VenueProcess.start({ environment: { RINGSIDE_DURABILITY: 'none' } });
  try {
    const { url, adminUrl, pid } = venue.ready;
    const address = ['--url', url, '--admin-url', adminUrl, '--admin-token', venue.adminToken];
    const run = start('tour', ['--load', '0.05', '--length', '0.05', ...address]);
    await run.heard('market-maker');
    process.kill(pid, 'SIGTERM');
    assert.equal(await run.exitCode, 1);
    const { scenarios, brokenOff } = run.result();
    assert.equal(scenarios[0]!.name, 'steady-mix');
    assert.ok(scenarios[0]!.audit.clean, JSON.stringify(scenarios[0]!.audit));
    assert.match(brokenOff!, /^(?:market-maker|microburst|cancel-storm) failed: /);
  } finally {
    await venue.stop();
  }
});
