import assert from 'node:assert/strict';
import type { MarketSpec } from '../protocol/commands.ts';
import { OrderEventKind, OrderStatus } from '../protocol/enums.ts';
import {
  AccountCreated,
  AllowedAddressesSet,
  ApiKeyCreated,
  ApiKeyRevoked,
  AssetListed,
  BalanceChanged,
  FundsMoved,
  MarketListed,
  MarketStateChanged,
  OrderEvent,
} from '../protocol/events.ts';
import type { FrameReader } from '../protocol/frame-reader.ts';

const OPEN: readonly number[] = [
  OrderStatus.New,
  OrderStatus.PartiallyFilled,
  OrderStatus.TriggerPending,
];

/** What tables have of the present when they are written from a shard's events, in the plainest way. */
export class ToldTables {
  /** By asset id. */
  readonly assets = new Map<number, object>();
  /** Specs with their states, by market id. */
  readonly markets = new Map<number, object>();
  readonly accounts = new Map<number, object>();
  /** By account and public key; null for one that may do nothing, or no more. */
  readonly keys = new Map<string, object | null>();
  readonly transfers = new Map<string, object>();
  /** Available and locked units, by account and asset. */
  readonly balances = new Map<string, readonly [number, number]>();
  /** Open ones, by order id. */
  readonly orders = new Map<number, object>();
  readonly #specOf: (marketId: number) => MarketSpec;

  /** @param specOf of a market that an order names, whoever listed it */
  constructor(specOf: (marketId: number) => MarketSpec) {
    this.#specOf = specOf;
  }

  /** Takes the frame that the reader stands on; asserts that what begins with it was not there before. */
  take(reader: FrameReader): void {
    switch (reader.type) {
      case AssetListed.type: {
        const { assetId, symbol, decimals } = AssetListed.decode(reader, AssetListed.create());
        this.assets.set(assetId, { symbol, decimals });
        break;
      }
      case MarketListed.type: {
        const event = MarketListed.decode(reader, MarketListed.create());
        this.markets.set(event.marketId, { ...event, requestId: 0, state: 0 });
        break;
      }
      case MarketStateChanged.type: {
        const event = MarketStateChanged.decode(reader, MarketStateChanged.create());
        const market = this.markets.get(event.marketId);
        this.markets.set(event.marketId, { ...market, state: event.state });
        break;
      }
      case AccountCreated.type: {
        const event = AccountCreated.decode(reader, AccountCreated.create());
        this.accounts.set(event.accountId, { ...event, requestId: 0 });
        break;
      }
      case ApiKeyCreated.type: {
        const event = ApiKeyCreated.decode(reader, ApiKeyCreated.create());
        const row = event.permissions === 0 ? null : { ...event, requestId: 0, timeUs: 0 };
        this.keys.set(`${event.accountId}:${event.publicKey}`, row);
        break;
      }
      case AllowedAddressesSet.type: {
        const event = AllowedAddressesSet.decode(reader, AllowedAddressesSet.create());
        const { accountId, publicKey, allowedAddresses } = event;
        const key = `${accountId}:${publicKey}`;
        this.keys.set(key, { ...this.keys.get(key), allowedAddresses });
        break;
      }
      case ApiKeyRevoked.type: {
        const { accountId, publicKey } = ApiKeyRevoked.decode(reader, ApiKeyRevoked.create());
        this.keys.set(`${accountId}:${publicKey}`, null);
        break;
      }
      case FundsMoved.type:
        this.#takeTransfer(FundsMoved.decode(reader, FundsMoved.create()));
        break;
      case BalanceChanged.type: {
        const event = BalanceChanged.decode(reader, BalanceChanged.create());
        const { accountId, assetId, availableUnits, lockedUnits } = event;
        this.balances.set(`${accountId}:${assetId}`, [availableUnits, lockedUnits]);
        break;
      }
      case OrderEvent.type:
        this.#takeOrder(OrderEvent.decode(reader, OrderEvent.create()));
    }
  }

  #takeTransfer(event: FundsMoved): void {
    const { accountId, kind, transferId, assetId, availableUnits, lockedUnits } = event;
    const key = `${accountId}:${kind}:${transferId}`;
    assert.ok(!this.transfers.has(key), `transfer ${key} again`);
    this.transfers.set(key, { ...event, requestId: 0 });
    this.balances.set(`${accountId}:${assetId}`, [availableUnits, lockedUnits]);
  }

  #takeOrder(event: OrderEvent): void {
    const { accountId, orderId, kind, status } = event;
    const { baseAssetId, quoteAssetId } = this.#specOf(event.marketId);
    const { baseAvailableUnits, baseLockedUnits, quoteAvailableUnits, quoteLockedUnits } = event;
    this.balances.set(`${accountId}:${baseAssetId}`, [baseAvailableUnits, baseLockedUnits]);
    this.balances.set(`${accountId}:${quoteAssetId}`, [quoteAvailableUnits, quoteLockedUnits]);
    const { Accepted, TriggerPlaced } = OrderEventKind;
    const isFirst = kind === (event.triggerPriceTicks > 0 ? TriggerPlaced : Accepted);
    assert.ok(!isFirst || !this.orders.has(orderId), `order ${orderId} begins again`);
    if (!OPEN.includes(status)) this.orders.delete(orderId);
    else this.orders.set(orderId, rowOf(event));
  }
}

/** What of an order's event its row keeps, but for the time of its last change. */
function rowOf(event: OrderEvent): object {
  const ofTheEvent = { kind: 0, requestId: 0, timeUs: 0, updateId: 0, tradeId: 0, isMaker: false };
  const ofTheFill = { fillPriceTicks: 0, fillLots: 0, feeUnits: 0 };
  const base = { baseAvailableUnits: 0, baseLockedUnits: 0 };
  const quote = { quoteAvailableUnits: 0, quoteLockedUnits: 0 };
  return { ...event, ...ofTheEvent, ...ofTheFill, ...base, ...quote };
}
