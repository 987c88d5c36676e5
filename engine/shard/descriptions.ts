import type { DescribeAccounts, DescribeBook, DescribeState } from '../protocol/commands.ts';
import {
  AccountDescribed,
  ApiKeyDescribed,
  AssetDescribed,
  BookLevels,
  CancelTimerDescribed,
  DESCRIBED_LEVELS_MAX,
  KillSwitchDescribed,
  MarketDescribed,
  ShardDescribed,
} from '../protocol/descriptions.ts';
import { KillScope, type Side } from '../protocol/enums.ts';
import { BOOK_DELTA_LEVELS_MAX } from '../protocol/events.ts';
import type { Body } from '../protocol/message.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { Accounts } from './accounts.ts';
import type { CancelTimers } from './cancel-timers.ts';
import type { KillSwitch } from './kill-switch.ts';
import type { Listings } from './listings.ts';
import type { Markets } from './markets.ts';
import type { ShardOutputs } from './outputs.ts';

/** An answer about accounts takes no further one once it is this long. */
const ACCOUNTS_ANSWER_BYTES = 256 * 1024;

/**
 * Tells a gateway that has heard nothing what it would know, had it heard every event. Changes nothing.
 * Long answers come in pieces that the gateway asks for one by one, so none outgrows a turn and nothing
 * has to be remembered in between: orders may go on while a book is described, since levels are told as
 * they are and every later change of one follows in the same stream.
 */
export class Descriptions {
  readonly #shard: number;
  readonly #listings: Listings;
  readonly #markets: Markets;
  readonly #accounts: Accounts;
  readonly #killSwitch: KillSwitch;
  readonly #timers: CancelTimers;
  readonly #outputs: ShardOutputs;

  constructor(deps: {
    shard: number;
    listings: Listings;
    markets: Markets;
    accounts: Accounts;
    killSwitch: KillSwitch;
    timers: CancelTimers;
    outputs: ShardOutputs;
  }) {
    this.#shard = deps.shard;
    this.#listings = deps.listings;
    this.#markets = deps.markets;
    this.#accounts = deps.accounts;
    this.#killSwitch = deps.killSwitch;
    this.#timers = deps.timers;
    this.#outputs = deps.outputs;
  }

  /** @param nowUs time of the command */
  state({ requestId }: Body<typeof DescribeState>, nowUs: number): void {
    const outputs = this.#outputs;
    outputs.answer(ShardDescribed, {
      requestId,
      shard: this.#shard,
      eventSequence: outputs.eventSequence,
      timeUs: nowUs,
    });
    for (const [assetId, { symbol, decimals }] of this.#listings.assets) {
      outputs.answer(AssetDescribed, { requestId, assetId, symbol, decimals });
    }
    for (const market of this.#markets.values()) {
      const { spec, state, createdAtUs, updateId, lastTradeId, lastPriceTicks } = market;
      const standing = { createdAtUs, updateId, lastTradeId, lastPriceTicks };
      outputs.answer(MarketDescribed, { requestId, ...spec, state, ...standing });
    }
    for (const [scope, targetId] of this.#killSwitch.latches()) {
      outputs.answer(KillSwitchDescribed, { requestId, scope, targetId });
    }
    outputs.done(requestId);
  }

  accounts({ requestId, afterAccountId }: Body<typeof DescribeAccounts>): void {
    const outputs = this.#outputs;
    const fullAtBytes = outputs.events.pendingBytes + ACCOUNTS_ANSWER_BYTES;
    for (const [accountId, { name, apiKeys }] of this.#accounts.after(afterAccountId)) {
      outputs.answer(AccountDescribed, { requestId, accountId, name });
      for (const [publicKey, rights] of apiKeys) {
        outputs.answer(ApiKeyDescribed, { requestId, accountId, publicKey, ...rights });
      }
      if (this.#killSwitch.isAccountKilled(accountId)) {
        const latch = { scope: KillScope.Account, targetId: accountId };
        outputs.answer(KillSwitchDescribed, { requestId, ...latch });
      }
      for (const timer of this.#timers.of(accountId)) {
        outputs.answer(CancelTimerDescribed, { ...timer, requestId });
      }
      if (outputs.events.pendingBytes >= fullAtBytes) break;
    }
    outputs.done(requestId);
  }

  book({ requestId, marketId, side, beyondPriceTicks }: Body<typeof DescribeBook>): void {
    const outputs = this.#outputs;
    const market = this.#markets.get(marketId);
    if (market === undefined || market.book === null) {
      outputs.refuse(requestId, RejectCode.UnknownMarket);
      return;
    }
    const { updateId } = market;
    let levels: number[] = [];
    const tell = (): void => {
      outputs.answer(BookLevels, { requestId, marketId, updateId, levels });
      levels = [];
    };
    const visit = (priceTicks: number, lots: number): void => {
      levels.push(side, priceTicks, lots);
      if (levels.length === BOOK_DELTA_LEVELS_MAX * 3) tell();
    };
    market.book.depth(side as Side, DESCRIBED_LEVELS_MAX, visit, beyondPriceTicks);
    if (levels.length > 0) tell();
    outputs.done(requestId);
  }
}
