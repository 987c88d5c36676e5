/** A market as `GET /api/v1/markets` lists it, as far as a client trades by it. Decimals are texts. */
export interface ListedMarket {
  readonly symbol: string;
  readonly baseSymbol: string;
  readonly quoteSymbol: string;
  readonly orderBookState?: string;
  readonly filters: {
    readonly price: {
      readonly tickSize: string;
      readonly minPrice?: string | null;
      readonly maxPrice?: string | null;
      /** Of the last price. */
      readonly minMultiplier?: string | null;
      readonly maxMultiplier?: string | null;
    };
    readonly quantity: { readonly stepSize: string; readonly minQuantity?: string | null };
  };
}

/** Decimal places of a step such as `0.01`. */
export function decimalsOf(step: string): number {
  return step.includes('.') ? step.length - step.indexOf('.') - 1 : 0;
}
