import { assert } from '../assert.ts';
import type { Trade } from '../protocol/events.ts';
import { homeShardOfAccount } from '../protocol/sharding.ts';
import { checkAtRest, checkFills, checkPrevented } from '../shard/cluster-checks.fixture.ts';
import { STOP_ORDERS_MAX } from '../shard/order-desk.ts';
import type { Shard } from '../shard/shard.ts';
import type { Command } from '../shard/shard-harness.fixture.ts';
import { TwinVenue } from '../shard/venue-comparison.fixture.ts';
import { EngineRun, type RunOptions } from './engine-run.ts';
import { Expectations } from './expectations.ts';
import { dependsOnPlacement } from './placement.ts';
import type { RunSummary } from './run-summary.ts';
import type { Engine } from './simulated-engine.ts';
import type { SimulationCase } from './simulation-case.ts';

/** Commands between two comparisons of homes and books, which walk everything. */
const LOOK_EVERY = 16;
/** More commands than are ever on their way at once: one a market. */
const UNDER_WAY_MAX = 16;

/**
 * The same commands through engines of different shard counts: each does what its twin predicts, and
 * all of them trade the same and end with the same balances. In `shards`, a market hears one command at
 * a time, so that their order is the same everywhere; commands of different markets are under way
 * together. In `lockstep`, nothing else is under way.
 */
export function runShardsCase(
  simulated: SimulationCase,
  summary: RunSummary,
  options: RunOptions,
): void {
  let first = '';
  for (const shardCount of simulated.shardCounts) {
    summary.appliedSteps = 0;
    const outcome = runOneCount(simulated, shardCount, summary, options);
    first ||= outcome;
    assert(
      outcome === first,
      `${shardCount} shards ended otherwise than ${simulated.shardCounts[0]}`,
    );
  }
}

/** Answers all trades and final balances, with orders named by the steps that placed them. */
function runOneCount(
  simulated: SimulationCase,
  shardCount: number,
  summary: RunSummary,
  options: RunOptions,
): string {
  const twin = new TwinVenue(simulated.regime.setup, shardCount);
  const run = new EngineRun(simulated, shardCount, summary, options);
  const gate = new MarketGate(run);
  const expectations = new Expectations(twin);
  const trades: Trade[] = [];
  const rest = () => {
    const { engine } = run;
    engine.settle();
    if (summary.appliedSteps % LOOK_EVERY === 0) checkAtRest(engine);
    checkFills(engine.heard);
    checkPrevented(engine.heard);
    for (const said of engine.heard) trades.push(...said.trades);
    expectations.compareByMarket(engine.heard);
    expectations.compareBalances(engine.shards);
    expectations.compareBooks(engine.shards);
    run.collect();
  };
  for (const step of simulated.steps) {
    const command = twin.resolve(step);
    summary.appliedSteps++;
    if (dependsOnPlacement(command, twin)) continue;
    const isAlone = simulated.mode === 'lockstep' || isOfNoOneMarket(command);
    if (isAlone || isNearLimit(command, run.engine)) rest();
    gate.waitFor(command);
    expectations.add(step.number, twin.predict(command, step.number));
    run.send(command);
    if (!run.isReportDue) continue;
    rest();
    expectations.compareMarkets(run.report());
  }
  rest();
  checkAtRest(run.engine);
  expectations.compareMarkets(run.finish());
  return `${tradesText(trades, twin)} ${balancesText(run.engine.shards, twin)}`;
}

/** Holds a command back until those of its market before it were answered. */
class MarketGate {
  readonly #engine: Engine;
  #underWay: { readonly requestId: number; readonly marketId: number }[] = [];

  constructor({ engine }: EngineRun) {
    this.#engine = engine;
  }

  waitFor(command: Command): void {
    const { answers } = this.#engine;
    const marketId = marketOf(command);
    const isAhead = (other: { requestId: number; marketId: number }) =>
      marketId === 0 || other.marketId === 0 || other.marketId === marketId;
    const goOn = () => this.#underWay.some((o) => isAhead(o) && !answers.isComplete(o.requestId));
    while (goOn()) assert(this.#engine.step(), 'a command is never answered');
    this.#underWay = this.#underWay.filter(({ requestId }) => !answers.isComplete(requestId));
    this.#underWay.push({ requestId: command.body.requestId, marketId });
  }
}

/** Such a command begins when nothing is under way, settlement included. */
function isOfNoOneMarket(command: Command): boolean {
  return marketOf(command) === 0;
}

/**
 * Whether a stop order may be one too many for its account at home, where one that its own market has ended still
 * counts until that has told: then it is of all markets, too.
 */
function isNearLimit(command: Command, { shards }: Engine): boolean {
  if (command.kind !== 'place' || command.body.triggerPriceTicks === 0) return false;
  const { accountId } = command.body;
  const { orders } = shards[homeShardOfAccount(accountId, shards.length)]!.state;
  return orders.stopsOf(accountId) + UNDER_WAY_MAX >= STOP_ORDERS_MAX;
}

/** 0 when it is of no market, or of all. */
function marketOf({ body }: Command): number {
  return 'marketId' in body ? body.marketId : 0;
}

/** Order ids have their home shard in them: what is the same everywhere is the step that placed it. */
function tradesText(trades: readonly Trade[], twin: TwinVenue): string {
  const placers = new Map([...twin.orderIds].map(([step, orderId]) => [orderId, step]));
  const sorted = [...trades].sort((a, b) => a.marketId - b.marketId || a.tradeId - b.tradeId);
  const lines = sorted.map((trade) => {
    const parties = [trade.makerOrderId, trade.takerOrderId].map((id) => placers.get(id));
    const { marketId, tradeId, priceTicks, quantityLots, takerSide } = trade;
    return [marketId, tradeId, priceTicks, quantityLots, takerSide, ...parties].join();
  });
  return lines.join(';');
}

function balancesText(shards: readonly Shard[], { setup }: TwinVenue): string {
  const balances = setup.accountIds.flatMap((accountId) => {
    const { ledger } = shards[accountId % shards.length]!.state;
    return setup.assetIds.map((assetId) => {
      const slot = ledger.slot(accountId, assetId);
      return `${ledger.available(slot)}+${ledger.locked(slot)}`;
    });
  });
  return balances.join();
}
