import { Random } from '../../engine/collections/random.ts';
import { Side } from '../../engine/protocol/enums.ts';
import { nextExponential, nextGaussian, nextPowerLaw } from './distributions.ts';
import { allocateFlow, type MessageFlow, MessageKind } from './message-flow.ts';

/** How far the mid price swings over a run: (highest − lowest) / first. */
export const REGIMES = {
  static: 0,
  normal: 0.02,
  volatile: 0.25,
  'flash-crash': 0.4,
  collapse: 0.6,
} as const;
export type Regime = keyof typeof REGIMES;
export const REGIME_NAMES = Object.keys(REGIMES) as Regime[];

export const US_EQUITY_MIX =
  'workload 1: mid by geometric Brownian motion; limits at power-law distances with a hump near 8 ' +
  'ticks; 15 % IOC (a third of them priced through the mid); of the rest 20 % modified once and ' +
  '95 % cancelled after an exponential life of one arrival on average; 2 % stale repeats; ' +
  'new : cancel : modify = 1 : 0.82 : 0.17; ids from outside, neither dense nor ascending';

/** Accounts of the flow: odd ones buy, even ones sell, so that no account ever meets itself. */
export const US_EQUITY_ACCOUNTS = 1000;

const FIRST_MID_TICKS = 33_500;
const IMMEDIATE_SHARE = 0.15;
const THROUGH_MID_SHARE = 1 / 3;
const MODIFIED_SHARE = 0.2;
const CANCELLED_SHARE = 0.95;
const REPEATED_SHARE = 0.02;
/** As in the conformance set: nearly every cancel follows its order at once, most orders never trade. */
const MEAN_LIFE_ARRIVALS = 1;
const HUMP_SHARE = 0.65;
const HUMP_TICKS = 8;
const HUMP_DEVIATION_TICKS = 2;
const TAIL_EXPONENT = 1.5;
const TAIL_MAX_TICKS = 2000;
const LOTS_MAX = 100;

/** Messages per new order, on average. */
const MESSAGES_PER_NEW =
  1 + (1 - IMMEDIATE_SHARE) * (CANCELLED_SHARE + MODIFIED_SHARE) * (1 + REPEATED_SHARE);

/**
 * An order flow in the manner of US equities, of about `messageCount` messages (±1 %). The same arguments
 * give the same flow. One arrival is the unit of its time: order `i` arrives at time `i`.
 *
 * @param meanLifeArrivals how long an order that will be cancelled lives
 */
export function makeUsEquityFlow(
  regime: Regime,
  seed: number,
  messageCount: number,
  meanLifeArrivals = MEAN_LIFE_ARRIVALS,
): MessageFlow {
  const orderCount = Math.round(messageCount / MESSAGES_PER_NEW);
  const random = new Random(seed);
  const orders = drawOrders(random, orderCount, midPath(random, orderCount, REGIMES[regime]));
  return inTimeOrder(orders, drawEvents(random, orders, meanLifeArrivals));
}

/** One entry for each order: what its first message says. */
interface Orders {
  readonly count: number;
  readonly orderId: Float64Array;
  readonly accountId: Int32Array;
  readonly side: Uint8Array;
  readonly isImmediate: Uint8Array;
  readonly priceTicks: Int32Array;
  readonly lots: Int32Array;
}

/**
 * The mid price at each arrival: geometric Brownian motion without drift of the logarithm, its volatility
 * found by bisection so that the path's swing is exactly `swing`.
 */
function midPath(random: Random, count: number, swing: number): Float64Array {
  const path = new Float64Array(count);
  let walk = 0;
  let highest = 0;
  let lowest = 0;
  for (let index = 0; index < count; index++) {
    path[index] = walk;
    highest = Math.max(highest, walk);
    lowest = Math.min(lowest, walk);
    walk += nextGaussian(random);
  }
  let low = 0;
  let high = 1;
  for (let round = 0; round < 100; round++) {
    const middle = (low + high) / 2;
    if (Math.exp(middle * highest) - Math.exp(middle * lowest) < swing) low = middle;
    else high = middle;
  }
  return path.map((position) => FIRST_MID_TICKS * Math.exp(low * position));
}

function drawOrders(random: Random, count: number, mid: Float64Array): Orders {
  const orders: Orders = {
    count,
    orderId: new Float64Array(count),
    accountId: new Int32Array(count),
    side: new Uint8Array(count),
    isImmediate: new Uint8Array(count),
    priceTicks: new Int32Array(count),
    lots: new Int32Array(count),
  };
  for (let index = 0; index < count; index++) {
    const side = random.below(2) === 0 ? Side.Bid : Side.Ask;
    const isImmediate = random.nextUnit() < IMMEDIATE_SHARE;
    const isThroughMid = isImmediate && random.nextUnit() < THROUGH_MID_SHARE;
    const away = distanceTicks(random) * (isThroughMid ? -1 : 1);
    const price = Math.round(mid[index]!) + (side === Side.Bid ? -away : away);
    orders.orderId[index] = outsideId(index, random.below(256));
    orders.accountId[index] = 2 * (1 + random.below(US_EQUITY_ACCOUNTS / 2)) - (1 - side);
    orders.side[index] = side;
    orders.isImmediate[index] = isImmediate ? 1 : 0;
    orders.priceTicks[index] = Math.max(1, price);
    orders.lots[index] = 1 + random.below(LOTS_MAX);
  }
  return orders;
}

function distanceTicks(random: Random): number {
  if (random.nextUnit() >= HUMP_SHARE) return nextPowerLaw(random, TAIL_EXPONENT, TAIL_MAX_TICKS);
  return Math.max(1, Math.round(HUMP_TICKS + HUMP_DEVIATION_TICKS * nextGaussian(random)));
}

/** Unique by its low 32 bits, which odd multiplications and shifts permute. */
function outsideId(index: number, highByte: number): number {
  let word = Math.imul(index + 1, 0x9e3779b1);
  word ^= word >>> 16;
  word = Math.imul(word, 0x85ebca6b);
  word ^= word >>> 13;
  return highByte * 2 ** 32 + (word >>> 0);
}

/** Event `i` concerns order `order[i]`; `key` sorts by time and then by `i`. */
interface Events {
  readonly kind: Uint8Array;
  readonly order: Int32Array;
  readonly key: Float64Array;
}

const EVENTS_MAX = 2 ** 25;
const TIME_STEPS_PER_ARRIVAL = 16;

function drawEvents(random: Random, orders: Orders, meanLifeArrivals: number): Events {
  const kind: number[] = [];
  const order: number[] = [];
  const key: number[] = [];
  const add = (eventKind: MessageKind, index: number, time: number): void => {
    key.push(Math.floor(time * TIME_STEPS_PER_ARRIVAL) * EVENTS_MAX + kind.length);
    kind.push(eventKind);
    order.push(index);
  };
  for (let index = 0; index < orders.count; index++) {
    const isImmediate = orders.isImmediate[index] === 1;
    add(isImmediate ? MessageKind.NewImmediate : MessageKind.New, index, index);
    if (isImmediate) continue;
    const end = index + nextExponential(random, meanLifeArrivals);
    const isCancelled = random.nextUnit() < CANCELLED_SHARE;
    const isModified = random.nextUnit() < MODIFIED_SHARE;
    if (isModified) add(MessageKind.Modify, index, index + random.nextUnit() * (end - index));
    if (isCancelled) add(MessageKind.Cancel, index, end);
    if (isModified && random.nextUnit() < REPEATED_SHARE) add(MessageKind.Modify, index, end + 1);
    if (isCancelled && random.nextUnit() < REPEATED_SHARE) add(MessageKind.Cancel, index, end + 1);
  }
  return {
    kind: Uint8Array.from(kind),
    order: Int32Array.from(order),
    key: Float64Array.from(key).sort(),
  };
}

function inTimeOrder(orders: Orders, events: Events): MessageFlow {
  const flow = allocateFlow(events.key.length);
  for (let at = 0; at < flow.count; at++) {
    const event = events.key[at]! % EVENTS_MAX;
    const kind = events.kind[event]! as MessageKind;
    const order = events.order[event]!;
    flow.kind[at] = kind;
    flow.orderId[at] = orders.orderId[order]!;
    flow.accountId[at] = orders.accountId[order]!;
    if (kind === MessageKind.Cancel) continue;
    flow.side[at] = orders.side[order]!;
    flow.priceTicks[at] = orders.priceTicks[order]!;
    flow.lots[at] = orders.lots[order]!;
    if (kind !== MessageKind.Modify) continue;
    // A tick up or down or none, and a lot more, which costs the order its place at any venue.
    flow.priceTicks[at] = Math.max(
      1,
      orders.priceTicks[order]! + (event % 5 === 0 ? 0 : event % 2 ? 1 : -1),
    );
    flow.lots[at] = orders.lots[order]! + 1;
  }
  return flow;
}
