import {
  ExpiryReason,
  OrderBookState,
  OrderEventKind,
  OrderStatus,
  OrderType,
  SelfTradePrevention,
  Side,
  TransferKind,
} from '../../engine/protocol/enums.ts';
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
  MatchPrevented,
  OrderEvent,
  Trade,
} from '../../engine/protocol/events.ts';
import type { Body } from '../../engine/protocol/message.ts';
import { type EventFeed, START_US } from './event-feed.ts';
import { Random } from './random.ts';

const ASSETS = 5;
const MARKETS = 4;
const ACCOUNTS = 12;
/** Few enough that an account uses one again. */
const CLIENT_IDS = 20;

type Order = Partial<Body<typeof OrderEvent>> & { orderId: number; marketId: number };

/**
 * Feeds events of every recorded type, over all shards, markets of different scales among them. The same
 * seed and number of shards give the same history, in whatever steps it is recorded.
 */
export class RandomHistory {
  readonly #feed: EventFeed;
  readonly #random: Random;
  readonly #shards: number;
  readonly #longestPauseUs: number;
  #timeUs = START_US;
  #count = 0;
  #orders = 0;
  readonly #open: Order[] = [];
  readonly #trades = Array.from({ length: MARKETS + 1 }, () => 0);
  readonly #assetDecimals: number[] = [];

  /** @param longestPauseUs between two steps; one in twenty waits up to that long */
  constructor(feed: EventFeed, seed: number, longestPauseUs = 2e9) {
    this.#longestPauseUs = longestPauseUs;
    this.#feed = feed;
    this.#random = new Random(seed);
    this.#shards = feed.sequences.length;
  }

  /** Records the listings first, then `steps` steps of one to four events. */
  record(steps: number): void {
    if (this.#assetDecimals.length === 0) this.#recordListings();
    for (let step = 0; step < steps; step++) {
      this.#count++;
      this.#timeUs += this.#random.below(this.#random.below(20) === 0 ? this.#longestPauseUs : 2e5);
      this.#recordStep();
    }
  }

  #recordListings(): void {
    const timeUs = this.#timeUs;
    for (let assetId = 1; assetId <= ASSETS; assetId++) {
      const decimals = 2 + this.#random.below(7);
      this.#assetDecimals[assetId] = decimals;
      const asset = { assetId, symbol: `ASSET${assetId}`, decimals, timeUs };
      this.#feed.record(assetId % this.#shards, AssetListed, asset);
    }
    for (let marketId = 1; marketId <= MARKETS; marketId++) this.#listMarket(marketId);
    for (let accountId = 1; accountId <= ACCOUNTS; accountId++) {
      const account = { accountId, name: `account ${accountId}`, timeUs };
      this.#feed.record(accountId % this.#shards, AccountCreated, account);
    }
  }

  #listMarket(marketId: number): void {
    const random = this.#random;
    const baseAssetId = marketId;
    const quoteAssetId = marketId + 1;
    const quantityDecimals = random.below(Math.min(2, this.#assetDecimals[baseAssetId]!) + 1);
    const priceDecimals = random.below(this.#assetDecimals[quoteAssetId]! - quantityDecimals + 1);
    const tickUnits = [1, 5, 25][random.below(3)]!;
    const lotUnits = [1, 2, 10][random.below(3)]!;
    const quoteDecimals = this.#assetDecimals[quoteAssetId]!;
    this.#feed.record(marketId % this.#shards, MarketListed, {
      ...{ marketId, symbol: `MARKET${marketId}`, baseAssetId, quoteAssetId },
      ...{ priceDecimals, tickUnits, quantityDecimals, lotUnits },
      baseUnitsPerLot: lotUnits * 10 ** (this.#assetDecimals[baseAssetId]! - quantityDecimals),
      quoteUnitsPerTickLot:
        tickUnits * lotUnits * 10 ** (quoteDecimals - priceDecimals - quantityDecimals),
      ...{ minPriceTicks: 1, maxPriceTicks: 1_000_000, minQuantityLots: 1, maxQuantityLots: 5000 },
      ...{ makerFeeBps: random.below(20), takerFeeBps: random.below(30) },
      ...{ minNotionalUnits: random.below(1000), priceBandBps: random.below(5000) },
      timeUs: this.#timeUs,
    });
  }

  #recordStep(): void {
    const draw = this.#random.below(100);
    if (draw < 2) this.#changeMarketState();
    else if (draw < 6) this.#changeKeys();
    else if (draw < 14) this.#moveFunds();
    else if (draw < 18) this.#changeBalance();
    else if (draw < 22) this.#preventMatch();
    else if (draw < 62 || this.#open.length === 0) this.#placeOrder();
    else if (draw < 80) this.#trade();
    else this.#endOrder();
  }

  #changeMarketState(): void {
    const marketId = 1 + this.#random.below(MARKETS);
    const state = this.#random.below(2) === 0 ? OrderBookState.Open : OrderBookState.PostOnly;
    const change = { marketId, state, timeUs: this.#timeUs };
    this.#feed.record(marketId % this.#shards, MarketStateChanged, change);
  }

  #changeKeys(): void {
    const accountId = this.#account();
    const shard = accountId % this.#shards;
    const publicKey = `key ${this.#count}`;
    const timeUs = this.#timeUs;
    this.#feed.record(shard, ApiKeyCreated, { accountId, publicKey, permissions: 3, timeUs });
    if (this.#random.below(2) === 0) {
      const allowedAddresses = `10.0.0.0/${this.#random.below(33)}`;
      this.#feed.record(shard, AllowedAddressesSet, {
        ...{ accountId, publicKey, allowedAddresses, timeUs },
      });
    }
    if (this.#random.below(3) > 0) return;
    this.#feed.record(shard, ApiKeyRevoked, { accountId, publicKey, timeUs: timeUs + 1 });
  }

  #moveFunds(): void {
    const accountId = this.#account();
    this.#feed.record(accountId % this.#shards, FundsMoved, {
      kind: this.#random.below(4) === 0 ? TransferKind.Withdrawal : TransferKind.Deposit,
      ...{ accountId, transferId: `transfer ${this.#count}` },
      assetId: 1 + this.#random.below(ASSETS),
      amountUnits: this.#random.below(2 ** 31),
      ...{ availableUnits: this.#units(), lockedUnits: this.#units(), timeUs: this.#timeUs },
    });
  }

  #changeBalance(): void {
    const accountId = this.#account();
    this.#feed.record(accountId % this.#shards, BalanceChanged, {
      ...{ accountId, assetId: 1 + this.#random.below(ASSETS) },
      ...{ availableUnits: this.#units(), lockedUnits: this.#units(), timeUs: this.#timeUs },
    });
  }

  #preventMatch(): void {
    const marketId = 1 + this.#random.below(MARKETS);
    this.#feed.record(marketId % this.#shards, MatchPrevented, {
      ...{ marketId, accountId: this.#account(), makerOrderId: this.#count },
      ...{ takerOrderId: this.#count + 1, mode: SelfTradePrevention.RejectMaker },
      ...{ priceTicks: this.#ticks(), quantityLots: this.#lots(), timeUs: this.#timeUs },
    });
  }

  #placeOrder(marketId = 1 + this.#random.below(MARKETS)): void {
    const random = this.#random;
    const isMarketOrder = random.below(8) === 0;
    const order: Order = {
      ...{ accountId: this.#account(), marketId, orderId: ++this.#orders },
      clientId: random.below(2) === 0 ? null : this.#count % CLIENT_IDS,
      side: random.below(2),
      orderType: isMarketOrder ? OrderType.Market : OrderType.Limit,
      priceTicks: this.#ticks(),
      quantityLots: this.#lots(),
      quoteBudgetUnits: isMarketOrder ? random.below(1e9) : 0,
      createdAtUs: this.#timeUs,
      status: OrderStatus.New,
    };
    const isStop = random.below(10) === 0;
    if (isStop) Object.assign(order, { triggerPriceTicks: 5, status: OrderStatus.TriggerPending });
    this.#tell(order, isStop ? OrderEventKind.TriggerPlaced : OrderEventKind.Accepted);
    this.#open.push(order);
  }

  #trade(): void {
    const maker = this.#takeOpen();
    const { marketId } = maker;
    this.#placeOrder(marketId);
    const taker = this.#open.pop()!;
    const tradeId = ++this.#trades[marketId]!;
    const fill = { tradeId, fillPriceTicks: this.#ticks(), fillLots: this.#lots() };
    for (const order of [maker, taker]) {
      order.status = OrderStatus.PartiallyFilled;
      this.#tell({ ...order, ...fill, executedLots: fill.fillLots }, OrderEventKind.Fill);
      if (this.#random.below(3) > 0) this.#open.push(order);
    }
    this.#feed.record(marketId % this.#shards, Trade, {
      ...{ marketId, tradeId, priceTicks: fill.fillPriceTicks, quantityLots: fill.fillLots },
      ...{ takerSide: Side.Ask, makerOrderId: maker.orderId, takerOrderId: taker.orderId },
      timeUs: this.#timeUs,
    });
  }

  #endOrder(): void {
    const order = this.#takeOpen();
    const isExpiry = this.#random.below(2) === 0;
    const status = isExpiry ? OrderStatus.Expired : OrderStatus.Cancelled;
    const expiryReason = isExpiry ? ExpiryReason.InsufficientLiquidity : ExpiryReason.None;
    const kind = isExpiry ? OrderEventKind.Expired : OrderEventKind.Cancelled;
    this.#tell({ ...order, status, expiryReason }, kind);
  }

  #tell(order: Order, kind: number): void {
    const balances = {
      ...{ baseAvailableUnits: this.#units(), baseLockedUnits: this.#units() },
      ...{ quoteAvailableUnits: this.#units(), quoteLockedUnits: this.#units() },
    };
    const event = { ...order, ...balances, kind, timeUs: this.#timeUs };
    this.#feed.record(order.accountId! % this.#shards, OrderEvent, event);
  }

  #takeOpen(): Order {
    return this.#open.splice(this.#random.below(this.#open.length), 1)[0]!;
  }

  #account(): number {
    return 1 + this.#random.below(ACCOUNTS);
  }

  #units(): number {
    return this.#random.below(2 ** 31) * 1000;
  }

  #ticks(): number {
    return 1 + this.#random.below(100_000);
  }

  #lots(): number {
    return 1 + this.#random.below(5000);
  }
}
