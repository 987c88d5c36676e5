import { assert } from '../assert.ts';
import type { CancelAllOrders, CancelOrder } from '../protocol/commands.ts';
import { CancelScope, OrderBookState } from '../protocol/enums.ts';
import type { Body } from '../protocol/message.ts';
import { isPending, type ToldOrder } from './told-orders.ts';

type CancelAll = Body<typeof CancelAllOrders>;

/** An order that was open when a cancel-all had been answered, or a cancel refused for want of it. */
interface Survivor {
  readonly order: ToldOrder;
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

  /** An order was cancelled as one of a cancel-all; `before` is how it was told before. */
  checkCancelled(command: CancelAll, before: Readonly<ToldOrder>): void {
    assert(isNamed(command, before), 'a cancel-all took an order that it did not name');
    const { scope } = command;
    const wantsPending = scope === CancelScope.TriggerPending;
    const isMeant = scope === CancelScope.All || isPending(before) === wantsPending;
    assert(isMeant, 'a cancel-all took an order that is not of its scope');
  }

  /** A cancel-all was answered: what it meant and was sent before it is gone. */
  endAll(command: CancelAll, askedAt: number, open: Iterable<ToldOrder>): void {
    for (const order of open) {
      if (isNamed(command, order) && isMeantThroughout(command.scope, order)) {
        this.#survivors.push({ order, askedAt });
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
      if (isIt) this.#survivors.push({ order, askedAt });
    }
  }

  /** At rest every order has said which command placed it; `placedAt` says where among those sent. */
  check(placedAt: (order: ToldOrder) => number): void {
    for (const { order, askedAt } of this.#survivors) {
      const { orderId, marketId } = order.last;
      if (this.#closed.has(marketId)) continue;
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

function isNamed({ accountId, marketId }: CancelAll, { last }: Readonly<ToldOrder>): boolean {
  return last.accountId === accountId && (marketId === 0 || last.marketId === marketId);
}

/** Whether it was of the scope all along: an order that fired meanwhile may have been of either kind. */
function isMeantThroughout(scope: number, order: Readonly<ToldOrder>): boolean {
  if (scope === CancelScope.Resting) return order.last.triggerPriceTicks === 0;
  return scope === CancelScope.All || isPending(order);
}
