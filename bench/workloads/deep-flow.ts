import type { OrderBook } from '../../engine/book/order-book.ts';
import { Random } from '../../engine/collections/random.ts';
import { Side } from '../../engine/protocol/enums.ts';
import { allocateFlow, type MessageFlow, MessageKind } from './message-flow.ts';

/** Of the part that fills the book. */
export const DEEP_FILL_MIX =
  'workload 4, filling: only new orders, at random over 100,000 ticks each side, denser near the mid';

export const DEEP_MIX =
  `${DEEP_FILL_MIX}; then the depth is held. Everywhere: 47 % cancels of any order there and 47 % new ones, 3 % ` +
  'moves, 3 % IOC for about one order. At the touch: workload 1, static, in the middle of as many orders that it ' +
  'never reaches';

const MID_TICKS = 1_000_000;
const DISTANCE_MAX_TICKS = 100_000;
const LOTS_MAX = 100;

/**
 * A flow whose first `restingCount` messages fill a book and whose other `steadyCount` keep it that full.
 * Orders that are cancelled or moved are drawn from all that rest, so every part of the book is touched.
 */
export function makeDeepFlow(seed: number, restingCount: number, steadyCount: number): MessageFlow {
  const random = new Random(seed);
  const flow = allocateFlow(restingCount + steadyCount);
  const slots = new Float64Array(restingCount);
  const sides = new Uint8Array(restingCount);
  let orders = 0;
  const place = (at: number, slot: number): void => {
    const side = random.below(2) as Side;
    flow.kind[at] = MessageKind.New;
    flow.orderId[at] = idOf(orders++);
    flow.accountId[at] = 1 + random.below(1000);
    flow.side[at] = side;
    flow.priceTicks[at] = priceOf(random, side);
    flow.lots[at] = 1 + random.below(LOTS_MAX);
    slots[slot] = flow.orderId[at]!;
    sides[slot] = side;
  };
  for (let at = 0; at < restingCount; at++) place(at, at);
  let emptySlot = -1;
  for (let at = restingCount; at < flow.count; at++) {
    if (emptySlot >= 0) {
      place(at, emptySlot);
      emptySlot = -1;
      continue;
    }
    const draw = random.below(100);
    const slot = random.below(restingCount);
    if (draw < 6) {
      const side = random.below(2) as Side;
      flow.kind[at] = MessageKind.NewImmediate;
      flow.orderId[at] = idOf(orders++);
      flow.side[at] = side;
      flow.priceTicks[at] = MID_TICKS + (side === Side.Bid ? 1 : -1) * DISTANCE_MAX_TICKS;
      flow.lots[at] = 1 + random.below(LOTS_MAX);
    } else if (draw < 12) {
      flow.kind[at] = MessageKind.Modify;
      flow.orderId[at] = slots[slot]!;
      flow.accountId[at] = 1 + random.below(1000);
      flow.side[at] = sides[slot]!;
      flow.priceTicks[at] = priceOf(random, sides[slot]! as Side);
      flow.lots[at] = 1 + random.below(LOTS_MAX);
    } else {
      flow.kind[at] = MessageKind.Cancel;
      flow.orderId[at] = slots[slot]!;
      emptySlot = slot;
    }
  }
  return flow;
}

/** Beyond all that workload 1 reaches in its static regime, on either side. */
const BACKGROUND_BID_MAX_TICKS = 20_000;
const BACKGROUND_ASK_MIN_TICKS = 50_000;
/** Above the ids of workload 1. */
const BACKGROUND_FIRST_ID = 2 ** 45;

/** Fills a book with orders that workload 1 never reaches: they are there, over 20,000 levels a side. */
export function restBackground(book: OrderBook, count: number): void {
  for (let index = 0; index < count; index++) {
    const away = Math.imul(index, 7919) >>> 0;
    const ticks = away % BACKGROUND_BID_MAX_TICKS;
    const owner = 1 + (index % 1000);
    const id = BACKGROUND_FIRST_ID + index;
    if (index % 2 === 0) book.rest(id, owner, Side.Bid, BACKGROUND_BID_MAX_TICKS - ticks, 1);
    else book.rest(id, owner, Side.Ask, BACKGROUND_ASK_MIN_TICKS + ticks, 1);
  }
}

function priceOf(random: Random, side: Side): number {
  const away = 1 + Math.floor(DISTANCE_MAX_TICKS * random.nextUnit() ** 2);
  return MID_TICKS + (side === Side.Bid ? -away : away);
}

/** From outside: unique, neither dense nor ascending (an odd factor permutes 32 bits). */
function idOf(index: number): number {
  const word = Math.imul(index + 1, 0x9e3779b1) >>> 0;
  return (word ^ (word >>> 16)) >>> 0;
}
