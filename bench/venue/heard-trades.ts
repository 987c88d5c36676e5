import { OrderEvent, Rejected, Trade } from '../../engine/protocol/events.ts';
import { FrameReader } from '../../engine/protocol/frame-reader.ts';
import type { ExpectedTrades } from '../workloads/message-commands.ts';

/** Decodes a venue's events and keeps what shows whether it did right: its trades and its refusals. */
export class HeardTrades {
  refusals = 0;
  /** Events and answers of any type. */
  events = 0;
  readonly #reader = new FrameReader();
  readonly #order = OrderEvent.create();
  readonly #trade = Trade.create();
  readonly #rejected = Rejected.create();
  readonly #clientIdOf = new Map<number, number>();
  readonly #trades: ExpectedTrades = { priceTicks: [], lots: [], maker: [], taker: [] };

  take = (bytes: Uint8Array, start: number, end: number): void => {
    const reader = this.#reader;
    reader.reset(bytes, start, end);
    while (reader.next()) {
      this.events++;
      if (reader.type === OrderEvent.type) {
        const order = OrderEvent.decode(reader, this.#order);
        this.#clientIdOf.set(order.orderId, order.clientId ?? 0);
      } else if (reader.type === Trade.type) {
        const trade = Trade.decode(reader, this.#trade);
        this.#trades.priceTicks.push(trade.priceTicks);
        this.#trades.lots.push(trade.quantityLots);
        this.#trades.maker.push(trade.makerOrderId);
        this.#trades.taker.push(trade.takerOrderId);
      } else if (reader.type === Rejected.type) {
        Rejected.decode(reader, this.#rejected);
        this.refusals++;
      }
    }
  };

  get tradeCount(): number {
    return this.#trades.lots.length;
  }

  /** Whether the trades are these, one by one: price, lots, and both orders by client id. */
  areTrades(expected: ExpectedTrades): boolean {
    const { priceTicks, lots, maker, taker } = this.#trades;
    if (lots.length !== expected.lots.length) return false;
    return lots.every(
      (traded, at) =>
        traded === expected.lots[at] &&
        priceTicks[at] === expected.priceTicks[at] &&
        this.#clientIdOf.get(maker[at]!) === expected.maker[at] &&
        this.#clientIdOf.get(taker[at]!) === expected.taker[at],
    );
  }
}
