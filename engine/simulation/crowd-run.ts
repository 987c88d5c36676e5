import { assert } from '../assert.ts';
import { CancelScope, OrderBookState } from '../protocol/enums.ts';
import {
  checkAnswersAtRest,
  checkAtRest,
  checkFills,
  checkPrevented,
  DepthOfCluster,
} from '../shard/cluster-checks.fixture.ts';
import type { Command } from '../shard/shard-harness.fixture.ts';
import { EngineRun, type RunOptions } from './engine-run.ts';
import type { RunSummary } from './run-summary.ts';
import type { SimulationCase } from './simulation-case.ts';

/** Commands between two rests: all of them may be under way together. */
const REST_EVERY = 120;

/**
 * Any number of commands under way at once, with any funds. Nothing is predicted, since it depends on
 * timing who is first; but every shard checks itself after every input, every request is answered once,
 * and whenever nothing is under way, nothing is in flight, homes and books agree, every fill was told to
 * both parties and the depth changes add up to the books.
 */
export function runCrowdCase(
  simulated: SimulationCase,
  summary: RunSummary,
  options: RunOptions,
): void {
  for (const shardCount of simulated.shardCounts) {
    summary.appliedSteps = 0;
    const run = new EngineRun(simulated, shardCount, summary, options);
    const depth = new DepthOfCluster();
    for (const { number, command } of simulated.steps) {
      const body = { ...command.body, requestId: number };
      // Nobody knows when a step's turn comes, so in a crowd an order expires so long after that.
      if ('expiresAtUs' in body && body.expiresAtUs > 0) body.expiresAtUs += run.engine.nowUs;
      run.send({ ...command, body } as Command);
      summary.appliedSteps++;
      if (summary.appliedSteps % REST_EVERY === 0 || run.isReportDue) rest(run, simulated, depth);
      if (run.isReportDue) run.report();
    }
    rest(run, simulated, depth);
    clearOut(run, simulated);
    run.finish();
  }
}

function rest(run: EngineRun, { regime: { setup } }: SimulationCase, depth: DepthOfCluster): void {
  const { engine } = run;
  engine.settle();
  checkAtRest(engine);
  engine.answers.assertAllGiven();
  checkFills(engine.heard);
  checkPrevented(engine.heard);
  depth.takeIn(engine);
  run.collect();
  const requestIds = run.takeRequestIds(1 + Math.max(...setup.accountIds));
  checkAnswersAtRest(engine, setup, depth, requestIds);
}

/** Cancels everything, after which nothing may be locked. */
function clearOut(run: EngineRun, { regime: { setup } }: SimulationCase): void {
  const { engine } = run;
  for (const { marketId } of setup.markets) {
    const requestId = run.takeRequestIds(1);
    const body = { requestId, marketId, state: OrderBookState.Open };
    engine.inject({ kind: 'setMarketState', body });
  }
  engine.settle();
  for (const accountId of setup.accountIds) {
    const body = {
      requestId: run.takeRequestIds(1),
      accountId,
      marketId: 0,
      scope: CancelScope.All,
    };
    engine.inject({ kind: 'cancelAll', body });
  }
  engine.settle();
  checkAtRest(engine);
  for (const { state } of engine.shards) {
    assert(state.orders.size === 0, 'an order outlives the cancel of all');
    state.ledger.forEach((accountId, assetId, slot) => {
      const locked = state.ledger.locked(slot);
      assert(
        locked === 0,
        `account ${accountId} has ${locked} of asset ${assetId} locked for nothing`,
      );
    });
  }
}
