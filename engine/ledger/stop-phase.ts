/** What the home shard knows of a stop order; `None` for every other order. */
export const StopPhase = {
  None: 0,
  /** Sent to its market, which has not answered. */
  Sent: 1,
  /** Its market has it, and as far as has been heard its price was not reached. */
  Pending: 2,
  /** Its price was reached and its market took it: an order like any other. */
  Fired: 3,
} as const;
export type StopPhase = (typeof StopPhase)[keyof typeof StopPhase];
