import { unitsOf } from '../client/decimal-text.ts';
import type { RestClient } from '../client/rest-client.ts';
import type { DemoMarket } from './demo-markets.ts';
import type { Quote } from './quoter.ts';

/** An order as the venue answers it. */
interface OpenOrder {
  readonly clientId: number | null;
  readonly symbol: string;
  readonly side: 'Bid' | 'Ask';
  readonly price?: string;
  readonly quantity: string;
  readonly executedQuantity: string;
}

/** The quotes that the client's account has in the book of a market, left by an earlier demo or connection. */
export async function openQuotes(rest: RestClient, market: DemoMarket): Promise<Quote[]> {
  const { symbol } = market.listing;
  const path = '/api/v1/orders';
  const orders = await rest.signedGet<readonly OpenOrder[]>(path, 'orderQueryAll', { symbol });
  return orders.flatMap((order) => {
    const { clientId, price } = order;
    if (clientId === null || price === undefined) return [];
    const lots = (text: string): number => unitsOf(text, market.quantityDecimals);
    return {
      clientId,
      isBid: order.side === 'Bid',
      priceTicks: unitsOf(price, market.priceDecimals),
      quantityLots: lots(order.quantity) - lots(order.executedQuantity),
    };
  });
}

/** The price of a market's last trade; null before the first. */
export async function lastPriceTicks(rest: RestClient, market: DemoMarket): Promise<number | null> {
  const { symbol } = market.listing;
  const ticker = await rest.get<{ readonly lastPrice: string }>('/api/v1/ticker', { symbol });
  return unitsOf(ticker.lastPrice, market.priceDecimals) || null;
}
