import assert from 'node:assert/strict';
import type { Random } from '../../engine/collections/random.ts';
import {
  CancelAllOrders,
  CancelOrder,
  CreateAccount,
  CreateApiKey,
  DepthHeartbeat,
  ListAsset,
  ListMarket,
  type MarketSpec,
  MoveFunds,
  PlaceOrder,
  ReplaceOrder,
  RevokeApiKey,
  SetMarketState,
} from '../../engine/protocol/commands.ts';
import type { OrderBookState } from '../../engine/protocol/enums.ts';
import { MarketListed } from '../../engine/protocol/events.ts';
import { homeShardOfAccount, homeShardOfMarket } from '../../engine/protocol/sharding.ts';
import type { Topology } from '../../engine/ring/topology.ts';
import { ALL_SHARDS, partOf } from '../admin/shard-request.ts';
import { ApiKeys } from '../auth/api-keys.ts';
import { EngineClient } from '../engine/engine-client.ts';
import type { EngineListener } from '../engine/event-loop.ts';
import { RecordingFanOut } from '../market-data/market.fixture.ts';
import { MarketData } from '../market-data/market-data.ts';
import { SOL_USDC } from '../orders/venue.fixture.ts';
import { AccountDirectory } from '../registry/account-directory.ts';
import { Registry } from '../registry/registry.ts';
import { completeListings } from './complete-listings.ts';
import { learnAccounts } from './learn-accounts.ts';
import { learnBooks } from './learn-books.ts';
import { learnListings } from './learn-listings.ts';

export const IGNORES_EVENTS: EngineListener = {
  onAssetListed() {},
  onMarketListed() {},
  onMarketStateChanged() {},
  onAccountCreated() {},
  onApiKeyCreated() {},
  onApiKeyRevoked() {},
  onAllowedAddressesSet() {},
  onFundsMoved() {},
  onBalanceChanged() {},
  onOrderEvent() {},
  onTrade() {},
  onBookDelta() {},
  onBatchEnd() {},
};

/** A gateway without sockets and without a database. */
export class TestGateway {
  readonly registry = new Registry();
  readonly accounts = new AccountDirectory();
  readonly apiKeys = new ApiKeys();
  readonly fanOut = new RecordingFanOut();
  readonly marketData: MarketData;
  readonly engine: EngineClient;
  /** Of the placed orders. */
  readonly requestIds: number[] = [];
  /** Client ids of placed orders that were answered, and with whose. */
  readonly answers: (readonly [asked: number, answered: number | null])[] = [];

  private constructor(topology: Topology, hears: Partial<EngineListener> = {}) {
    const { registry, fanOut, accounts, apiKeys } = this;
    this.marketData = new MarketData({ registry, fanOut, nowUs: () => 0 });
    this.engine = new EngineClient(topology, {
      ...IGNORES_EVENTS,
      onAccountCreated: (event) => accounts.add(event.accountId, event.name),
      onApiKeyCreated: (event) => apiKeys.add(event),
      onApiKeyRevoked: (event) => apiKeys.revoke(event.publicKey),
      onAllowedAddressesSet: (event) => apiKeys.setAllowedAddresses(event),
      onTrade: (event) => this.marketData.onTrade(event),
      onBookDelta: (event) => this.marketData.onBookDelta(event),
      ...hears,
    });
  }

  /** One that hears every event from the first on, and asks nothing: it reads the persistence thread's rings. */
  static listen(topology: Topology): TestGateway {
    const { shardToPersistence: shardToGateway, persistenceBell: gatewayBell } = topology;
    const gateway: TestGateway = new TestGateway(
      { ...topology, shardToGateway, gatewayBell },
      {
        onAssetListed: (event) => {
          gateway.registry.addAsset(event.assetId, event.symbol, event.decimals);
        },
        onMarketListed: ({ requestId: _, timeUs, ...spec }) => {
          gateway.marketData.onMarketListed(gateway.registry.addMarket(spec, timeUs));
        },
        onMarketStateChanged: ({ marketId, state }) => {
          gateway.registry.market(marketId).state = state as OrderBookState;
        },
      },
    );
    gateway.engine.start();
    return gateway;
  }

  /**
   * One that has heard nothing and asks the shards.
   *
   * @param meanwhile sends something that the shards take right after they were asked
   */
  static async learn(
    topology: Topology,
    meanwhile: (engine: EngineClient) => void = () => {},
  ): Promise<TestGateway> {
    const gateway = new TestGateway(topology);
    gateway.engine.start(true);
    try {
      await gateway.#learn(meanwhile);
    } catch (error) {
      await gateway.engine.stop();
      throw error;
    }
    return gateway;
  }

  async listAsset(assetId: number, symbol: string): Promise<void> {
    await this.engine.request(ListAsset, assetListing(assetId, symbol), ALL_SHARDS);
    this.registry.addAsset(assetId, symbol, 9);
  }

  async listMarket(marketId: number): Promise<void> {
    const spec = marketSpec(marketId);
    const parts = await this.engine.request(ListMarket, { requestId: 0, ...spec }, ALL_SHARDS);
    const { timeUs } = partOf(parts, MarketListed);
    this.marketData.onMarketListed(this.registry.addMarket(spec, timeUs));
  }

  async #learn(meanwhile: (engine: EngineClient) => void): Promise<void> {
    const { engine, registry, marketData, accounts, apiKeys } = this;
    const listings = learnListings(engine, registry, marketData);
    meanwhile(engine);
    const { shards, standings } = await listings;
    await completeListings(engine, registry, marketData, shards);
    const books = learnBooks(engine, marketData, standings.keys());
    meanwhile(engine);
    await books;
    await learnAccounts(engine, accounts, apiKeys);
    for (const marketId of standings.keys()) marketData.onPastLearnt(marketId, null);
  }

  async setMarketState(marketId: number, state: OrderBookState): Promise<void> {
    await this.engine.request(SetMarketState, { requestId: 0, marketId, state }, ALL_SHARDS);
    this.registry.market(marketId).state = state;
  }

  async revokeKey(publicKey: string): Promise<void> {
    const { accountId } = this.apiKeys.get(publicKey)!;
    const shard = homeShardOfAccount(accountId, this.engine.shardCount);
    await this.engine.request(RevokeApiKey, { requestId: 0, accountId, publicKey }, shard);
  }

  /** An account with ample funds of assets 1 and 2, and a key. */
  async addTrader(publicKey: string): Promise<number> {
    const accountId = this.accounts.nextId;
    const shard = homeShardOfAccount(accountId, this.engine.shardCount);
    const name = `trader ${accountId}`;
    await this.engine.request(CreateAccount, { requestId: 0, accountId, name }, shard);
    for (const assetId of [1, 2]) {
      const funds = { kind: 0, accountId, assetId, amountUnits: 1e15 };
      const body = { ...MoveFunds.create(), ...funds, transferId: `first ${assetId}` };
      await this.engine.request(MoveFunds, body, shard);
    }
    const allowedAddresses = `10.0.${accountId}.0/24`;
    const key = { requestId: 0, accountId, publicKey, permissions: 3, allowedAddresses };
    await this.engine.request(CreateApiKey, key, shard);
    return accountId;
  }

  /** Sends a random command of a random account; its answer goes into `answers` if it places an order. */
  sendRandom(random: Random, clientId: number): void {
    const accountId = 1 + random.below(this.accounts.count);
    const marketId = 1 + random.below(this.registry.markets.length);
    const dice = random.below(100);
    const priceTicks = 1_000 + random.below(40);
    const nothing = { answered() {}, refused() {} };
    const reference = { accountId, marketId, clientId: 1 + random.below(clientId) };
    if (dice < 2) {
      const all = { ...CancelAllOrders.create(), accountId, marketId };
      const shard = homeShardOfAccount(accountId, this.engine.shardCount);
      void this.engine.request(CancelAllOrders, all, shard, true);
    } else if (dice < 5) {
      const shard = homeShardOfMarket(marketId, this.engine.shardCount);
      this.engine.tell(DepthHeartbeat, { marketId }, shard);
    } else if (dice < 20) {
      this.engine.sendOrder(CancelOrder, { ...CancelOrder.create(), ...reference }, nothing);
    } else if (dice < 30) {
      const terms = { ...reference, priceTicks, quantityLots: 1 + random.below(50) };
      this.engine.sendOrder(ReplaceOrder, { ...ReplaceOrder.create(), ...terms }, nothing);
    } else {
      const order = PlaceOrder.create();
      Object.assign(order, { accountId, marketId, clientId, priceTicks });
      order.side = random.below(2);
      order.timeInForce = random.below(5) === 0 ? 1 : 0;
      order.selfTradePrevention = random.below(4);
      order.quantityLots = 1 + random.below(30);
      if (random.below(15) === 0) order.triggerPriceTicks = 1_000 + random.below(40);
      this.engine.sendOrder(PlaceOrder, order, {
        answered: (event) => this.answers.push([clientId, event.clientId]),
        refused: () => this.answers.push([clientId, clientId]),
      });
      this.requestIds.push(order.requestId);
    }
  }
}

export function assetListing(assetId: number, symbol: string) {
  return { requestId: 0, assetId, symbol, decimals: 9 };
}

export function marketSpec(marketId: number): MarketSpec {
  return { ...SOL_USDC, marketId, symbol: `MARKET_${marketId}`, takerFeeBps: marketId };
}

/** Asserts that two gateways would tell a client the same, the holders of these keys among them. */
export function assertSame(
  left: TestGateway,
  right: TestGateway,
  publicKeys: readonly string[],
): void {
  assert.deepEqual(left.registry.assets, right.registry.assets);
  assert.deepEqual(left.registry.markets, right.registry.markets);
  for (const { marketId, symbol } of left.registry.markets) {
    const [one, other] = [left, right].map(({ marketData }) => {
      const { updateId, bids, asks } = marketData.book(marketId);
      const lastPriceTicks = marketData.lastPriceTicks(marketId);
      return { updateId, lastPriceTicks, bids: bids.best(1e6), asks: asks.best(1e6) };
    });
    assert.deepEqual(one, other, symbol);
  }
  assert.equal(left.accounts.count, right.accounts.count);
  for (let accountId = 1; accountId < left.accounts.nextId; accountId++) {
    const name = `trader ${accountId}`;
    assert.equal(left.accounts.idOf(name), right.accounts.idOf(name));
  }
  assert.equal(left.apiKeys.size, right.apiKeys.size);
  for (const publicKey of publicKeys) {
    const [one, other] = [left, right].map(({ apiKeys }) => {
      const { accountId, permissions, allowedAddresses } = apiKeys.get(publicKey) ?? {};
      const rights = { accountId, permissions, allowedAddresses: allowedAddresses?.text };
      return { ...rights, isRevoked: apiKeys.isRevoked(publicKey) };
    });
    assert.deepEqual(one, other);
  }
}

/** Asserts that what a gateway published on each stream is the end of what another, older one did. */
export function assertPublishedEnd(gateway: TestGateway, witness: TestGateway): void {
  const streams = new Set(witness.fanOut.frames.map(({ stream }) => stream));
  for (const stream of streams) {
    const [late, all] = [gateway, witness].map(({ fanOut }) =>
      fanOut.frames.filter((frame) => frame.stream === stream).map(({ frame }) => frame),
    );
    assert.ok(late!.length > 0 && late!.length < all!.length, `${stream} was published`);
    assert.deepEqual(late, all!.slice(-late!.length), stream);
  }
}
