import type { OpenOrdersKnown, RestingOrder } from '../audit/audit-input.ts';
import { unitsOf } from '../client/decimal-text.ts';
import type { OpenOrdersTold } from '../generator/messages.ts';
import { priceText, quantityText, type TradedMarket } from '../generator/traded-market.ts';

/** What a generator knows of the open orders of a connection, in the words of the venue. */
export function knownOrders(
  { orders, doubtful, tradedTicks }: OpenOrdersTold,
  markets: readonly TradedMarket[],
): OpenOrdersKnown {
  const bySymbol = new Map(markets.map((market) => [market.symbol, market]));
  const inDoubt = new Set(doubtful);
  return {
    orders: orders.map(({ clientId, market, priceTicks, quantityLots }): RestingOrder => {
      const traded = markets[market]!;
      const price = priceText(traded, priceTicks);
      const quantity = quantityText(traded, quantityLots);
      return { clientId, symbol: traded.symbol, price, quantity };
    }),
    inDoubt: inDoubt.size,
    mayBeTaken: tradedTicks > 0,
    isUncertain: ({ clientId, symbol, price }) => {
      if (inDoubt.has(clientId)) return true;
      const market = bySymbol.get(symbol);
      // Elsewhere, where the run has sent nothing.
      if (market === undefined) return true;
      const ticks = unitsOf(price, market.priceDecimals) / market.tickUnits;
      return Math.abs(ticks - market.midTicks) < tradedTicks;
    },
  };
}
