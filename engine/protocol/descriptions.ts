import { marketFields } from './commands.ts';
import { BOOK_DELTA_LEVELS_MAX } from './events.ts';
import { defineMessage } from './message.ts';

/**
 * What a shard with a history says to a gateway that has heard none of it, in answer to `DescribeState`,
 * `DescribeAccounts` and `DescribeBook`. The answers stand in the shard's one stream of events, so each
 * is true for its place there: what is recorded after it is not in it, what was recorded before it is.
 * Gateway only, sequence 0.
 */

/** Levels in one answer to `DescribeBook`: some 120 KiB, so that a turn takes several. */
export const DESCRIBED_LEVELS_MAX = 16 * BOOK_DELTA_LEVELS_MAX;

/** `eventSequence` is the last recorded one. `timeUs` is not before that of any input the shard ever had. */
export const ShardDescribed = defineMessage(106, 'ShardDescribed', {
  requestId: 'wideUint',
  shard: 'uint',
  eventSequence: 'wideUint',
  timeUs: 'wideUint',
});

export const AssetDescribed = defineMessage(107, 'AssetDescribed', {
  requestId: 'wideUint',
  assetId: 'uint',
  symbol: 'text',
  decimals: 'uint',
});

/**
 * A market that the shard knows, its own or another's. The fields after `state` are known to its owner
 * only: when it was listed, and where its book and its trades stand (prices 0 before the first trade).
 */
export const MarketDescribed = defineMessage(108, 'MarketDescribed', {
  requestId: 'wideUint',
  ...marketFields,
  state: 'uint',
  createdAtUs: 'wideUint',
  updateId: 'wideUint',
  lastTradeId: 'wideUint',
  lastPriceTicks: 'wideUint',
});

export const AccountDescribed = defineMessage(109, 'AccountDescribed', {
  requestId: 'wideUint',
  accountId: 'uint',
  name: 'text',
});

/** `permissions` is 0 for a key that was revoked. */
export const ApiKeyDescribed = defineMessage(110, 'ApiKeyDescribed', {
  requestId: 'wideUint',
  accountId: 'uint',
  publicKey: 'text',
  permissions: 'uint',
  allowedAddresses: 'text',
});

/** Levels as in `BookDelta`, at most `BOOK_DELTA_LEVELS_MAX`, at the market's depth update id. */
export const BookLevels = defineMessage(111, 'BookLevels', {
  requestId: 'wideUint',
  marketId: 'uint',
  updateId: 'wideUint',
  levels: 'uintList',
});

/** A latch of the kill switch that is set: see `SetKillSwitch`. */
export const KillSwitchDescribed = defineMessage(114, 'KillSwitchDescribed', {
  requestId: 'wideUint',
  scope: 'uint',
  targetId: 'uint',
});

/** A cancel timer as it is now: see `SetCancelTimer`. One that was removed has a `timeoutUs` of 0. */
export const CancelTimerDescribed = defineMessage(115, 'CancelTimerDescribed', {
  requestId: 'wideUint',
  accountId: 'uint',
  marketId: 'uint',
  trigger: 'uint',
  timeoutUs: 'wideUint',
  deadlineUs: 'wideUint',
});
