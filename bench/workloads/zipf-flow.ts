import { Random } from '../../engine/collections/random.ts';
import { Side } from '../../engine/protocol/enums.ts';
import { grouped } from '../suite.ts';
import { allocateCommands, type CommandFlow, CommandKind } from './command-flow.ts';
import { nextPowerLaw, Zipf } from './distributions.ts';

export const ZIPF_MARKETS = 100;
export const ZIPF_ACCOUNTS = 100_000;

/** Of a flow with so many accounts. */
export function zipfMix(accountCount: number): string {
  return (
    `workload 3: ${ZIPF_MARKETS} markets and ${grouped(accountCount)} accounts, both busy by Zipf with exponent 1; ` +
    '45 % GTC 1-50 ticks from a drifting mid by a power law, 10 % IOC through it, 38 % cancels and 7 % moves of ' +
    'random earlier orders of the market, some of them filled meanwhile and so refused'
  );
}

const FIRST_MID_TICKS = 20_000;
const DISTANCE_MAX_TICKS = 50;
const LOTS_MAX = 100;

/** What the flow remembers of an order it placed and did not cancel. */
interface Placed {
  readonly clientId: number;
  readonly accountId: number;
  readonly side: Side;
}

interface Market {
  mid: number;
  readonly placed: Placed[];
}

/** A seeded flow of `count` commands over many markets and accounts; it looks at no book. */
export function makeZipfFlow(
  seed: number,
  count: number,
  marketCount = ZIPF_MARKETS,
  accountCount = ZIPF_ACCOUNTS,
): CommandFlow {
  const random = new Random(seed);
  const flow = allocateCommands(count, marketCount, accountCount);
  const marketRank = new Zipf(marketCount, 1);
  // Ranks of pairs: of each pair the odd account buys and the even one sells, so none meets itself.
  const pairRank = new Zipf(accountCount >> 1, 1);
  const markets = Array.from(
    { length: marketCount },
    (): Market => ({ mid: FIRST_MID_TICKS, placed: [] }),
  );
  for (let at = 0; at < count; at++) {
    const marketId = 1 + marketRank.next(random);
    const market = markets[marketId - 1]!;
    flow.marketId[at] = marketId;
    if (random.below(20) === 0) market.mid += random.below(3) - 1;
    const draw = random.below(100);
    if (draw < 55 || market.placed.length === 0) {
      const isImmediate = draw < 10;
      const side = random.below(2) as Side;
      const accountId = 2 * (1 + pairRank.next(random)) - (1 - side);
      place(flow, at, market, random, isImmediate, { clientId: at + 1, accountId, side });
    } else {
      change(flow, at, market, random, draw < 93);
    }
  }
  return flow;
}

function place(
  flow: CommandFlow,
  at: number,
  market: Market,
  random: Random,
  isImmediate: boolean,
  order: Placed,
): void {
  flow.kind[at] = isImmediate ? CommandKind.PlaceImmediate : CommandKind.Place;
  flow.clientId[at] = order.clientId;
  flow.accountId[at] = order.accountId;
  flow.side[at] = order.side;
  flow.priceTicks[at] = priceOf(market, order.side, random, isImmediate);
  flow.lots[at] = 1 + random.below(LOTS_MAX);
  if (!isImmediate) market.placed.push(order);
}

function change(
  flow: CommandFlow,
  at: number,
  market: Market,
  random: Random,
  isCancel: boolean,
): void {
  const { placed } = market;
  const index = random.below(placed.length);
  const order = placed[index]!;
  flow.clientId[at] = order.clientId;
  flow.accountId[at] = order.accountId;
  flow.kind[at] = isCancel ? CommandKind.Cancel : CommandKind.Replace;
  if (!isCancel) {
    flow.priceTicks[at] = priceOf(market, order.side, random, false);
    return;
  }
  placed[index] = placed.at(-1)!;
  placed.pop();
}

function priceOf(market: Market, side: Side, random: Random, isThroughMid: boolean): number {
  const away = isThroughMid ? -3 : nextPowerLaw(random, 1, DISTANCE_MAX_TICKS);
  return market.mid + (side === Side.Bid ? -away : away);
}
