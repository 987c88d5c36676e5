/** The closed value sets of the protocol. The numbers are on the rings and in journals: never reuse one. */

export const Side = { Bid: 0, Ask: 1 } as const;
export type Side = (typeof Side)[keyof typeof Side];

export const OrderType = { Limit: 0, Market: 1 } as const;
export type OrderType = (typeof OrderType)[keyof typeof OrderType];

/** Good till cancelled, immediate or cancel, fill or kill. */
export const TimeInForce = { GTC: 0, IOC: 1, FOK: 2 } as const;
export type TimeInForce = (typeof TimeInForce)[keyof typeof TimeInForce];

/** Whose order expires when an account would trade with itself, by the taker's choice; `Allow`: they trade. */
export const SelfTradePrevention = {
  RejectTaker: 0,
  RejectMaker: 1,
  RejectBoth: 2,
  Allow: 3,
} as const;
export type SelfTradePrevention = (typeof SelfTradePrevention)[keyof typeof SelfTradePrevention];

export const OrderStatus = {
  New: 0,
  PartiallyFilled: 1,
  Filled: 2,
  Cancelled: 3,
  Expired: 4,
  /** A stop order whose price was not reached yet. */
  TriggerPending: 5,
  /** A stop order that its market refused when its price was reached. */
  TriggerFailed: 6,
} as const;
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];

/** What happened to an order. `Snapshot` answers a query: nothing happened. */
export const OrderEventKind = {
  Accepted: 0,
  Fill: 1,
  Cancelled: 2,
  Expired: 3,
  Modified: 4,
  Snapshot: 5,
  TriggerPlaced: 6,
  TriggerFailed: 7,
} as const;
export type OrderEventKind = (typeof OrderEventKind)[keyof typeof OrderEventKind];

/** Why the rest of an order expired; `None` for every other event. */
export const ExpiryReason = {
  None: 0,
  ImmediateOrCancel: 1,
  InsufficientLiquidity: 2,
  PriceOutOfBounds: 3,
  SelfTradePrevention: 4,
} as const;
export type ExpiryReason = (typeof ExpiryReason)[keyof typeof ExpiryReason];

/** Which open orders a cancel-all means: all of them, those that rest, or those that wait for a trigger. */
export const CancelScope = { All: 0, Resting: 1, TriggerPending: 2 } as const;
export type CancelScope = (typeof CancelScope)[keyof typeof CancelScope];

/** The side that a mass cancel means. */
export const CancelSide = { Bid: 0, Ask: 1, Both: 2 } as const;
export type CancelSide = (typeof CancelSide)[keyof typeof CancelSide];

/** What a latch of the kill switch stops: everything, one market, or one account. */
export const KillScope = { Venue: 0, Market: 1, Account: 2 } as const;
export type KillScope = (typeof KillScope)[keyof typeof KillScope];

/** What a cancel timer stands for: a client that must renew it, or one whose last socket has gone. */
export const CancelTrigger = { DeadMan: 0, Disconnect: 1 } as const;
export type CancelTrigger = (typeof CancelTrigger)[keyof typeof CancelTrigger];

export const OrderBookState = { Open: 0, PostOnly: 1, CancelOnly: 2, Closed: 3 } as const;
export type OrderBookState = (typeof OrderBookState)[keyof typeof OrderBookState];

/** The last two are the sides of a transfer between accounts. */
export const TransferKind = { Deposit: 0, Withdrawal: 1, TransferOut: 2, TransferIn: 3 } as const;
export type TransferKind = (typeof TransferKind)[keyof typeof TransferKind];

/** Bit set. */
export const Permission = { Read: 1, Trade: 2 } as const;
export type Permissions = number;

/** The name of a value in one of the sets above, for the wire and the database. */
export function nameOf<Name extends string>(
  values: Readonly<Record<Name, number>>,
  value: number,
): Name {
  for (const name in values) if (values[name] === value) return name;
  throw new RangeError(`no name for ${value}`);
}
