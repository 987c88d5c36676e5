import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RejectCode } from '../protocol/reject-codes.ts';
import { FlowCoverage } from './flow-coverage.fixture.ts';
import { faultOf, type Step, shrink, VenueComparison } from './venue-comparison.fixture.ts';
import { REGIMES, type Regime, VenueFlow } from './venue-flow.fixture.ts';

/** How many commands the comparison runs in all; more for a longer search. */
const COMMANDS = Number(process.env.RINGSIDE_TWIN_COMMANDS ?? 120_000);
/** A longer search starts elsewhere. */
const FIRST_SEED = Number(process.env.RINGSIDE_TWIN_SEED ?? 1);
const COMMANDS_PER_FLOW = 2_000;

const flowCount = Math.ceil(COMMANDS / COMMANDS_PER_FLOW / REGIMES.length);
const coverage = new FlowCoverage();
let compared = 0;

function runFlow(regime: Regime, seed: number): void {
  const steps: Step[] = [];
  try {
    const comparison = new VenueComparison(regime.setup);
    const flow = new VenueFlow(seed, regime, comparison.twin);
    const opening = flow.opening();
    for (let count = 0; count < COMMANDS_PER_FLOW; count++) {
      const step = opening[count] ?? flow.next();
      steps.push(step);
      const combination = FlowCoverage.of(step.command, comparison.twin);
      const { refusal } = comparison.apply(step);
      coverage.count(combination, refusal);
      compared++;
    }
    comparison.compareWhole();
  } catch (error) {
    const short = shrink(steps, (some) => faultOf(regime.setup, some) !== null);
    const lines = short.map((step) => JSON.stringify(step)).join('\n');
    const fault = faultOf(regime.setup, short);
    const where = `${regime.name}, seed ${seed}, after ${steps.length} commands`;
    assert.fail(`${where}: ${String(error)}\nshrunk to ${short.length}: ${fault}\n${lines}`);
  }
}

for (const regime of REGIMES) {
  test(`one shard does what its twin says, command by command: ${regime.name}`, () => {
    for (let flow = 0; flow < flowCount; flow++) runFlow(regime, FIRST_SEED + flow);
  });
}

test('the compared flows reached every kind of order against every kind of book', (context) => {
  const { reached, possible } = coverage;
  const share = ((100 * reached) / possible).toFixed(1);
  context.diagnostic(`${compared} commands, ${reached} of ${possible} combinations: ${share} %`);
  context.diagnostic(`missing: ${coverage.missing().join('; ') || 'none'}`);
  const refusals = [...coverage.refusals].sort((a, b) => a[0] - b[0]);
  context.diagnostic(
    `refusals: ${refusals.map(([code, count]) => `${code}: ${count}`).join(', ')}`,
  );
  if (compared >= 100_000) assert.ok(reached / possible > 0.95, `only ${share} % reached`);
  for (const code of [RejectCode.None, RejectCode.InsufficientFunds, RejectCode.NotionalTooLarge]) {
    assert.ok((coverage.refusals.get(code) ?? 0) > 20, `refusal ${code} was hardly met`);
  }
});

test('a failing flow shrinks to what makes it fail', () => {
  const items = Array.from({ length: 1_000 }, (_, item) => item);
  const fails = (some: readonly number[]) => some.includes(77) && some.includes(901);
  assert.deepEqual(shrink(items, fails), [77, 901]);
});
