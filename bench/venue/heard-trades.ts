import { OrderEvent, Rejected, Trade } from '../../engine/protocol/events.ts';
import { FrameReader } from '../../engine/protocol/frame-reader.ts';
import { TradeList } from '../replay/trade-list.ts';
import { TradeDigest } from './trade-digest.ts';

/** Decodes a venue's events and keeps what shows whether it did right: its trades and its refusals. */
export class HeardTrades {
  readonly digest = new TradeDigest();
  /** By order id, as a venue tells them. */
  readonly #trades = new TradeList();
  readonly #clientIdOf = new Map<number, number>();
  readonly #reader = new FrameReader();
  readonly #order = OrderEvent.create();
  readonly #trade = Trade.create();

  take = (bytes: Uint8Array, start: number, end: number): void => {
    const reader = this.#reader;
    reader.reset(bytes, start, end);
    while (reader.next()) {
      if (reader.type === OrderEvent.type) {
        const order = OrderEvent.decode(reader, this.#order);
        this.#clientIdOf.set(order.orderId, order.clientId ?? 0);
      } else if (reader.type === Trade.type) {
        const trade = Trade.decode(reader, this.#trade);
        const { priceTicks, quantityLots, makerOrderId, takerOrderId } = trade;
        this.#trades.add(priceTicks, quantityLots, makerOrderId, takerOrderId);
        this.digest.add(trade);
      } else if (reader.type === Rejected.type) {
        this.digest.refusals++;
      }
    }
  };

  /** The trades with their orders by client id: as the account told it, before the venue knew the order. */
  byClientId(): TradeList {
    const { priceTicks, lots, makers, takers } = this.#trades;
    const clientIdOf = (orderId: number): number => this.#clientIdOf.get(orderId)!;
    const trades = new TradeList();
    for (let at = 0; at < this.#trades.count; at++) {
      const [maker, taker] = [clientIdOf(makers[at]!), clientIdOf(takers[at]!)];
      trades.add(priceTicks[at]!, lots[at]!, maker, taker);
    }
    return trades;
  }
}
