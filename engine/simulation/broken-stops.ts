import { OpenOrders } from '../ledger/open-orders.ts';
import { StopPhase } from '../ledger/stop-phase.ts';
import type { MarketSpec } from '../protocol/commands.ts';
import type { MatchOrder } from '../protocol/shard-messages.ts';
import { Markets, type ShardMarket } from '../shard/markets.ts';
import { TriggerBook } from '../shard/trigger-book.ts';

/*
 * Trigger books, and what else stop orders wait in, that are each wrong in one way that real ones could
 * be. They show that the simulation finds such faults; nothing else uses them.
 */

/** Fires a tick before the trigger is reached by a rising price. */
class StopsFiringEarly extends TriggerBook {
  override reach(firstTicks: number, lastTicks: number): void {
    super.reach(firstTicks, lastTicks);
    super.reach(lastTicks + 1, lastTicks + 1);
  }
}

/** Looks only at the last price of a sweep. */
class StopsMissingASweep extends TriggerBook {
  override reach(_firstTicks: number, lastTicks: number): void {
    super.reach(lastTicks, lastTicks);
  }
}

/** Hands out every fired order a second time. */
class StopsFiringTwice extends TriggerBook {
  #again: MatchOrder | undefined;

  override nextFired(): MatchOrder | undefined {
    const again = this.#again;
    this.#again = again === undefined ? super.nextFired() : undefined;
    return again ?? this.#again;
  }
}

/** Hands out the order that fired last first. */
class StopsFiringBackwards extends TriggerBook {
  readonly #fired: MatchOrder[] = [];

  override nextFired(): MatchOrder | undefined {
    for (let order = super.nextFired(); order; order = super.nextFired()) this.#fired.push(order);
    return this.#fired.pop();
  }
}

/** Forgets that a pending order was cancelled. */
class StopsOutlivingACancel extends TriggerBook {
  override cancel(orderId: number): boolean {
    return this.has(orderId);
  }
}

/** Markets whose stop orders wait in a book of this class. */
function marketsWith(Broken: typeof TriggerBook): typeof Markets {
  return class extends Markets {
    override list(spec: MarketSpec, createdAtUs: number): ShardMarket {
      const market: { triggers: TriggerBook | null } & ShardMarket = super.list(spec, createdAtUs);
      if (market.triggers !== null) Object.assign(market, { triggers: new Broken() });
      return market;
    }
  };
}

export const MarketsFiringEarly = marketsWith(StopsFiringEarly);
export const MarketsMissingASweep = marketsWith(StopsMissingASweep);
export const MarketsFiringTwice = marketsWith(StopsFiringTwice);
export const MarketsFiringBackwards = marketsWith(StopsFiringBackwards);
export const MarketsKeepingCancelledStops = marketsWith(StopsOutlivingACancel);

/** A stop order on its way to its market does not count as one that waits. */
export class OrdersMissingStopsUnderWay extends OpenOrders {
  override waitsForTrigger(slot: number): boolean {
    return this.stopPhase(slot) === StopPhase.Pending;
  }
}
