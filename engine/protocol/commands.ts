import { type Body, defineMessage } from './message.ts';

/**
 * What the gateway asks of a shard. `requestId` comes back in the answer. Ids of accounts, assets and
 * markets are dense integers from 1, given out by the gateway; times are stamped by the shard's thread.
 *
 * Types 1 … 49 are commands, 50 … 79 messages between shards, 80 … events.
 */

/** To every shard. Answer of each: `AssetListed` from the asset's owner, else `RequestDone`. */
export const ListAsset = defineMessage(1, 'ListAsset', {
  requestId: 'wideUint',
  assetId: 'uint',
  symbol: 'text',
  decimals: 'uint',
});

/**
 * A market's numbers. A price of `t` ticks reads `t × tickUnits / 10^priceDecimals`, a quantity of `l`
 * lots `l × lotUnits / 10^quantityDecimals`. `l` lots are `l × baseUnitsPerLot` base units; `l` lots at
 * `t` ticks cost `t × l × quoteUnitsPerTickLot` quote units.
 */
export const marketFields = {
  marketId: 'uint',
  symbol: 'text',
  baseAssetId: 'uint',
  quoteAssetId: 'uint',
  priceDecimals: 'uint',
  tickUnits: 'uint',
  quantityDecimals: 'uint',
  lotUnits: 'uint',
  baseUnitsPerLot: 'uint',
  quoteUnitsPerTickLot: 'uint',
  minPriceTicks: 'uint',
  maxPriceTicks: 'uint',
  minQuantityLots: 'uint',
  maxQuantityLots: 'uint',
  makerFeeBps: 'uint',
  takerFeeBps: 'uint',
  /** The least price × quantity of an order, in quote units; 0 = any. */
  minNotionalUnits: 'uint',
  /** How far beyond the last trade a limit may reach to trade, in 1/10,000 of its price; 0 = any distance. */
  priceBandBps: 'uint',
} as const;

/** To every shard. Answer of each: `MarketListed` from the market's owner, else `RequestDone`. */
export const ListMarket = defineMessage(2, 'ListMarket', {
  requestId: 'wideUint',
  ...marketFields,
});

/** To every shard: home shards refuse early, the market's owner decides. */
export const SetMarketState = defineMessage(3, 'SetMarketState', {
  requestId: 'wideUint',
  marketId: 'uint',
  state: 'uint',
});

/** To the account's home. Answer: `AccountCreated`. */
export const CreateAccount = defineMessage(4, 'CreateAccount', {
  requestId: 'wideUint',
  accountId: 'uint',
  name: 'text',
});

/**
 * To the account's home. `publicKey` is base64 of 32 bytes. `allowedAddresses` says from where it may be used, in the
 * gateway's words; empty: from anywhere. Answer: `ApiKeyCreated`.
 */
export const CreateApiKey = defineMessage(
  5,
  'CreateApiKey',
  {
    requestId: 'wideUint',
    accountId: 'uint',
    publicKey: 'text',
    permissions: 'uint',
    allowedAddresses: 'text',
  },
  1,
);

/** To the account's home. Answer: `ApiKeyRevoked`. */
export const RevokeApiKey = defineMessage(6, 'RevokeApiKey', {
  requestId: 'wideUint',
  accountId: 'uint',
  publicKey: 'text',
});

/** To the account's home: from now on the key in force is used from these. Answer: `AllowedAddressesSet`. */
export const SetAllowedAddresses = defineMessage(8, 'SetAllowedAddresses', {
  requestId: 'wideUint',
  accountId: 'uint',
  publicKey: 'text',
  allowedAddresses: 'text',
});

/**
 * Deposit or withdrawal, to the account's home. `transferId` is the caller's (see `transfer-id.ts` for more than one
 * line of it); the same id of the same account and kind again changes nothing and is answered as the first time.
 * Answer: `FundsMoved`.
 */
export const MoveFunds = defineMessage(7, 'MoveFunds', {
  requestId: 'wideUint',
  kind: 'uint',
  accountId: 'uint',
  transferId: 'text',
  assetId: 'uint',
  amountUnits: 'uint',
});

/**
 * Moves what is available from one account to another, to the home of the first. `transferId` as for `MoveFunds`,
 * among the transfers out of the account. The other account, which the gateway knows to be there, has it once its home
 * has heard of it: at once when that is the same shard. Answer: `FundsMoved` of the first account.
 */
export const TransferFunds = defineMessage(9, 'TransferFunds', {
  requestId: 'wideUint',
  accountId: 'uint',
  toAccountId: 'uint',
  transferId: 'text',
  assetId: 'uint',
  amountUnits: 'uint',
});

/**
 * A new order, to the account's home.
 *
 * Limit: `priceTicks` is the limit. Market: `priceTicks` is the worst price the market's band allows,
 * taken by the gateway from the last price, and `timeInForce` is IOC. `quoteBudgetUnits` > 0 sizes a
 * market order by quote amount; `quantityLots` is then 0.
 *
 * `triggerPriceTicks` > 0 makes it a stop order: it waits, paid for, until a trade reaches that price
 * from where the last one was. A market order's worst price is then taken from the trigger price, and
 * it may not be sized by quote amount. A stop order is answered by `TriggerPlaced`; what it does when it
 * fires, which is at once where the last trade was at its trigger price, answers no command.
 *
 * Answer: the order's last event of this command carries `requestId`, or `Rejected`.
 */
export const PlaceOrder = defineMessage(10, 'PlaceOrder', {
  requestId: 'wideUint',
  accountId: 'uint',
  marketId: 'uint',
  clientId: 'nullableWideUint',
  side: 'uint',
  orderType: 'uint',
  timeInForce: 'uint',
  postOnly: 'bool',
  selfTradePrevention: 'uint',
  priceTicks: 'wideUint',
  quantityLots: 'wideUint',
  quoteBudgetUnits: 'uint',
  triggerPriceTicks: 'uint',
  /** The shard refuses the order when it comes to it later than this, µs since the epoch; 0 = never. */
  expiresAtUs: 'uint',
});

/** How a command names an order: by `orderId`, or by `clientId` when `orderId` is 0. */
const orderReference = {
  requestId: 'wideUint',
  accountId: 'uint',
  marketId: 'uint',
  orderId: 'wideUint',
  clientId: 'nullableWideUint',
} as const;

/** Answer: the `Cancelled` event with `requestId`, or `Rejected`. */
export const CancelOrder = defineMessage(11, 'CancelOrder', orderReference);

/**
 * `marketId` 0 means every market, `scope` says which orders there. Answer: one `Cancelled` event each,
 * then `RequestDone`.
 */
export const CancelAllOrders = defineMessage(12, 'CancelAllOrders', {
  requestId: 'wideUint',
  accountId: 'uint',
  marketId: 'uint',
  scope: 'uint',
});

/**
 * Takes `quantityLots` off the open quantity and keeps the order's place. What is left in total, what was
 * executed included, must be as much as a new order must have. Answer: `Modified`, or `Rejected`.
 */
export const ReduceOrder = defineMessage(13, 'ReduceOrder', {
  ...orderReference,
  quantityLots: 'wideUint',
});

/**
 * Gives the order a new limit price and a new total quantity (what was already executed included, as
 * FIX OrderQty), 0 keeps the present one. The order goes to the back of its new level and may trade
 * at once. Answer: the last event of the command with `requestId`, or `Rejected`.
 */
export const ReplaceOrder = defineMessage(
  14,
  'ReplaceOrder',
  {
    ...orderReference,
    priceTicks: 'wideUint',
    quantityLots: 'wideUint',
    /** As of `PlaceOrder`; one that waits for another change of its order is judged when that has ended. */
    expiresAtUs: 'uint',
  },
  1,
);

/**
 * Answer: a `Snapshot` event with `requestId`, or `Rejected`. Where `mayWait`, it waits until the order's market has
 * answered the order, and each change of it that was sent before. Where not, an order that its market has not answered
 * is `OutcomeUnknown`, and one with changes under way as it was before them.
 */
export const QueryOrder = defineMessage(15, 'QueryOrder', { ...orderReference, mayWait: 'bool' });

/** `marketId` 0 means every market. Answer: one `Snapshot` each, then `RequestDone`. */
export const QueryOrders = defineMessage(16, 'QueryOrders', {
  requestId: 'wideUint',
  accountId: 'uint',
  marketId: 'uint',
});

/** Answer: one `BalanceSnapshot` per asset ever held, then `RequestDone`. */
export const QueryBalances = defineMessage(17, 'QueryBalances', {
  requestId: 'wideUint',
  accountId: 'uint',
});

/** To every shard. Answer: one `AuditEntry` per asset, then `RequestDone`. */
export const Audit = defineMessage(18, 'Audit', { requestId: 'wideUint' });

/** To every shard. Answer: one `MarketReport` per own market, then `ShardReport`. */
export const ReportState = defineMessage(19, 'ReportState', { requestId: 'wideUint' });

/** To the market's owner: a `BookDelta` without levels that moves the update id on. No answer. */
export const DepthHeartbeat = defineMessage(20, 'DepthHeartbeat', { marketId: 'uint' });

/** The shard finishes what it has taken, flushes and ends its task. */
export const StopShard = defineMessage(21, 'StopShard', {});

/**
 * To every shard, by a gateway that starts. Answer: `ShardDescribed`, one `AssetDescribed` and one
 * `MarketDescribed` for everything listed there, a `KillSwitchDescribed` for every latch on the venue or a market,
 * then `RequestDone`.
 */
export const DescribeState = defineMessage(22, 'DescribeState', { requestId: 'wideUint' });

/**
 * Answer: for accounts of the shard with ids above `afterAccountId`, in their order and as many as fit
 * one answer, `AccountDescribed`, an `ApiKeyDescribed` for each of its keys, a `KillSwitchDescribed` if the kill switch
 * has stopped it and a `CancelTimerDescribed` for each of its timers, then `RequestDone`. An answer without an account
 * says that there are no more.
 */
export const DescribeAccounts = defineMessage(23, 'DescribeAccounts', {
  requestId: 'wideUint',
  afterAccountId: 'uint',
});

/**
 * To the market's owner. Answer: the price levels of one side worse than `beyondPriceTicks` (0 = from the
 * best one on), best first, as `BookLevels`, then `RequestDone`. Fewer levels than
 * `DESCRIBED_LEVELS_MAX` say that there are no more.
 */
export const DescribeBook = defineMessage(24, 'DescribeBook', {
  requestId: 'wideUint',
  marketId: 'uint',
  side: 'uint',
  beyondPriceTicks: 'wideUint',
});

/**
 * Sets or lifts a latch of the kill switch: `scope` is a `KillScope`, `targetId` the market or account, 0 for the
 * venue. To every shard, of an account to its home. While one is set no order within it is accepted or replaced.
 * Setting it, also once more, cancels every open order within it whose account is at home here, in a closed market
 * too. Answer of each: one `Cancelled` event per order, then `RequestDone`; or
 * `Rejected` for a market or account that there is none of.
 */
export const SetKillSwitch = defineMessage(25, 'SetKillSwitch', {
  requestId: 'wideUint',
  scope: 'uint',
  targetId: 'uint',
  isActive: 'bool',
});

/** As `CancelAllOrders`, of those on one side: `side` is a `CancelSide`. */
export const MassCancel = defineMessage(26, 'MassCancel', {
  requestId: 'wideUint',
  accountId: 'uint',
  marketId: 'uint',
  scope: 'uint',
  side: 'uint',
});

/** A cancel timer: its account's orders in one market, or in all (`marketId` 0), are cancelled when it fires. */
const cancelTimerFields = {
  requestId: 'wideUint',
  accountId: 'uint',
  marketId: 'uint',
  /** A `CancelTrigger`: an account has one timer of each for each market, and one for all. */
  trigger: 'uint',
} as const;

/**
 * Sets a cancel timer, in place of the one there was. `deadlineUs` 0: it does not run, but is there to be found by the
 * next gateway; `timeoutUs` is what that, or a client, sets it for, and 0 removes it. Answer: `CancelTimerDescribed`,
 * then `RequestDone`; or `Rejected`.
 */
export const SetCancelTimer = defineMessage(27, 'SetCancelTimer', {
  ...cancelTimerFields,
  timeoutUs: 'wideUint',
  deadlineUs: 'wideUint',
});

/**
 * Removes a cancel timer that runs and whose time has come, and cancels what it is for, in a closed market too.
 * Answer: one `Cancelled` event per order, then `RequestDone`; before that a `CancelTimerDescribed` when the timer is
 * there and its time has not come; or `Rejected`.
 */
export const FireCancelTimer = defineMessage(28, 'FireCancelTimer', cancelTimerFields);

export type MarketSpec = Omit<Body<typeof ListMarket>, 'requestId'>;
export type PlaceOrder = Body<typeof PlaceOrder>;

const QUESTIONS = [
  ...[QueryOrder, QueryOrders, QueryBalances, Audit, ReportState],
  ...[DescribeState, DescribeAccounts, DescribeBook],
];
const UNJOURNALED: ReadonlySet<number> = new Set([...QUESTIONS, StopShard].map(({ type }) => type));

/** Whether an input can change its shard; what only asks is not worth remembering. */
export function changesState(type: number): boolean {
  return !UNJOURNALED.has(type);
}
