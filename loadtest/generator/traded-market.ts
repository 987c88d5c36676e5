import { textOf } from '../client/decimal-text.ts';

/** One market as a generator must know it. Its prices and quantities are whole ticks and lots. */
export interface TradedMarket {
  readonly symbol: string;
  /** Decimal places of its prices and quantities. */
  readonly priceDecimals: number;
  readonly quantityDecimals: number;
  /** One tick, of 10^-priceDecimals: the market's own step of prices. */
  readonly tickUnits: number;
  /** One lot, of 10^-quantityDecimals: a quantity that the market takes, as does every multiple of it. */
  readonly lotUnits: number;
  /** Around which the flows trade. */
  readonly midTicks: number;
  /** Orders may be priced so far from the middle, on both sides. */
  readonly reachTicks: number;
}

/** As decimals, such as the venue takes them. */
export function priceText({ priceDecimals, tickUnits }: TradedMarket, ticks: number): string {
  return textOf(ticks * tickUnits, priceDecimals);
}

export function quantityText({ quantityDecimals, lotUnits }: TradedMarket, lots: number): string {
  return textOf(lots * lotUnits, quantityDecimals);
}
