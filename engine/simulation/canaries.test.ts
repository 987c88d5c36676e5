import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShrinkBudget } from '../shard/shrink.fixture.ts';
import { CANARIES, catchCanary } from './canaries.ts';
import { isCrowded } from './draw-case.ts';

const SEEDS_MAX = 60;
const COMMANDS = 200;
const SHRINK_RUNS_MAX = 150;
/** Commands that are enough to show any of the faults, where it is no race. */
const SHORT_CASE = 16;

for (const canary of CANARIES) {
  test(`the simulation finds a venue in which ${canary.name}`, (context) => {
    const budget = () => new ShrinkBudget(SHRINK_RUNS_MAX);
    const caught = catchCanary(canary, SEEDS_MAX, { commands: COMMANDS }, budget);
    assert.ok(caught !== null, `not in ${SEEDS_MAX} seeds`);
    const { seeds, fault, found, shrunk } = caught;
    const steps = shrunk.steps.length - shrunk.fixedSteps;
    context.diagnostic(`seed ${seeds}, ${steps} commands: ${fault.message.slice(0, 100)}`);
    if (found.mode === 'crash') return;
    const most = isCrowded(found.mode) ? found.steps.length / 2 : SHORT_CASE;
    assert.ok(steps <= most, `shrunk only to ${steps} commands`);
  });
}
