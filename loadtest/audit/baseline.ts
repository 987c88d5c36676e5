/** What the venue held before a run: the audit looks at what has changed since. Sums are decimals. */
export interface Baseline {
  /** By asset; absent without an admin API. */
  readonly deposits?: Readonly<Record<string, string>>;
  readonly rows?: RowCounts;
}

/** Of the projection. */
export interface RowCounts {
  /** By account. */
  readonly orders: Readonly<Record<number, number>>;
  /** By market. */
  readonly markets: Readonly<Record<string, MarketRows>>;
}

export interface MarketRows {
  readonly trades: number;
  readonly quantity: string;
  /** Fills and what was executed of the orders: of both sides, so twice as much as of the trades. */
  readonly fills: number;
  readonly executedQuantity: string;
}
