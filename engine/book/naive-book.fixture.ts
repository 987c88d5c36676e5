import { Side } from '../protocol/enums.ts';
import type { PriceTicks, QuantityLots } from '../protocol/units.ts';
import { sumOfOrders } from './book-hash.ts';
import { FillBuffer } from './fill-buffer.ts';
import { NOBODY } from './order-book.ts';

interface Order {
  readonly orderId: number;
  readonly owner: number;
  readonly side: Side;
  readonly priceTicks: number;
  lots: number;
}

/**
 * The same book said as plainly as possible: a list of orders in the order they came, scanned for
 * everything. It is the reference that tests compare `OrderBook` with, method by method.
 */
export class NaiveBook {
  readonly fills = new FillBuffer();
  stoppedAtOrderId = -1;
  #orders: Order[] = [];

  get orderCount(): number {
    return this.#orders.length;
  }

  match(
    takerSide: Side,
    limitTicks: number,
    quantityLots: number,
    budgetTickLots: number,
    avoidOwner: number = NOBODY,
  ): QuantityLots {
    this.fills.count = 0;
    return this.matchOn(takerSide, limitTicks, quantityLots, budgetTickLots, avoidOwner);
  }

  matchOn(
    takerSide: Side,
    limitTicks: number,
    quantityLots: number,
    budgetTickLots: number,
    avoidOwner: number,
  ): QuantityLots {
    this.stoppedAtOrderId = -1;
    let left = quantityLots;
    let budget = budgetTickLots;
    for (const maker of this.#makers(takerSide, limitTicks)) {
      const affordable =
        budget === Number.POSITIVE_INFINITY
          ? left
          : Number(BigInt(budget) / BigInt(maker.priceTicks));
      const taken = Math.min(left, maker.lots, affordable);
      if (taken === 0) break;
      if (maker.owner === avoidOwner) {
        this.stoppedAtOrderId = maker.orderId;
        break;
      }
      left -= taken;
      budget -= taken * maker.priceTicks;
      maker.lots -= taken;
      this.fills.append(maker.orderId, maker.owner, maker.priceTicks, taken, maker.lots);
      if (maker.lots > 0) break;
    }
    this.#orders = this.#orders.filter((order) => order.lots > 0);
    return left as QuantityLots;
  }

  canFill(
    takerSide: Side,
    limitTicks: number,
    quantityLots: number,
    avoidOwner: number = NOBODY,
    stopsThere: boolean = false,
  ): boolean {
    const makers = this.#makers(takerSide, limitTicks);
    const first = makers.findIndex((maker) => maker.owner === avoidOwner);
    const reached = stopsThere && first !== -1 ? makers.slice(0, first) : makers;
    const others = reached.filter((maker) => maker.owner !== avoidOwner);
    return others.reduce((sum, maker) => sum + maker.lots, 0) >= quantityLots;
  }

  wouldTake(side: Side, priceTicks: number): boolean {
    return this.#makers(side, priceTicks).length > 0;
  }

  rest(orderId: number, owner: number, side: Side, priceTicks: number, lots: number): void {
    this.#orders.push({ orderId, owner, side, priceTicks, lots });
  }

  cancel(orderId: number): QuantityLots {
    const lots = this.openLots(orderId);
    this.#orders = this.#orders.filter((order) => order.orderId !== orderId);
    return lots;
  }

  reduce(orderId: number, lots: number): number {
    const order = this.#find(orderId);
    if (order === undefined || lots >= order.lots) return -1;
    order.lots -= lots;
    return order.lots;
  }

  openLots(orderId: number): QuantityLots {
    return (this.#find(orderId)?.lots ?? 0) as QuantityLots;
  }

  sideOf(orderId: number): Side {
    return this.#find(orderId)!.side;
  }

  priceOf(orderId: number): PriceTicks {
    return this.#find(orderId)!.priceTicks as PriceTicks;
  }

  bestBid(): number {
    return this.#priority(Side.Bid)[0]?.priceTicks ?? 0;
  }

  bestAsk(): number {
    return this.#priority(Side.Ask)[0]?.priceTicks ?? 0;
  }

  levelLots(side: Side, priceTicks: number): number {
    const there = this.#priority(side).filter((order) => order.priceTicks === priceTicks);
    return there.reduce((sum, order) => sum + order.lots, 0);
  }

  levelCount(side: Side): number {
    return new Set(this.#priority(side).map((order) => order.priceTicks)).size;
  }

  depth(
    side: Side,
    maxLevels: number,
    visit: (priceTicks: PriceTicks, lots: QuantityLots, orderCount: number) => unknown,
  ): void {
    const prices = [...new Set(this.#priority(side).map((order) => order.priceTicks))];
    for (const price of prices.slice(0, maxLevels)) {
      const orders = this.#priority(side).filter((order) => order.priceTicks === price);
      const lots = this.levelLots(side, price) as QuantityLots;
      if (visit(price as PriceTicks, lots, orders.length) === false) return;
    }
  }

  forEachOrder(
    side: Side,
    visit: (orderId: number, owner: number, priceTicks: PriceTicks, lots: QuantityLots) => unknown,
  ): void {
    for (const { orderId, owner, priceTicks, lots } of this.#priority(side)) {
      if (visit(orderId, owner, priceTicks as PriceTicks, lots as QuantityLots) === false) return;
    }
  }

  hash(): string {
    return sumOfOrders(this).text();
  }

  #find(orderId: number): Order | undefined {
    return this.#orders.find((order) => order.orderId === orderId);
  }

  /** A side in priority; the sort is stable, so equal prices stay in the order they came. */
  #priority(side: Side): Order[] {
    const orders = this.#orders.filter((order) => order.side === side);
    return orders.sort((a, b) =>
      side === Side.Ask ? a.priceTicks - b.priceTicks : b.priceTicks - a.priceTicks,
    );
  }

  /** What a taker meets within its limit, in priority. */
  #makers(takerSide: Side, limitTicks: number): Order[] {
    return takerSide === Side.Bid
      ? this.#priority(Side.Ask).filter((order) => order.priceTicks <= limitTicks)
      : this.#priority(Side.Bid).filter((order) => order.priceTicks >= limitTicks);
  }
}
