import { FlowCoverage, textOf } from '../engine/shard/flow-coverage.fixture.ts';
import { fuzzOne } from '../engine/simulation/fuzz-one.ts';
import type { FuzzAnswer, FuzzTask } from './fuzz-messages.ts';

/** A process that runs the seeds it is sent. */

const coverage = new FlowCoverage();

function answer(message: FuzzAnswer, whenSent?: () => void): void {
  process.send!(message, undefined, undefined, whenSent);
}

process.on('message', ({ seed }: FuzzTask) => {
  if (seed !== null) {
    answer({ result: fuzzOne(seed, coverage) });
    return;
  }
  const possible = FlowCoverage.reachable.length;
  // Disconnecting drops what of a long message is not in the pipe yet.
  answer({ missing: coverage.missing().map(textOf), possible }, () => process.disconnect());
});
