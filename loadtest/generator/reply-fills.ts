import {
  FILL_FIGURES,
  type FillSums,
  productRemainder,
  remainderOfText,
  sumRemainder,
  WeightedSums,
  wholeRemainder,
} from '../audit/weighted-sums.ts';

/** Of wrong replies so many are told in words. */
const NAMED_MAX = 5;
const ONE = remainderOfText('1');

/** What an order entry reply says of its order, as texts; empty where it does not. */
export interface ToldOrder {
  readonly id: string;
  readonly executedQuantity: string;
  readonly executedQuoteQuantity: string;
}

/** A trade of the order asked for. Price, quantity and fee are absent where a venue does not tell them. */
export interface ToldTrade {
  readonly tradeId: number;
  readonly price?: string;
  readonly quantity?: string;
  readonly fee?: string;
}

/** What the fills of replies come to. */
export interface FillsInReplies {
  /** By market: over all fills. */
  readonly sums: readonly FillSums[];
  /** Placed orders with fills: how many, and those whose fills are not what the reply says was executed. */
  readonly ordersCompared: number;
  readonly wrongOrderCount: number;
  readonly wrongOrders: readonly string[];
}

/** Sums the fills that replies tell, and holds each against what its reply says was executed. */
export class ReplyFills {
  readonly #markets: readonly WeightedSums<(typeof FILL_FIGURES)[number]>[];
  #ordersCompared = 0;
  #wrongOrderCount = 0;
  readonly #wrongOrders: string[] = [];

  constructor(markets: number) {
    this.#markets = Array.from({ length: markets }, () => new WeightedSums(FILL_FIGURES));
  }

  /**
   * To be called of replies that have fills.
   *
   * @param isNew of a new order: nothing of it was executed before
   */
  take(market: number, order: ToldOrder, trades: readonly ToldTrade[], isNew: boolean): void {
    const sums = this.#markets[market]!;
    const orderId = wholeRemainder(Number(order.id));
    let executed = 0;
    let executedQuote = 0;
    for (const { tradeId, price = '', quantity = '', fee = '' } of trades) {
      const priceRemainder = remainderOfText(price);
      const quantityRemainder = remainderOfText(quantity);
      executed = sumRemainder(executed, quantityRemainder);
      executedQuote = sumRemainder(
        executedQuote,
        productRemainder(priceRemainder, quantityRemainder),
      );
      sums.begin(tradeId);
      sums.add(0, 1);
      sums.add(1, priceRemainder);
      sums.add(2, quantityRemainder);
      sums.add(3, remainderOfText(fee));
      sums.add(4, orderId);
    }
    if (!isNew || order.executedQuantity === '' || order.executedQuoteQuantity === '') return;
    this.#ordersCompared++;
    const isRight =
      executed === remainderOfText(order.executedQuantity) &&
      executedQuote === productRemainder(remainderOfText(order.executedQuoteQuantity), ONE);
    if (!isRight) this.#wrong(order, trades);
  }

  get told(): FillsInReplies {
    return {
      sums: this.#markets.map(({ sums }) => sums),
      ordersCompared: this.#ordersCompared,
      wrongOrderCount: this.#wrongOrderCount,
      wrongOrders: this.#wrongOrders,
    };
  }

  #wrong(order: ToldOrder, trades: readonly ToldTrade[]): void {
    this.#wrongOrderCount++;
    if (this.#wrongOrders.length === NAMED_MAX) return;
    const fills = trades.map(({ quantity, price }) => `${quantity} at ${price}`);
    this.#wrongOrders.push(
      `order ${order.id} executed ${order.executedQuantity} for ${order.executedQuoteQuantity}, by its fills ${fills.join(' + ')}`,
    );
  }
}
