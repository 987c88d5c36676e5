import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { BookShapes } from './book-shapes.fixture.ts';
import {
  type Combination,
  combinationOf,
  FlowCoverage,
  textOf,
  UNREACHABLE,
} from './flow-coverage.fixture.ts';
import { shrink } from './shrink.fixture.ts';
import { StopCoverage } from './stop-coverage.fixture.ts';
import { faultOf, type Step, type TwinVenue, VenueComparison } from './venue-comparison.fixture.ts';
import { REGIMES, type Regime, VenueFlow } from './venue-flow.fixture.ts';

/** How many commands the comparison runs in all; more for a longer search. */
const COMMANDS = Number(process.env.RINGSIDE_TWIN_COMMANDS ?? 120_000);
/** A longer search starts elsewhere. */
const FIRST_SEED = Number(process.env.RINGSIDE_TWIN_SEED ?? 1);
const COMMANDS_PER_FLOW = 2_000;

/** What a flow is refused now and then, or is not. */
const REFUSALS_TO_MEET: readonly RejectCode[] = [
  RejectCode.None,
  RejectCode.InsufficientFunds,
  RejectCode.RequestExpired,
  RejectCode.NotionalTooLarge,
  RejectCode.NotionalTooSmall,
  RejectCode.PriceOutsideBand,
  RejectCode.NoReferencePrice,
  RejectCode.TriggerPending,
];

const flowCount = Math.ceil(COMMANDS / COMMANDS_PER_FLOW / REGIMES.length);
const COMBINATIONS_PER_FLOW = 100;
const coverage = new FlowCoverage();
const stops = new StopCoverage();
let compared = 0;

/** Compares what `flow` makes of the twin it is given; on failure shrinks the steps taken. */
function compare(regime: Regime, seed: number, flow: (twin: TwinVenue) => Iterable<Step>): void {
  const steps: Step[] = [];
  stops.startFlow();
  try {
    const comparison = new VenueComparison(regime.setup);
    const { twin } = comparison;
    for (const step of flow(twin)) {
      steps.push(step);
      const combination = combinationOf(twin.resolve(step), twin);
      const prediction = comparison.apply(step);
      coverage.count(combination, prediction.refusal);
      stops.take(prediction);
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

function* drawnSteps(regime: Regime, seed: number, twin: TwinVenue): Generator<Step> {
  const flow = new VenueFlow(seed, regime, twin);
  const opening = flow.opening();
  for (let count = 0; count < COMMANDS_PER_FLOW; count++) yield opening[count] ?? flow.next();
}

for (const regime of REGIMES) {
  test(`one shard does what its twin says, command by command: ${regime.name}`, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + flowCount; seed++) {
      compare(regime, seed, (twin) => drawnSteps(regime, seed, twin));
    }
  });
}

function* wantedSteps(wanted: readonly Combination[], seed: number, twin: TwinVenue) {
  const shapes = new BookShapes(new Random(seed), REGIMES[0]!, twin, 1);
  yield* shapes.funding();
  for (const combination of wanted) yield* shapes.stepsTo(combination);
}

function shareOf(reached: number): string {
  const { length } = FlowCoverage.reachable;
  return `${reached} of ${length} combinations (${((100 * reached) / length).toFixed(1)} %)`;
}

test('every kind of order came to every kind of book that it can come to', (context) => {
  context.diagnostic(`${compared} drawn commands reached ${shareOf(coverage.reached)}`);
  const missing = coverage.missing();
  for (let from = 0; from < missing.length; from += COMBINATIONS_PER_FLOW) {
    const wanted = missing.slice(from, from + COMBINATIONS_PER_FLOW);
    const seed = FIRST_SEED + from;
    compare(REGIMES[0]!, seed, (twin) => wantedSteps(wanted, seed, twin));
  }
  context.diagnostic(`${compared} commands, also built ones, reached ${shareOf(coverage.reached)}`);
  const unreachable = FlowCoverage.all.length - FlowCoverage.reachable.length;
  context.diagnostic(`unreachable by rule: ${unreachable}, ${UNREACHABLE}`);
  assert.deepEqual(coverage.missing().map(textOf), []);
});

test('the drawn flows were refused for many reasons', (context) => {
  const refusals = [...coverage.refusals].sort((a, b) => a[0] - b[0]);
  context.diagnostic(
    `refusals: ${refusals.map(([code, count]) => `${code}: ${count}`).join(', ')}`,
  );
  for (const code of REFUSALS_TO_MEET) {
    assert.ok((coverage.refusals.get(code) ?? 0) > 20, `refusal ${code} was hardly met`);
  }
});

test('the compared stop orders came to every end there is, and fired each other', (context) => {
  const { reached, possible, fired, firedByFired, mostAtOnce } = stops;
  const share = ((100 * reached) / possible).toFixed(1);
  context.diagnostic(`orders: ${stops.mixText}`);
  context.diagnostic(`stop orders: ${reached} of ${possible} combinations: ${share} %`);
  context.diagnostic(`missing: ${stops.missing().join('; ') || 'none'}`);
  const together = `${mostAtOnce} at most by one command`;
  context.diagnostic(`${fired} fired, ${firedByFired} of them by fired ones only, ${together}`);
  assert.deepEqual(stops.unforeseen(), []);
  if (compared < 100_000) return;
  assert.ok(reached / possible > 0.9, `only ${share} % reached`);
  assert.ok(firedByFired > 80 && mostAtOnce >= 5, 'hardly any cascade');
});
