import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { SHARD_PARTS } from '../shard/shard-parts.ts';
import { drawConditions } from './conditions.ts';
import { drawCase } from './draw-case.ts';
import { EngineRun } from './engine-run.ts';
import { runCase } from './run-case.ts';
import { RunSummary } from './run-summary.ts';
import { MODES } from './simulation-case.ts';

const SEEDS_PER_MODE = 3;
const COMMANDS = 400;

for (const mode of MODES) {
  test(`seeded simulations hold whatever happens in them: ${mode}`, (context) => {
    let trades = 0;
    let underWay = 0;
    let deaths = 0;
    const snapshots = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS_PER_MODE; seed++) {
      const simulated = drawCase(seed, { mode, commands: COMMANDS });
      const { summary, fault } = runCase(simulated);
      assert.equal(fault, null, `seed ${seed}: ${fault?.message}`);
      trades += summary.events.get('Trade') ?? 0;
      underWay = Math.max(underWay, summary.underWayMax);
      for (const times of summary.deaths.values()) deaths += times;
      for (const [name, times] of summary.snapshots) {
        snapshots.set(name, (snapshots.get(name) ?? 0) + times);
      }
    }
    context.diagnostic(`${trades} trades, at most ${underWay} commands under way at once`);
    if (mode === 'crash') {
      assert.ok(deaths > 20, `the process died ${deaths} times`);
      const counted = JSON.stringify([...snapshots]);
      context.diagnostic(counted);
      for (const what of ['snapshots', 'segments deleted', 'rotten snapshots']) {
        assert.ok((snapshots.get(what) ?? 0) > 2, counted);
      }
    }
    assert.ok(trades > 10, 'hardly anything traded');
    if (mode === 'crowd') assert.ok(underWay > 20, `only ${underWay} commands under way at once`);
    if (mode === 'shards') assert.ok(underWay > 1, 'never two commands under way at once');
  });

  test(`the same seed has the same result, to the byte: ${mode}`, () => {
    const [one, again, other] = [7, 7, 8].map((seed) => {
      const { summary } = runCase(drawCase(seed, { mode, commands: 150 }), { hashEvery: 50 });
      return { digest: summary.digest(), reports: summary.reports, events: summary.events };
    });
    assert.deepEqual(one, again);
    assert.notEqual(one!.digest, other!.digest);
    const engines = mode === 'lockstep' || mode === 'shards' ? 3 : 1;
    assert.ok(one!.reports.length >= 3 * engines, `${one!.reports.length} reports of hashes`);
  });
}

test('the state hashes follow every change, and nothing else', () => {
  const simulated = drawCase(3, { mode: 'twin', commands: 100 });
  const options = { parts: SHARD_PARTS, hashEvery: 0 };
  const run = new EngineRun(simulated, 1, new RunSummary(), options);
  const before = run.report();
  assert.deepEqual(run.report(), before);
  const deposit = simulated.steps[0]!.command;
  assert.ok(deposit.kind === 'moveFunds');
  run.send({ kind: 'moveFunds', body: { ...deposit.body, requestId: 1 } });
  run.engine.settle();
  const after = run.report();
  assert.deepEqual(after.markets, before.markets);
  assert.notDeepEqual(after.ledgers, before.ledgers);
});

test('conditions reach from rings that hold a few messages to rings that hold many', () => {
  const random = new Random(1);
  const drawn = Array.from({ length: 400 }, () => drawConditions(random));
  const eventBytes = drawn.map(({ writtenRings }) => writtenRings.eventBytes);
  const shardBytes = drawn.map(({ readRings }) => readRings.shardBytes);
  assert.deepEqual([Math.min(...eventBytes), Math.max(...eventBytes)], [1024, 32_768]);
  assert.deepEqual([Math.min(...shardBytes), Math.max(...shardBytes)], [256, 8_192]);
});
