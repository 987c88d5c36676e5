import type { Ledger } from '../ledger/ledger.ts';
import type { OpenOrders } from '../ledger/open-orders.ts';
import {
  AccountCreated,
  ApiKeyCreated,
  ApiKeyRevoked,
  AssetListed,
  BalanceChanged,
  FundsMoved,
  MarketListed,
  MarketStateChanged,
} from '../protocol/events.ts';
import type { FrameWriter } from '../protocol/frame-writer.ts';
import type { Account, Accounts } from './accounts.ts';
import type { Listings } from './listings.ts';
import type { Markets } from './markets.ts';
import { OrderEvents } from './order-events.ts';
import type { ShardOutputs } from './outputs.ts';

/** Events are handed out once there are so many bytes of them. */
const PIECE_BYTES = 256 * 1024;

/** No order and no request is behind these events. */
const NO_REQUEST = 0;
/** Of what the state does not have: when an asset was listed, or a key was created. */
const UNKNOWN_TIME = 0;

/** By id: what was told to be listed, by whichever shard. */
export interface ToldListings {
  readonly assets: Set<number>;
  readonly markets: Set<number>;
}

/**
 * Says what a shard holds as events that lead to it, for tables that are to begin with this state. They are of no
 * record and have no sequence. What has ended is not among them, except transfers, which a shard remembers for ever.
 * An order that its account has not heard of yet is left out: its first event is still to come.
 */
export class StateEvents {
  readonly #listings: Listings;
  readonly #markets: Markets;
  readonly #accounts: Accounts;
  readonly #ledger: Ledger;
  readonly #orders: OpenOrders;
  readonly #outputs: ShardOutputs;
  readonly #orderEvents: OrderEvents;

  constructor(deps: {
    listings: Listings;
    markets: Markets;
    accounts: Accounts;
    ledger: Ledger;
    orders: OpenOrders;
    outputs: ShardOutputs;
  }) {
    const { ledger, orders, outputs } = deps;
    this.#listings = deps.listings;
    this.#markets = deps.markets;
    this.#accounts = deps.accounts;
    this.#ledger = ledger;
    this.#orders = orders;
    this.#outputs = outputs;
    this.#orderEvents = new OrderEvents(ledger, orders, outputs);
  }

  /**
   * Gives the events piece by piece, in the shard's outputs, to be taken from there before the next. Nothing may
   * change meanwhile.
   *
   * @param told by the shards before. What another shard owns is told if it was not yet, since this one's rows name it:
   *   the owner, which may be further back, says it again
   * @param asOfUs the time of what may have changed last at any time before
   */
  *tell(told: ToldListings, asOfUs: number): Generator<FrameWriter> {
    const { events } = this.#outputs;
    this.#tellListings(told, asOfUs);
    for (const [accountId, account] of this.#accounts.after(0)) {
      this.#tellAccount(accountId, account, asOfUs);
      for (const moved of account.transfers.values()) {
        this.#outputs.answer(FundsMoved, moved);
        if (events.pendingBytes >= PIECE_BYTES) yield events;
      }
      const orders = this.#orders;
      for (let slot = orders.firstOf(accountId); slot >= 0; slot = orders.following(slot)) {
        if (!this.#orderEvents.isKnown(slot)) continue;
        const market = this.#markets.require(orders.marketId(slot));
        this.#orderEvents.snapshot(slot, market, NO_REQUEST, asOfUs);
        if (events.pendingBytes >= PIECE_BYTES) yield events;
      }
      this.#tellBalances(accountId, asOfUs);
      if (events.pendingBytes >= PIECE_BYTES) yield events;
    }
    if (events.pendingBytes > 0) yield events;
  }

  #tellListings({ assets, markets }: ToldListings, asOfUs: number): void {
    const outputs = this.#outputs;
    const requestId = NO_REQUEST;
    for (const [assetId, { symbol, decimals }] of this.#listings.assets) {
      if (assets.has(assetId) && !this.#listings.ownsAsset(assetId)) continue;
      assets.add(assetId);
      outputs.answer(AssetListed, { requestId, assetId, symbol, decimals, timeUs: UNKNOWN_TIME });
    }
    for (const { spec, book, state, createdAtUs } of this.#markets.values()) {
      const { marketId } = spec;
      if (markets.has(marketId) && book === null) continue;
      markets.add(marketId);
      outputs.answer(MarketListed, { requestId, ...spec, timeUs: createdAtUs });
      outputs.answer(MarketStateChanged, { requestId, marketId, state, timeUs: asOfUs });
    }
  }

  #tellAccount(accountId: number, { name, createdAtUs, apiKeys }: Account, asOfUs: number): void {
    const outputs = this.#outputs;
    const requestId = NO_REQUEST;
    outputs.answer(AccountCreated, { requestId, accountId, name, timeUs: createdAtUs });
    for (const [publicKey, rights] of apiKeys) {
      const key = { requestId, accountId, publicKey };
      outputs.answer(ApiKeyCreated, { ...key, ...rights, timeUs: UNKNOWN_TIME });
      if (rights.permissions === 0) outputs.answer(ApiKeyRevoked, { ...key, timeUs: asOfUs });
    }
  }

  /** Also of an account that never had anything of an asset and asked for it in vain: nothing of it is true. */
  #tellBalances(accountId: number, asOfUs: number): void {
    const ledger = this.#ledger;
    ledger.forEachOf(accountId, (assetId, slot) => {
      this.#outputs.answer(BalanceChanged, {
        accountId,
        assetId,
        availableUnits: ledger.available(slot),
        lockedUnits: ledger.locked(slot),
        timeUs: asOfUs,
      });
    });
  }
}
