import type { Prediction } from '../ledger/naive-venue.fixture.ts';
import { OrderEventKind, OrderStatus, OrderType } from '../protocol/enums.ts';
import type { OrderEvent } from '../protocol/events.ts';
import { kindOf } from './flow-coverage.fixture.ts';

const PARTLY_EXPIRED = 'partly filled, expired';

/**
 * What can become of a stop order of each kind once it fires. A limit may be out of band by then, and
 * one that may rest expires where it meets an order of its own account.
 */
const FATES: Readonly<Record<string, readonly string[]>> = {
  'market by base': ['filled', PARTLY_EXPIRED, 'expired'],
  'FOK post-only': ['failed'],
  GTC: ['rested', 'filled', 'partly filled, rested', 'expired', PARTLY_EXPIRED, 'failed'],
  IOC: ['filled', PARTLY_EXPIRED, 'expired', 'failed'],
  FOK: ['filled', 'failed'],
  'GTC post-only': ['rested', 'failed'],
  'IOC post-only': ['expired', 'failed'],
};
const SIDES = ['bid', 'ask'];
const RISING = 'rising';
const FALLING = 'falling';
const AT_ONCE = 'at once';
const CANCELLED = 'cancelled';

interface Stop {
  readonly direction: string;
  readonly event: OrderEvent;
}

/** Which stop orders a flow had, what became of them, and how they fired each other. */
export class StopCoverage {
  /** Orders taken, by type. */
  readonly mix = new Map<string, number>();
  fired = 0;
  /** Fired by the trades of fired orders only. */
  firedByFired = 0;
  mostAtOnce = 0;
  readonly #counts = new Map<string, number>();
  readonly #pending = new Map<number, Stop>();
  /** By market id. */
  readonly #lastTicks = new Map<number, number>();

  /** What follows is of another venue, which has no orders yet. */
  startFlow(): void {
    this.#pending.clear();
    this.#lastTicks.clear();
  }

  /** Takes in what one command led to. */
  take({ orders, matches }: Prediction): void {
    const trades = matches.filter((match) => 'tradeId' in match);
    for (const event of orders) this.#place(event);
    const fired = orders.filter(({ orderId, kind }) => {
      const { Accepted, TriggerFailed } = OrderEventKind;
      return this.#pending.has(orderId) && (kind === Accepted || kind === TriggerFailed);
    });
    const isFired = new Set(fired.map(({ orderId }) => orderId));
    for (const { orderId } of fired) {
      const stop = this.#pending.get(orderId)!;
      const reaching = trades.filter(({ priceTicks }) => isReached(stop, priceTicks));
      const takers = reaching.map(({ takerOrderId }) => takerOrderId);
      if (takers.length > 0 && takers.every((taker) => isFired.has(taker))) this.firedByFired++;
      const said = orders.filter((event) => event.orderId === orderId);
      this.#end(stop, fateOf(said));
    }
    this.fired += fired.length;
    this.mostAtOnce = Math.max(this.mostAtOnce, fired.length);
    for (const { kind, orderId } of orders) {
      const stop = this.#pending.get(orderId);
      if (kind === OrderEventKind.Cancelled && stop !== undefined) this.#end(stop, CANCELLED);
    }
    for (const { marketId, priceTicks } of trades) this.#lastTicks.set(marketId, priceTicks);
  }

  get reached(): number {
    return this.possible - this.missing().length;
  }

  /** What happened although nobody thought it could. */
  unforeseen(): string[] {
    const foreseen = allCombinations();
    return [...this.#counts.keys()].filter((combination) => !foreseen.includes(combination));
  }

  get possible(): number {
    return allCombinations().length;
  }

  missing(): string[] {
    return allCombinations().filter((combination) => !this.#counts.has(combination));
  }

  /** Shares of the order types in percent, as text. */
  get mixText(): string {
    const all = [...this.mix.values()].reduce((sum, count) => sum + count, 0);
    const share = (count: number) => ((100 * count) / all).toFixed(1);
    return [...this.mix].map(([type, count]) => `${type} ${share(count)} %`).join(', ');
  }

  #place(event: OrderEvent): void {
    const { kind, orderId, marketId, triggerPriceTicks } = event;
    const isStop = triggerPriceTicks > 0;
    const { Accepted, TriggerPlaced } = OrderEventKind;
    if (kind !== (isStop ? TriggerPlaced : Accepted)) return;
    const type = typeOf(event);
    this.mix.set(type, (this.mix.get(type) ?? 0) + 1);
    // A post-only market order is a fault that a flow now and then makes: no kind of its own.
    const isFault = event.orderType === OrderType.Market && event.postOnly;
    if (!isStop || isFault) return;
    const last = this.#lastTicks.get(marketId)!;
    const direction =
      triggerPriceTicks === last ? AT_ONCE : triggerPriceTicks > last ? RISING : FALLING;
    this.#pending.set(orderId, { direction, event });
  }

  #end({ event, direction }: Stop, fate: string): void {
    this.#pending.delete(event.orderId);
    const combination = [kindOf(event), SIDES[event.side], direction, fate].join(' | ');
    this.#counts.set(combination, (this.#counts.get(combination) ?? 0) + 1);
  }
}

function isReached({ direction, event }: Stop, priceTicks: number): boolean {
  const { triggerPriceTicks } = event;
  if (direction === RISING) return priceTicks >= triggerPriceTicks;
  return direction === FALLING && priceTicks <= triggerPriceTicks;
}

/**
 * What became of a fired order, from what the command that fired it made of it. Once it rests, the next
 * order that fires can meet it: that is a later change of the book, and no more its own doing.
 */
function fateOf(said: readonly OrderEvent[]): string {
  const fired = said.find(({ kind }) => kind !== OrderEventKind.TriggerPlaced)!;
  const events = said.filter(({ updateId }) => updateId === fired.updateId);
  const kinds = events.map(({ kind }) => kind);
  if (kinds.includes(OrderEventKind.TriggerFailed)) return 'failed';
  const taken = events.filter(({ kind, isMaker }) => kind === OrderEventKind.Fill && !isMaker);
  if (taken.at(-1)?.status === OrderStatus.Filled) return 'filled';
  const rest = kinds.includes(OrderEventKind.Expired) ? 'expired' : 'rested';
  return taken.length > 0 ? `partly filled, ${rest}` : rest;
}

function typeOf({ orderType, triggerPriceTicks, quoteBudgetUnits }: OrderEvent): string {
  const isMarket = orderType === OrderType.Market;
  if (triggerPriceTicks > 0) return isMarket ? 'stop' : 'stop-limit';
  if (!isMarket) return 'limit';
  return quoteBudgetUnits > 0 ? 'market by quote amount' : 'market';
}

function allCombinations(): string[] {
  return Object.entries(FATES).flatMap(([kind, fates]) =>
    SIDES.flatMap((side) =>
      [RISING, FALLING, AT_ONCE].flatMap((direction) => {
        const ends = direction === AT_ONCE ? fates : [...fates, CANCELLED];
        return ends.map((fate) => [kind, side, direction, fate].join(' | '));
      }),
    ),
  );
}
