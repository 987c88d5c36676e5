import type { OpenOrdersKnown, RestingOrder } from '../audit/audit-input.ts';
import { textOf, unitsOf } from '../client/decimal-text.ts';
import type { OpenOrdersTold } from '../generator/messages.ts';
import type { TradedMarket } from '../generator/request-draft.ts';

/** What a generator knows of the open orders of a connection, in the words of the venue. */
export function knownOrders(
  { orders, doubtful, tradedTicks }: OpenOrdersTold,
  markets: readonly TradedMarket[],
): OpenOrdersKnown {
  const bySymbol = new Map(markets.map((market) => [market.symbol, market]));
  const inDoubt = new Set(doubtful);
  return {
    orders: orders.map(({ clientId, market, priceTicks, quantityLots }): RestingOrder => {
      const { symbol, priceDecimals, quantityDecimals } = markets[market]!;
      const price = textOf(priceTicks, priceDecimals);
      return { clientId, symbol, price, quantity: textOf(quantityLots, quantityDecimals) };
    }),
    inDoubt: inDoubt.size,
    mayBeTaken: tradedTicks > 0,
    isUncertain: ({ clientId, symbol, price }) => {
      if (inDoubt.has(clientId)) return true;
      const market = bySymbol.get(symbol);
      if (market === undefined) return false;
      const ticks = Math.abs(unitsOf(price, market.priceDecimals) - market.midTicks);
      return ticks < tradedTicks;
    },
  };
}
