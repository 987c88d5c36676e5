/**
 * Why a shard refused a command. A refused command changed nothing. The numbers are on the rings;
 * the server maps each to the wire's code, message and HTTP status.
 */
export const RejectCode = {
  None: 0,
  UnknownMarket: 1,
  UnknownAccount: 2,
  UnknownAsset: 3,
  UnknownOrder: 4,
  DuplicateClientId: 5,
  InsufficientFunds: 6,
  PriceOutOfRange: 7,
  QuantityOutOfRange: 8,
  NotionalTooLarge: 9,
  PostOnlyWouldTake: 10,
  FillOrKillUnfillable: 11,
  MarketClosed: 12,
  MarketCancelOnly: 13,
  MarketPostOnly: 14,
  ReduceTooLarge: 15,
  AlreadyExists: 16,
  AmountTooLarge: 17,
  NoReferencePrice: 18,
  RequestExpired: 19,
  TooManyAccounts: 20,
  TooManyAssets: 21,
  TooManyOpenOrders: 22,
  PriceOutsideBand: 23,
  NotionalTooSmall: 24,
  /** A stop order that waits for its price can be cancelled, not changed. */
  TriggerPending: 25,
  /** Of no shard, but of the gateway in place of one that is gone: the command may have been done, or not. */
  OutcomeUnknown: 26,
  /** The kill switch has stopped the market, or the whole venue. */
  KillSwitch: 27,
  /** The kill switch has stopped the account. */
  AccountKillSwitch: 28,
} as const;
export type RejectCode = (typeof RejectCode)[keyof typeof RejectCode];
