import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CANARIES, catchCanary } from './canaries.ts';

const SEEDS_MAX = 40;
const COMMANDS = 200;
/** Commands that are enough to show any of the faults. */
const SHORT_CASE = 10;

for (const canary of CANARIES) {
  test(`the simulation finds a venue in which ${canary.name}`, (context) => {
    const found = catchCanary(canary, SEEDS_MAX, { commands: COMMANDS });
    assert.ok(found !== null, `not in ${SEEDS_MAX} seeds`);
    const { seeds, fault, shrunk } = found;
    const steps = shrunk.steps.length - shrunk.fixedSteps;
    context.diagnostic(`seed ${seeds}, ${steps} commands: ${fault.message.slice(0, 100)}`);
    if (canary.recovery !== undefined) return;
    assert.ok(steps <= SHORT_CASE, `shrunk only to ${steps} commands`);
  });
}
