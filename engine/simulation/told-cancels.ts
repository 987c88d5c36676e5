import { assert } from '../assert.ts';
import type { CancelOrder } from '../protocol/commands.ts';
import { CancelScope, CancelSide, KillScope, OrderBookState } from '../protocol/enums.ts';
import type { Body } from '../protocol/message.ts';
import type { Command } from '../shard/shard-harness.fixture.ts';
import { isPending, type ToldOrder } from './told-orders.ts';

/** The orders that one command cancels. */
export interface Sweep {
  /** 0 = everybody's. */
  readonly accountId: number;
  /** 0 = of every market. */
  readonly marketId: number;
  readonly scope: number;
  readonly side: number;
  /** Whether it leaves the orders of closed markets where they are. */
  readonly sparesClosed: boolean;
}

const EVERYTHING: Sweep = {
  ...{ accountId: 0, marketId: 0, sparesClosed: false },
  ...{ scope: CancelScope.All, side: CancelSide.Both },
};

/** What a command cancels, if it is of those that cancel many orders at once; a timer's is meant to be due. */
export function sweepOf({ kind, body }: Command): Sweep | null {
  switch (kind) {
    case 'cancelAll':
      return { ...EVERYTHING, ...body, sparesClosed: true };
    case 'massCancel':
      return { ...body, sparesClosed: true };
    case 'fireCancelTimer':
      return { ...EVERYTHING, accountId: body.accountId, marketId: body.marketId };
    case 'setKillSwitch': {
      if (!body.isActive) return null;
      const { scope, targetId } = body;
      if (scope === KillScope.Venue) return EVERYTHING;
      const ofMarket = scope === KillScope.Market;
      return { ...EVERYTHING, ...(ofMarket ? { marketId: targetId } : { accountId: targetId }) };
    }
    default:
      return null;
  }
}

/** An order that was open when a sweep had been answered, or a cancel refused for want of it. */
interface Survivor {
  readonly order: ToldOrder;
  readonly sparesClosed: boolean;
  /** Where the cancel stands among the commands sent. */
  readonly askedAt: number;
}

/**
 * Holds cancels against the orders as they were told. A home takes an account's commands in the order in
 * which they were sent, and so does every market: an order that was sent before a cancel is there to be
 * cancelled.
 */
export class ToldCancels {
  readonly #survivors: Survivor[] = [];
  /** Markets that were closed, or may have been, since the last rest. */
  readonly #closed = new Set<number>();
  /** The state that each market was last given. */
  readonly #states = new Map<number, number>();

  setMarketState(marketId: number, state: number): void {
    this.#states.set(marketId, state);
    if (state === OrderBookState.Closed) this.#closed.add(marketId);
  }

  /** An order was cancelled as one of a sweep; `before` is how it was told before. */
  checkCancelled(sweep: Sweep, before: Readonly<ToldOrder>): void {
    assert(isNamed(sweep, before), 'a sweep took an order that it did not name');
    const { scope } = sweep;
    const wantsPending = scope === CancelScope.TriggerPending;
    const isMeant = scope === CancelScope.All || isPending(before) === wantsPending;
    assert(isMeant, 'a sweep took an order that is not of its scope');
  }

  /** A sweep was answered: what it meant and was sent before it is gone. */
  endAll(sweep: Sweep, askedAt: number, open: Iterable<ToldOrder>): void {
    const { scope, sparesClosed } = sweep;
    for (const order of open) {
      if (isNamed(sweep, order) && isMeantThroughout(scope, order)) {
        this.#survivors.push({ order, sparesClosed, askedAt });
      }
    }
  }

  /** A cancel was refused since there is no such order. */
  refuse(command: Body<typeof CancelOrder>, askedAt: number, open: Iterable<ToldOrder>): void {
    const { accountId, marketId, orderId, clientId } = command;
    for (const order of open) {
      const { last } = order;
      if (last.accountId !== accountId || last.marketId !== marketId) continue;
      const isByClientId = orderId === 0 && clientId !== null;
      const isIt = isByClientId ? last.clientId === clientId : last.orderId === orderId;
      if (isIt) this.#survivors.push({ order, sparesClosed: true, askedAt });
    }
  }

  /** At rest every order has said which command placed it; `placedAt` says where among those sent. */
  check(placedAt: (order: ToldOrder) => number): void {
    for (const { order, sparesClosed, askedAt } of this.#survivors) {
      const { orderId, marketId } = order.last;
      if (sparesClosed && this.#closed.has(marketId)) continue;
      assert(
        placedAt(order) > askedAt,
        `order ${orderId} outlived a cancel that was sent after it`,
      );
    }
    this.#survivors.length = 0;
    for (const marketId of this.#closed) {
      if (this.#states.get(marketId) !== OrderBookState.Closed) this.#closed.delete(marketId);
    }
  }
}

function isNamed({ accountId, marketId, side }: Sweep, { last }: Readonly<ToldOrder>): boolean {
  return (
    (accountId === 0 || last.accountId === accountId) &&
    (marketId === 0 || last.marketId === marketId) &&
    (side === CancelSide.Both || last.side === side)
  );
}

/** Whether it was of the scope all along: an order that fired meanwhile may have been of either kind. */
function isMeantThroughout(scope: number, order: Readonly<ToldOrder>): boolean {
  if (scope === CancelScope.Resting) return order.last.triggerPriceTicks === 0;
  return scope === CancelScope.All || isPending(order);
}
