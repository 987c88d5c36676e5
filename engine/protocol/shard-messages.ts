import { type Body, defineMessage } from './message.ts';

/**
 * What shards say to each other, dense sequences per direction. Where the home of the account and the
 * home of the market are the same shard, the same bodies are passed by function call.
 */

/** Home → market: the order is paid for; match it. */
export const MatchOrder = defineMessage(50, 'MatchOrder', {
  requestId: 'wideUint',
  orderId: 'wideUint',
  accountId: 'uint',
  marketId: 'uint',
  side: 'uint',
  timeInForce: 'uint',
  /** A market order: its rest expires for want of liquidity instead of by its time in force. */
  isMarket: 'bool',
  postOnly: 'bool',
  selfTradePrevention: 'uint',
  priceTicks: 'wideUint',
  quantityLots: 'wideUint',
  quoteBudgetUnits: 'uint',
  triggerPriceTicks: 'uint',
});

/** Home → market: cancel the order, if it is one of `scope` still. */
export const CancelResting = defineMessage(51, 'CancelResting', {
  requestId: 'wideUint',
  orderId: 'wideUint',
  marketId: 'uint',
  scope: 'uint',
});

/** Home → market: take `quantityLots` off the open quantity. */
export const ReduceResting = defineMessage(52, 'ReduceResting', {
  requestId: 'wideUint',
  orderId: 'wideUint',
  marketId: 'uint',
  quantityLots: 'wideUint',
});

/**
 * Home → market: new price and new open quantity. `expectedOpenLots` is what the home believes is
 * open; what is missing in the book was filled meanwhile and comes off the new open quantity too.
 */
export const ReplaceResting = defineMessage(53, 'ReplaceResting', {
  requestId: 'wideUint',
  orderId: 'wideUint',
  marketId: 'uint',
  postOnly: 'bool',
  selfTradePrevention: 'uint',
  priceTicks: 'wideUint',
  openLots: 'uint',
  expectedOpenLots: 'uint',
});

/**
 * Market → home of one party of a fill. `requestId` is set on the last message a command causes.
 * `closes`: with this fill nothing of the order is open any more.
 */
export const SettleFill = defineMessage(54, 'SettleFill', {
  requestId: 'wideUint',
  orderId: 'wideUint',
  marketId: 'uint',
  tradeId: 'wideUint',
  priceTicks: 'wideUint',
  quantityLots: 'wideUint',
  isMaker: 'bool',
  closes: 'bool',
  updateId: 'wideUint',
  timeUs: 'wideUint',
});

/** How the market's shard disposed of an order, or of a request about one. */
export const Outcome = {
  /** Rests untouched: no fill came first. */
  Rested: 0,
  Cancelled: 1,
  /** What was open of it is gone, for `expiryReason`. */
  Expired: 2,
  /** Never entered the book: `rejectCode` says why. */
  Refused: 3,
  /** `quantityLots` were taken off the open quantity. */
  Reduced: 4,
  /** A cancel, reduce or replace that changed nothing: `rejectCode` says why. */
  RequestRefused: 5,
  /** At `priceTicks` now, with `quantityLots` open before it trades at the new price. */
  Replaced: 6,
  /** A stop order waits for its price. */
  TriggerPlaced: 7,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** Market → home of the order. */
export const OrderOutcome = defineMessage(55, 'OrderOutcome', {
  requestId: 'wideUint',
  orderId: 'wideUint',
  outcome: 'uint',
  rejectCode: 'uint',
  expiryReason: 'uint',
  priceTicks: 'wideUint',
  quantityLots: 'wideUint',
  updateId: 'wideUint',
  timeUs: 'wideUint',
});

/** Home of one account → home of another: what the first was debited is the other's. */
export const CreditTransfer = defineMessage(57, 'CreditTransfer', {
  fromAccountId: 'uint',
  toAccountId: 'uint',
  transferId: 'text',
  assetId: 'uint',
  amountUnits: 'uint',
});

/**
 * Any shard → any other, outside the sequence: the sender has started again by itself and goes on behind what it knows
 * the receiver to have. What comes first after it may have come before.
 */
export const MessagesResumed = defineMessage(56, 'MessagesResumed', {});

export type MatchOrder = Body<typeof MatchOrder>;
export type CancelResting = Body<typeof CancelResting>;
export type ReduceResting = Body<typeof ReduceResting>;
export type ReplaceResting = Body<typeof ReplaceResting>;
export type SettleFill = Body<typeof SettleFill>;
export type OrderOutcome = Body<typeof OrderOutcome>;
export type CreditTransfer = Body<typeof CreditTransfer>;
