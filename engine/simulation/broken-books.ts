import { OrderBook } from '../book/order-book.ts';
import { Side } from '../protocol/enums.ts';
import type { PriceTicks, QuantityLots } from '../protocol/units.ts';

/*
 * Order books that are each wrong in one way that a real one could be. They show that the simulation
 * finds such faults; nothing else uses them.
 */

interface Resting {
  readonly orderId: number;
  readonly owner: number;
  readonly lots: number;
}

/** The queue of a level, oldest first. */
function queueAt(book: OrderBook, side: Side, atTicks: number): Resting[] {
  const queue: Resting[] = [];
  book.forEachOrder(side, (orderId, owner, priceTicks, lots) => {
    if (priceTicks === atTicks) queue.push({ orderId, owner, lots });
  });
  return queue;
}

/** A cancel in the middle of a queue unlinks the order behind it too. */
export class BookDroppingTheNext extends OrderBook {
  override cancel(orderId: number): QuantityLots {
    if (this.openLots(orderId) > 0) {
      const queue = queueAt(this, this.sideOf(orderId), this.priceOf(orderId));
      const at = queue.findIndex((order) => order.orderId === orderId);
      const next = queue[at + 1];
      if (at > 0 && next !== undefined) super.cancel(next.orderId);
    }
    return super.cancel(orderId);
  }
}

/** The third order of a level goes before the second. */
export class BookJumpingTheQueue extends OrderBook {
  override rest(
    orderId: number,
    owner: number,
    side: Side,
    priceTicks: number,
    lots: number,
  ): void {
    const queue = queueAt(this, side, priceTicks);
    const last = queue.length === 2 ? queue[1]! : null;
    if (last !== null) super.cancel(last.orderId);
    super.rest(orderId, owner, side, priceTicks, lots);
    if (last !== null) super.rest(last.orderId, last.owner, side, priceTicks, last.lots);
  }
}

/** A cancel of the only order at the best bid leaves the best bid where it was until the next trade. */
export class BookWithStaleBest extends OrderBook {
  #staleBid = 0 as PriceTicks;

  override cancel(orderId: number): QuantityLots {
    const best = super.bestBid();
    const lots = super.cancel(orderId);
    if (lots > 0 && this.lastSide === Side.Bid && super.bestBid() < best) this.#staleBid = best;
    return lots;
  }

  override match(...order: Parameters<OrderBook['match']>): QuantityLots {
    this.#staleBid = 0 as PriceTicks;
    return super.match(...order);
  }

  override bestBid(): PriceTicks {
    return this.#staleBid || super.bestBid();
  }
}

/** A maker that was filled in part goes to the end of its queue. */
export class BookLosingThePlace extends OrderBook {
  override match(...order: Parameters<OrderBook['match']>): QuantityLots {
    const left = super.match(...order);
    const last = this.fills.count - 1;
    const open = this.fills.makerOpenLots[last] ?? 0;
    if (last < 0 || open === 0) return left;
    const orderId = this.fills.makerOrderIds[last]!;
    const owner = this.ownerOf(orderId);
    const side = this.sideOf(orderId);
    const priceTicks = this.priceOf(orderId);
    super.cancel(orderId);
    super.rest(orderId, owner, side, priceTicks, open);
    return left;
  }
}

/** An order that is reduced goes to the end of its queue. */
export class BookLosingThePlaceOfAReduced extends OrderBook {
  override reduce(orderId: number, lots: number): number {
    const open = super.reduce(orderId, lots);
    if (open <= 0) return open;
    const owner = this.ownerOf(orderId);
    const side = this.sideOf(orderId);
    const priceTicks = this.priceOf(orderId);
    super.cancel(orderId);
    super.rest(orderId, owner, side, priceTicks, open);
    return open;
  }
}

/** An order that leaves its queue and comes back to it, as one does that is replaced, has its old place. */
export class BookKeepingThePlaceOfAReplaced extends OrderBook {
  #left = { orderId: 0, priceTicks: 0, behind: [] as Resting[] };

  override cancel(orderId: number): QuantityLots {
    if (this.openLots(orderId) === 0) return super.cancel(orderId);
    const priceTicks = this.priceOf(orderId);
    const queue = queueAt(this, this.sideOf(orderId), priceTicks);
    const at = queue.findIndex((order) => order.orderId === orderId);
    this.#left = { orderId, priceTicks, behind: queue.slice(at + 1) };
    return super.cancel(orderId);
  }

  override rest(
    orderId: number,
    owner: number,
    side: Side,
    priceTicks: number,
    lots: number,
  ): void {
    const { behind, ...left } = this.#left;
    super.rest(orderId, owner, side, priceTicks, lots);
    if (left.orderId !== orderId || left.priceTicks !== priceTicks) return;
    for (const order of behind) {
      if (this.openLots(order.orderId) === 0) continue;
      super.cancel(order.orderId);
      super.rest(order.orderId, order.owner, side, priceTicks, order.lots);
    }
  }
}

/** A level whose last order was cancelled is told to have its lots still. */
export class BookLeakingLevels extends OrderBook {
  override cancel(orderId: number): QuantityLots {
    const lots = super.cancel(orderId);
    if (lots > 0 && this.lastLevelLots === 0) this.lastLevelLots = lots;
    return lots;
  }
}

/** The last fill of a sweep is at the price that the taker was willing to pay. */
export class BookTradingAtTheLimit extends OrderBook {
  override match(...order: Parameters<OrderBook['match']>): QuantityLots {
    const left = super.match(...order);
    const [, limitTicks, , budgetTickLots] = order;
    const isSweep = this.fills.count > 1 && budgetTickLots === Number.POSITIVE_INFINITY;
    if (isSweep) this.fills.priceTicks[this.fills.count - 1] = limitTicks;
    return left;
  }
}

/** Just as many lots as are asked for do not count as enough. */
export class BookFillingOneTooFew extends OrderBook {
  override canFill(...order: Parameters<OrderBook['canFill']>): boolean {
    const [side, limitTicks, lots, ...rest] = order;
    return super.canFill(side, limitTicks, lots + 1, ...rest);
  }
}
