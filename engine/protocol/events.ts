import { marketFields } from './commands.ts';
import { type Body, defineMessage } from './message.ts';

/**
 * What a shard tells the gateway and the persistence thread. Recorded events carry a dense sequence
 * per shard (from 1); answers that only the gateway needs carry sequence 0 and are not recorded.
 * Replaying the recorded events in order gives the database.
 */

export const AssetListed = defineMessage(80, 'AssetListed', {
  requestId: 'wideUint',
  assetId: 'uint',
  symbol: 'text',
  decimals: 'uint',
  timeUs: 'wideUint',
});

export const MarketListed = defineMessage(81, 'MarketListed', {
  requestId: 'wideUint',
  ...marketFields,
  timeUs: 'wideUint',
});

export const MarketStateChanged = defineMessage(82, 'MarketStateChanged', {
  requestId: 'wideUint',
  marketId: 'uint',
  state: 'uint',
  timeUs: 'wideUint',
});

export const AccountCreated = defineMessage(83, 'AccountCreated', {
  requestId: 'wideUint',
  accountId: 'uint',
  name: 'text',
  timeUs: 'wideUint',
});

export const ApiKeyCreated = defineMessage(
  84,
  'ApiKeyCreated',
  {
    requestId: 'wideUint',
    accountId: 'uint',
    publicKey: 'text',
    permissions: 'uint',
    timeUs: 'wideUint',
    allowedAddresses: 'text',
  },
  1,
);

export const ApiKeyRevoked = defineMessage(85, 'ApiKeyRevoked', {
  requestId: 'wideUint',
  accountId: 'uint',
  publicKey: 'text',
  timeUs: 'wideUint',
});

export const AllowedAddressesSet = defineMessage(87, 'AllowedAddressesSet', {
  requestId: 'wideUint',
  accountId: 'uint',
  publicKey: 'text',
  allowedAddresses: 'text',
  timeUs: 'wideUint',
});

/**
 * A deposit, a withdrawal, or one side of a transfer between accounts, with the balance after it. A repeated one is
 * answered with sequence 0. The `transferId` of a side is an `internalTransferId`; on the receiving side the caller's id
 * stands behind the sender's account id and a colon.
 */
export const FundsMoved = defineMessage(86, 'FundsMoved', {
  requestId: 'wideUint',
  kind: 'uint',
  accountId: 'uint',
  transferId: 'text',
  assetId: 'uint',
  amountUnits: 'uint',
  availableUnits: 'wideUint',
  lockedUnits: 'wideUint',
  timeUs: 'wideUint',
});

/**
 * Something happened to an order: the order as it is afterwards, the fill if it was one, and the
 * account's balances in the market's two assets afterwards.
 *
 * `requestId` is set on the event that answers a command. `priceTicks` of a market order is its
 * protection price, which is nobody's business outside. The fill fields are 0 unless `kind` is Fill;
 * `feeUnits` is in the quote asset. `updateId` is the market's depth update id after the command.
 */
export const OrderEvent = defineMessage(90, 'OrderEvent', {
  kind: 'uint',
  requestId: 'wideUint',
  accountId: 'uint',
  marketId: 'uint',
  orderId: 'wideUint',
  clientId: 'nullableWideUint',
  side: 'uint',
  orderType: 'uint',
  timeInForce: 'uint',
  postOnly: 'bool',
  selfTradePrevention: 'uint',
  status: 'uint',
  expiryReason: 'uint',
  /** Why its market refused a stop order that fired; 0 unless `kind` is TriggerFailed. */
  rejectCode: 'uint',
  priceTicks: 'wideUint',
  quantityLots: 'wideUint',
  quoteBudgetUnits: 'uint',
  executedLots: 'uint',
  executedQuoteUnits: 'uint',
  createdAtUs: 'wideUint',
  timeUs: 'wideUint',
  updateId: 'wideUint',
  tradeId: 'wideUint',
  fillPriceTicks: 'uint',
  fillLots: 'uint',
  feeUnits: 'uint',
  isMaker: 'bool',
  baseAvailableUnits: 'wideUint',
  baseLockedUnits: 'wideUint',
  quoteAvailableUnits: 'wideUint',
  quoteLockedUnits: 'wideUint',
  /** 0 unless it is a stop order. */
  triggerPriceTicks: 'uint',
  /** 0 until the trigger price was reached. */
  triggeredAtUs: 'uint',
});

/** One fill as the market sees it. Comes before the `BookDelta` of the same command. */
export const Trade = defineMessage(91, 'Trade', {
  marketId: 'uint',
  tradeId: 'wideUint',
  priceTicks: 'wideUint',
  quantityLots: 'wideUint',
  takerSide: 'uint',
  makerOrderId: 'wideUint',
  takerOrderId: 'wideUint',
  timeUs: 'wideUint',
});

/** Levels one `BookDelta` can carry; a command that changes more sends several, `isLast` on the last. */
export const BOOK_DELTA_LEVELS_MAX = 512;

/**
 * The levels a command changed, as triples (side, priceTicks, total quantityLots now; 0 removes the
 * level). One update id per command that changed the book, and one per stop order that did when it fired:
 * dense from 1 per market.
 */
export const BookDelta = defineMessage(92, 'BookDelta', {
  marketId: 'uint',
  updateId: 'wideUint',
  isLast: 'bool',
  timeUs: 'wideUint',
  levels: 'uintList',
});

/**
 * A balance after a reservation was given back without an event of its order: another shard's market
 * refused the order, or a change of it, and events in between had already told of the lock.
 */
export const BalanceChanged = defineMessage(93, 'BalanceChanged', {
  accountId: 'uint',
  assetId: 'uint',
  availableUnits: 'wideUint',
  lockedUnits: 'wideUint',
  timeUs: 'wideUint',
});

/**
 * Two orders of one account met and did not trade: `mode`, the taker's, says which of them expires.
 * `quantityLots` is what would have traded. Comes before the `BookDelta` of the same command.
 */
export const MatchPrevented = defineMessage(94, 'MatchPrevented', {
  marketId: 'uint',
  accountId: 'uint',
  makerOrderId: 'wideUint',
  takerOrderId: 'wideUint',
  takerSide: 'uint',
  mode: 'uint',
  priceTicks: 'wideUint',
  quantityLots: 'wideUint',
  timeUs: 'wideUint',
});

/** The command was refused and nothing changed. Gateway only. */
export const Rejected = defineMessage(100, 'Rejected', { requestId: 'wideUint', code: 'uint' });

/** End of an answer of several parts, or the whole of one without content. Gateway only. */
export const RequestDone = defineMessage(101, 'RequestDone', { requestId: 'wideUint' });

/** Gateway only. */
export const BalanceSnapshot = defineMessage(102, 'BalanceSnapshot', {
  requestId: 'wideUint',
  assetId: 'uint',
  availableUnits: 'wideUint',
  lockedUnits: 'wideUint',
});

/**
 * A shard's part of the audit of one asset. `inFlightUnits` is what this shard has debited and not
 * credited (or the reverse): it sums to zero over the shards when no fill is under way between them.
 * Always available + locked + fees + inFlight = deposits − withdrawals. Gateway only.
 */
export const AuditEntry = defineMessage(103, 'AuditEntry', {
  requestId: 'wideUint',
  assetId: 'uint',
  availableUnits: 'wideUint',
  lockedUnits: 'wideUint',
  reservedUnits: 'uint',
  feeUnits: 'uint',
  inFlightUnits: 'int',
  /** Of all time, so in decimal digits: no number may hold them. */
  depositUnits: 'text',
  withdrawalUnits: 'text',
});

/** Gateway only. */
export const MarketReport = defineMessage(104, 'MarketReport', {
  requestId: 'wideUint',
  marketId: 'uint',
  updateId: 'wideUint',
  /** Of the whole market: see `hashOfMarket`. */
  marketHash: 'text',
  /** Of the resting orders. */
  bookHash: 'text',
  /** Of the last trade; 0 before the first. */
  lastPriceTicks: 'uint',
  /** Of the stop orders that wait for their price. */
  triggerHash: 'text',
});

/** `eventSequence` is the last recorded one; `sentTo[j]`, `consumedFrom[j]` count messages of shard j. */
export const ShardReport = defineMessage(105, 'ShardReport', {
  requestId: 'wideUint',
  shard: 'uint',
  eventSequence: 'uint',
  stateHash: 'text',
  openOrders: 'uint',
  sentTo: 'uintList',
  consumedFrom: 'uintList',
});

/**
 * Stands in front of the events of a turn of a shard that has a journal: when what caused them was committed to it.
 * Gateway only.
 */
export const TurnCommitted = defineMessage(120, 'TurnCommitted', { timeUs: 'wideUint' });

/**
 * Outside the sequence, to both readers: the shard has started again by itself. The events that follow go on behind one
 * that both have had; those that come first may have come before.
 */
export const EventsResumed = defineMessage(112, 'EventsResumed', {});

/** Outside the sequence: a shard that has started again is where its journal ends, and takes commands. Gateway only. */
export const ShardReturned = defineMessage(113, 'ShardReturned', {});

export type OrderEvent = Body<typeof OrderEvent>;
export type Trade = Body<typeof Trade>;
export type BookDelta = Body<typeof BookDelta>;
export type MatchPrevented = Body<typeof MatchPrevented>;
export type FundsMoved = Body<typeof FundsMoved>;
export type AuditEntry = Body<typeof AuditEntry>;
