import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunResult } from './result/run-result.ts';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
/** How busy the machine is, and how its clocks go, is its own doing. */
const OF_THE_MACHINE = /was the bottleneck|were the bottleneck|the clocks of two processes differ/;

const folder = mkdtempSync(join(tmpdir(), 'ringside-neighbours-'));
after(() => rmSync(folder, { recursive: true }));

test('beside clients that misbehave the others lose nothing, and it is told what they noticed', () => {
  const out = join(folder, 'run');
  const argv = [
    ...['bad-neighbours', '--rate', '40', '--subscribers', '20', '--warm-up', '0'],
    ...['--connections', '2', '--resting', '20', '--rounds', '1', '--phase-seconds', '3'],
    ...['--lists', '20', '--bad-frames', '100', '--durability', 'none', '--out', out],
  ];
  const { stderr } = spawnSync(process.execPath, [MAIN, ...argv], { encoding: 'utf8' });
  const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as RunResult;
  const [scenario] = result.scenarios;
  assert.ok(scenario!.audit.clean, `${JSON.stringify(scenario!.audit)}\n${stderr}`);
  assert.deepEqual(
    scenario!.warnings.filter((warning) => !OF_THE_MACHINE.test(warning)),
    [],
  );
  const { acknowledged, sent } = scenario!.counts;
  assert.ok(sent === 240 && acknowledged > 0);
  const figureOf = (name: string): number => {
    const figure = scenario!.figures.find((each) => each.name === name);
    assert.ok(figure !== undefined, name);
    return figure.value;
  };
  for (const what of ['order → ack p50', 'order → ack p99', 'trade → market data p99']) {
    const [quiet, bad] = [figureOf(`${what}, quiet`), figureOf(`${what}, beside bad clients`)];
    const ratio = figureOf(`${what}, beside bad clients to quiet`);
    assert.ok(Math.abs(ratio / (bad / quiet) - 1) < 1e-9);
  }
  for (const clients of ['that do not read', 'of malformed frames', 'of forged logins']) {
    assert.ok(figureOf(`clients ${clients}: frames sent`) > 20);
    assert.ok(figureOf(`clients ${clients}: frames heard`) > 0);
  }
  assert.equal(figureOf('gaps at subscribers that keep reading'), 0);
});
