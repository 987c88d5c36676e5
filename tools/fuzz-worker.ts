import { FlowCoverage, textOf } from '../engine/shard/flow-coverage.fixture.ts';
import { ShrinkBudget } from '../engine/shard/shrink.fixture.ts';
import { fuzzOne } from '../engine/simulation/fuzz-one.ts';
import { forMs } from './deadline.ts';
import type { FuzzAnswer, FuzzTask } from './fuzz-messages.ts';

/** A process that runs the seeds it is sent. */

/** Runs that a failing case takes to shrink, and how long they may take. */
const SHRINK_RUNS_MAX = 2_000;
const SHRINK_MS = 60_000;

const coverage = new FlowCoverage();

function answer(message: FuzzAnswer, whenSent?: () => void): void {
  process.send!(message, undefined, undefined, whenSent);
}

process.on('message', ({ seed }: FuzzTask) => {
  if (seed !== null) {
    const budget = new ShrinkBudget(SHRINK_RUNS_MAX, forMs(SHRINK_MS));
    answer({ result: fuzzOne(seed, coverage, { budget }) });
    return;
  }
  const possible = FlowCoverage.reachable.length;
  // Disconnecting drops what of a long message is not in the pipe yet.
  answer({ missing: coverage.missing().map(textOf), possible }, () => process.disconnect());
});
