import { parseArgs } from 'node:util';
import { CANARIES, CONTRACT, type Expectations } from './canaries.ts';
import { describeFailure, type Failure, FuzzSession } from './session.ts';
import { WireVenue } from './wire-venue.ts';

/** `make fuzz-wire`: mutated requests in every wire format to a venue of our own, run after run until the time is up. */

/** One seed is good for so many cases: a failure is found again in seconds. */
const CASES_PER_SEED = 5000;
const CANARY_CASES_MAX = 2000;

const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});
const minutes = Number(given.minutes);
const firstSeed = given.seed === undefined ? Date.now() % 2 ** 31 : Number(given.seed);
if (!(minutes > 0) || !Number.isSafeInteger(firstSeed)) {
  console.error('make fuzz-wire MINUTES=<above 0>, optional SEED=<whole number>');
  process.exit(2);
}
const endMs = Date.now() + minutes * 60_000;
const totals = new Map<string, number>();
let cases = 0;
let refused = 0;
let stateChecks = 0;

/** A venue of its own for each run: what a run leaves behind must not matter to the next. */
async function runSeed(expectations: Expectations, seed: number, casesMax: number, until: number) {
  const venue = await WireVenue.open();
  try {
    const session = new FuzzSession(venue, expectations, seed);
    const { counts } = session;
    const failure = await session.run(() => counts.cases < casesMax && Date.now() < until);
    return { counts, failure };
  } finally {
    await venue.close();
  }
}

async function areCanariesCaught(): Promise<boolean> {
  let caught = 0;
  for (const canary of CANARIES) {
    const { failure } = await runSeed(
      canary,
      firstSeed,
      CANARY_CASES_MAX,
      Number.POSITIVE_INFINITY,
    );
    if (failure !== null) caught++;
    const how = failure === null ? 'NOT CAUGHT' : `caught by case ${failure.index}`;
    console.log(`  "${canary.name}": ${how}`);
  }
  return caught === CANARIES.length;
}

console.log('canaries first: expectations that are wrong on purpose, and must be found broken');
const areCaught = await areCanariesCaught();
let failure: Failure | null = null;
let seed = firstSeed;
for (; Date.now() < endMs && failure === null; seed++) {
  const run = await runSeed(CONTRACT, seed, CASES_PER_SEED, endMs);
  failure = run.failure;
  cases += run.counts.cases;
  refused += run.counts.refused;
  stateChecks += run.counts.stateChecks;
  for (const [name, count] of run.counts.byAnswer) {
    totals.set(name, (totals.get(name) ?? 0) + count);
  }
}
console.log(`${cases} cases, ${refused} refused, the state compared after ${stateChecks} of them`);
console.log(`seeds ${firstSeed} to ${seed - 1}`);
for (const [name, count] of [...totals].sort((a, b) => b[1] - a[1]))
  console.log(`  ${count} ${name}`);
if (failure !== null) console.log(`FAILED: ${describeFailure(failure)}`);
if (!areCaught) console.log('FAILED: a wrong expectation was not found broken');
process.exit(failure === null && areCaught ? 0 : 1);
