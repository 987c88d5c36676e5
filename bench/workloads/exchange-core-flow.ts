import { OrderBook } from '../../engine/book/order-book.ts';
import { Random } from '../../engine/collections/random.ts';
import { Side } from '../../engine/protocol/enums.ts';
import { TradeList } from '../replay/trade-list.ts';
import { allocateCommands, type CommandFlow, CommandKind } from './command-flow.ts';

export const EXCHANGE_CORE_MIX =
  "workload 2, in the manner of exchange-core's test generator: 1,000 GTC to fill the book, then about 1,000 " +
  'resting orders, 1,000 users, 12 % GTC, 2 % IOC, 7 % cancel, 7 % reduce, 72 % move (a new price within 100 ' +
  'ticks of the mid, the place is lost; 1 % of them through the mid)';

/** From the README of github.com/exchange-core/exchange-core, section "Benchmark configuration" and its table. */
export const EXCHANGE_CORE_PUBLISHED =
  'exchange-core (Java), by its README on its own hardware (dual Xeon X5690 3.47 GHz, tuned and isolated), only risk ' +
  'and matching, no IPC, its mix 9 % GTC, 3 % IOC, 6 % cancel, 82 % move: 5M operations/s; p50 and p99 of 0.6 and ' +
  '1.4 µs at 125,000/s, the same at 250,000/s, 0.5 and 4 µs at 1M/s, 1.5 and 42 µs at 5M/s';

export const EXCHANGE_CORE_ACCOUNTS = 1000;
export const EXCHANGE_CORE_RESTING = 1000;

const MID_TICKS = 50_000;
const DISTANCE_MAX_TICKS = 100;
const LOTS_MAX = 100;
/** How often a moved order is moved through the mid. */
const CROSSING_SHARE = 0.01;

/** The first `count` commands of the flow of a seed. */
export function makeExchangeCoreFlow(seed: number, count: number): CommandFlow {
  return new ExchangeCoreFlow(seed).next(count);
}

/**
 * A seeded, endless flow in one market; its first 1,000 commands only fill the book. A book is driven along
 * while it is made, so that what is cancelled, reduced or moved does rest, and an IOC takes what is above
 * 1,000 resting orders. The venue that gets the flow sees none of that.
 */
export class ExchangeCoreFlow {
  /** What the flow's own book traded so far, by client ids: a venue must trade the same. */
  readonly trades = new TradeList();
  #flow = allocateCommands(0, 1, EXCHANGE_CORE_ACCOUNTS);
  #made = 0;
  readonly #random: Random;
  readonly #book = new OrderBook();
  /** Client ids of the resting orders, in no order, and where each is. */
  readonly #resting: number[] = [];
  readonly #placeOf = new Map<number, number>();
  #nextClientId = 1;
  #mid = MID_TICKS;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Orders that rest after what was made so far. */
  get restingCount(): number {
    return this.#resting.length;
  }

  /** The next `count` commands. */
  next(count: number): CommandFlow {
    this.#flow = allocateCommands(count, 1, EXCHANGE_CORE_ACCOUNTS);
    for (let at = 0; at < count; at++, this.#made++) this.#add(at);
    return this.#flow;
  }

  #add(at: number): void {
    const draw = this.#random.below(100);
    this.#flow.marketId[at] = 1;
    if (this.#random.below(100) === 0) this.#mid += this.#random.below(3) - 1;
    if (this.#made < EXCHANGE_CORE_RESTING || this.#resting.length === 0 || draw < 12)
      this.#place(at);
    else if (draw < 14) this.#take(at);
    else if (draw < 21) this.#cancel(at);
    else if (draw < 28) this.#reduce(at);
    else this.#move(at);
  }

  #place(at: number): void {
    const flow = this.#flow;
    const side = this.#open(at, CommandKind.Place);
    flow.priceTicks[at] = this.#priceOf(side, false);
    flow.lots[at] = 1 + this.#random.below(LOTS_MAX);
    this.#insert(
      flow.clientId[at]!,
      flow.accountId[at]!,
      side,
      flow.priceTicks[at]!,
      flow.lots[at]!,
    );
  }

  #take(at: number): void {
    const flow = this.#flow;
    const side = this.#open(at, CommandKind.PlaceImmediate);
    const surplus = Math.min(10, Math.max(1, this.#resting.length - EXCHANGE_CORE_RESTING));
    flow.priceTicks[at] = this.#mid + (side === Side.Bid ? 1 : -1) * DISTANCE_MAX_TICKS;
    flow.lots[at] = 1 + this.#random.below(surplus * LOTS_MAX);
    this.#match(flow.clientId[at]!, side, flow.priceTicks[at]!, flow.lots[at]!);
  }

  #cancel(at: number): void {
    const clientId = this.#refer(at, CommandKind.Cancel);
    this.#book.cancel(clientId);
    this.#forget(clientId);
  }

  #reduce(at: number): void {
    const clientId = this.#refer(at, CommandKind.Reduce);
    const open = this.#book.openLots(clientId);
    if (open === 1) {
      // Nothing can be taken off one lot: refused, as in any real flow now and then.
      this.#flow.lots[at] = 1;
      return;
    }
    this.#flow.lots[at] = 1 + this.#random.below(Math.min(open - 1, LOTS_MAX >> 2));
    this.#book.reduce(clientId, this.#flow.lots[at]!);
  }

  #move(at: number): void {
    const clientId = this.#refer(at, CommandKind.Replace);
    const side = this.#book.sideOf(clientId);
    const isCrossing = this.#random.nextUnit() < CROSSING_SHARE;
    const price = this.#priceOf(side, isCrossing);
    this.#flow.priceTicks[at] = price;
    const open = this.#book.cancel(clientId);
    this.#forget(clientId);
    this.#insert(clientId, this.#book.lastOwner, side, price, open);
  }

  /** A new order's kind, id, account and side. */
  #open(at: number, kind: CommandKind): Side {
    const flow = this.#flow;
    const side = this.#random.below(2) as Side;
    flow.kind[at] = kind;
    flow.clientId[at] = this.#nextClientId++;
    // Odd accounts buy, even ones sell: no account meets itself.
    flow.accountId[at] = 2 * (1 + this.#random.below(EXCHANGE_CORE_ACCOUNTS / 2)) - (1 - side);
    flow.side[at] = side;
    return side;
  }

  /** Names a random resting order; answers its client id. */
  #refer(at: number, kind: CommandKind): number {
    const clientId = this.#resting[this.#random.below(this.#resting.length)]!;
    this.#flow.kind[at] = kind;
    this.#flow.clientId[at] = clientId;
    this.#flow.accountId[at] = this.#book.ownerOf(clientId);
    return clientId;
  }

  #priceOf(side: Side, isCrossing: boolean): number {
    const away = isCrossing ? -2 : 1 + this.#random.below(DISTANCE_MAX_TICKS);
    return this.#mid + (side === Side.Bid ? -away : away);
  }

  #insert(clientId: number, owner: number, side: Side, price: number, lots: number): void {
    const left = this.#match(clientId, side, price, lots);
    if (left === 0) return;
    this.#book.rest(clientId, owner, side, price, left);
    this.#placeOf.set(clientId, this.#resting.length);
    this.#resting.push(clientId);
  }

  #match(clientId: number, side: Side, price: number, lots: number): number {
    const left = this.#book.match(side, price, lots, Number.POSITIVE_INFINITY);
    const { fills } = this.#book;
    for (let at = 0; at < fills.count; at++) {
      const maker = fills.makerOrderIds[at]!;
      this.trades.add(fills.priceTicks[at]!, fills.quantityLots[at]!, maker, clientId);
      if (fills.makerOpenLots[at] === 0) this.#forget(maker);
    }
    return left;
  }

  #forget(clientId: number): void {
    const place = this.#placeOf.get(clientId)!;
    const last = this.#resting.pop()!;
    this.#placeOf.delete(clientId);
    if (last === clientId) return;
    this.#resting[place] = last;
    this.#placeOf.set(last, place);
  }
}
