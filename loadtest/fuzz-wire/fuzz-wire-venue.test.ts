import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CANARIES, CONTRACT, type Expectations } from './canaries.ts';
import { describeFailure, FuzzSession } from './session.ts';
import { WireVenue } from './wire-venue.ts';

const CASES = 1500;
const CANARY_CASES_MAX = 2000;
const SEED = 20261123;

test('a venue answers mutated requests by the contract, and wrong expectations of it are found out', async (context: TestContext) => {
  const venue = await WireVenue.open();
  const run = async (expectations: Expectations, casesMax: number) => {
    const session = new FuzzSession(venue, expectations, SEED);
    return { session, failure: await session.run(() => session.counts.cases < casesMax) };
  };
  try {
    const { session, failure } = await run(CONTRACT, CASES);
    assert.ok(failure === null, failure === null ? '' : describeFailure(failure));
    const { refused, stateChecks, byAnswer } = session.counts;
    context.diagnostic(`${CASES} cases, ${refused} refused, ${stateChecks} states compared`);
    assert.ok(refused > CASES / 4 && refused < CASES && stateChecks > 50);
    for (const answer of ['json 200 result', 'msgpack 200 result', 'rest 200 ']) {
      assert.ok((byAnswer.get(answer) ?? 0) > 10, `${answer} is rare`);
    }
    for (const canary of CANARIES) {
      assert.notEqual((await run(canary, CANARY_CASES_MAX)).failure, null, canary.name);
    }
  } finally {
    await venue.close();
  }
});
