import type { Random } from '../collections/random.ts';
import type { MarketSpec } from '../protocol/commands.ts';
import type { Step } from '../shard/venue-comparison.fixture.ts';
import { REGIMES, type Regime } from '../shard/venue-flow.fixture.ts';

/**
 * What is proved of a run.
 *
 * - `twin`: one shard says and holds what the naive twin predicts, command by command, and behind rings
 *   and delays it says the same.
 * - `lockstep`: so do 1, 2 and 4 shards, one command at a time, with any funds: the same trades, books
 *   and balances.
 * - `shards`: the same, with commands of different markets under way together, since funds are ample.
 * - `crowd`: any number of commands is under way after the same few orders, with any funds. Which of
 *   them is refused depends on timing, so nothing is predicted; what must always hold is checked.
 * - `crash`: as `crowd`, on journals of a simulated disk, in a process that dies again and again, whole or one shard of
 *   it while the others go on. Whatever anybody was told before is still true after it, everybody has heard all of it,
 *   and the journals, the database and the shards agree.
 */
export const MODES = ['twin', 'lockstep', 'shards', 'crowd', 'crash'] as const;
export type Mode = (typeof MODES)[number];

/** Everything that a run follows from: plain data, so that it can be saved and run again. */
export interface SimulationCase {
  /** Of the schedule and the conditions; the commands are spelled out. */
  readonly seed: number;
  readonly mode: Mode;
  /** One engine each is run. */
  readonly shardCounts: readonly number[];
  readonly regime: Regime;
  /** Steps at the beginning that make the case what it is: shrinking leaves them. */
  readonly fixedSteps: number;
  readonly steps: readonly Step[];
}

/** A case that failed once, as it lies in `regressions/`. */
export interface SavedCase {
  /** What was found wrong then. */
  readonly message: string;
  /** The seed and the commands of the run that found it, before shrinking. */
  readonly foundBy: string;
  /** When it was found with a deliberate fault, the canary's name: without it the case is fine. */
  readonly canary?: string;
  readonly case: SimulationCase;
}

/** A deposit nobody can spend: what keeps funds ample, also while proceeds are under way. */
export const AMPLE_UNITS = 1e13;

/** The regime whose accounts can pay for what its flow draws. */
export const AMPLE_REGIME = 'ample funds';
/** Above this, how much may be deposited depends on the shard count: shards share the bound on a supply. */
const COMPARABLE_DEPOSIT_MAX = 1e12;
const FEES_BPS = [0, 1, 7, 10, 35, 33, 250, 2_500, 10_000];
const MARKETS_MAX = 6;
/** The nearer prices are to each other, the longer the queues and the more trades. */
const SPREADS_TICKS = [1, 2, 3, 5];
const ACCOUNTS_MAX = 8;

/** A regime of the comparison tests as it is, or one with other markets, fees and accounts made of it. */
export function drawRegime(random: Random, mode: Mode): Regime {
  const known = REGIMES.filter(({ name, depositMax }) => {
    if (mode === 'shards') return name === AMPLE_REGIME;
    return mode !== 'lockstep' || Math.max(...Object.values(depositMax)) <= COMPARABLE_DEPOSIT_MAX;
  });
  const drawn = known[random.below(known.length)]!;
  const spreadTicks = SPREADS_TICKS[random.below(SPREADS_TICKS.length)]!;
  const firstDeposits = mode === 'shards' ? 1 : drawn.firstDeposits;
  const base = { ...drawn, spreadTicks, firstDeposits };
  if (random.below(3) === 0) return base;
  const markets: MarketSpec[] = [];
  const middleTicks: Record<number, number> = {};
  // Rather few: where there are many, not much happens in each.
  const count = 1 + Math.min(random.below(MARKETS_MAX), random.below(MARKETS_MAX));
  for (let marketId = 1; marketId <= count; marketId++) {
    const model = base.setup.markets[random.below(base.setup.markets.length)]!;
    const makerFeeBps = FEES_BPS[random.below(FEES_BPS.length)]!;
    const takerFeeBps = FEES_BPS[random.below(FEES_BPS.length)]!;
    markets.push({ ...model, marketId, symbol: `MARKET_${marketId}`, makerFeeBps, takerFeeBps });
    middleTicks[marketId] = base.middleTicks[model.marketId]!;
  }
  const accounts = 2 + random.below(ACCOUNTS_MAX - 1);
  const accountIds = Array.from({ length: accounts }, (_, account) => account + 1);
  return { ...base, middleTicks, setup: { ...base.setup, accountIds, markets } };
}

/** The case without some of its steps. */
export function withSteps(whole: SimulationCase, steps: readonly Step[]): SimulationCase {
  return { ...whole, steps: [...whole.steps.slice(0, whole.fixedSteps), ...steps] };
}
