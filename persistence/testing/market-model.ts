import { Side } from '../../engine/protocol/enums.ts';
import { type EventFeed, START_US, TEST_MARKET } from './event-feed.ts';
import type { NaiveTrade } from './naive-klines.ts';
import type { Random } from './random.ts';

/** Feeds random orders and trades of the test market, and remembers what the tables must hold. */
export class MarketModel {
  readonly trades: NaiveTrade[] = [];
  orders = 0;
  readonly #feed: EventFeed;
  readonly #random: Random;
  #timeUs = START_US;

  constructor(feed: EventFeed, random: Random) {
    this.#feed = feed;
    this.#random = random;
  }

  /** Records `count` pairs of a resting order and a trade, on the market's shard. */
  recordTrades(count: number): void {
    for (let index = 0; index < count; index++) this.#recordTrade();
  }

  #recordTrade(): void {
    const random = this.#random;
    this.#timeUs += random.below(40) === 0 ? random.below(6e10) : random.below(2e5);
    const timeUs = this.#timeUs;
    const priceTicks = 1 + random.below(1_000_000);
    const quantityLots = 1 + random.below(100_000);
    const takerSide = random.below(2) === 0 ? Side.Bid : Side.Ask;
    const makerOrderId = ++this.orders;
    const takerOrderId = ++this.orders;
    this.#feed.recordPlaced(0, {
      accountId: 1,
      marketId: 1,
      orderId: makerOrderId,
      side: takerSide === Side.Bid ? Side.Ask : Side.Bid,
      priceTicks,
      quantityLots,
      createdAtUs: timeUs,
      timeUs,
    });
    const tradeId = this.trades.length + 1;
    const orders = { makerOrderId, takerOrderId };
    const trade = { marketId: 1, tradeId, priceTicks, quantityLots, takerSide, timeUs, ...orders };
    this.#feed.recordTrade(0, trade, random.below(1000));
    const quoteUnits = priceTicks * quantityLots * TEST_MARKET.quoteUnitsPerTickLot;
    this.trades.push({ timeUs, priceTicks, lots: quantityLots, quoteUnits });
  }
}
