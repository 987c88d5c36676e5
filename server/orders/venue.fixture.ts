import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  CreateAccount,
  CreateApiKey,
  ListAsset,
  ListMarket,
  MoveFunds,
  RevokeApiKey,
  StopShard,
} from '../../engine/protocol/commands.ts';
import { Permission, TransferKind } from '../../engine/protocol/enums.ts';
import type { Body } from '../../engine/protocol/message.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import { allocateTopology, DEFAULT_RING_SIZES } from '../../engine/ring/topology.ts';
import { type ShardPool, startShards } from '../../engine/shard/shard-pool.ts';
import { ApiKeys } from '../auth/api-keys.ts';
import { EngineClient } from '../engine/engine-client.ts';
import type { EngineListener } from '../engine/event-loop.ts';
import { Registry } from '../registry/registry.ts';
import { OrderGateway } from './order-gateway.ts';

/** SOL_USDC: tick 0.01, step 0.01; SOL has 9 decimals, USDC 6; fees 2 and 5 basis points. */
export const SOL_USDC: Omit<Body<typeof ListMarket>, 'requestId'> = {
  marketId: 1,
  symbol: 'SOL_USDC',
  baseAssetId: 1,
  quoteAssetId: 2,
  priceDecimals: 2,
  tickUnits: 1,
  quantityDecimals: 2,
  lotUnits: 1,
  baseUnitsPerLot: 10_000_000,
  quoteUnitsPerTickLot: 100,
  minPriceTicks: 1,
  maxPriceTicks: 10_000_000,
  minQuantityLots: 1,
  maxQuantityLots: 1_000_000,
  makerFeeBps: 2,
  takerFeeBps: 5,
  minNotionalUnits: 0,
  priceBandBps: 0,
};

/** ETH_USDC: tick 0.05, step 0.002. */
export const ETH_USDC: Omit<Body<typeof ListMarket>, 'requestId'> = {
  ...SOL_USDC,
  marketId: 2,
  symbol: 'ETH_USDC',
  baseAssetId: 3,
  tickUnits: 5,
  quantityDecimals: 3,
  lotUnits: 2,
  baseUnitsPerLot: 2_000_000,
  quoteUnitsPerTickLot: 100,
};

/** A registry with both markets, for tests that need no engine. */
export function listedRegistry(): Registry {
  const registry = new Registry();
  registry.addAsset(1, 'SOL', 9);
  registry.addAsset(2, 'USDC', 6);
  registry.addAsset(3, 'ETH', 9);
  registry.addMarket(SOL_USDC, 0);
  registry.addMarket(ETH_USDC, 0);
  return registry;
}

/** A client's key pair, signing as the API asks. */
export class Signer {
  readonly apiKey: string;
  readonly #privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.apiKey = publicKey
      .export({ format: 'der', type: 'spki' })
      .subarray(-32)
      .toString('base64');
    this.#privateKey = privateKey;
  }

  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#privateKey).toString('base64');
  }

  /** The `signature` member of a login or a private subscription. */
  frameSignature(timestampMs = Date.now(), window = '5000'): [string, string, string, string] {
    const text = `instruction=subscribe&timestamp=${timestampMs}&window=${window}`;
    return [this.apiKey, this.sign(text), String(timestampMs), window];
  }
}

/** Shards on real threads behind a real engine client, both markets listed. */
export class TestVenue {
  readonly registry = new Registry();
  readonly keys = new ApiKeys();
  readonly engine: EngineClient;
  readonly gateway: OrderGateway;
  /** Replaced by tests that want to hear the engine too. */
  listener: Partial<EngineListener> = {};
  referenceTicks = 0;
  readonly #shards: ShardPool;
  #accountCount = 0;

  private constructor(shardCount: number, ringSizes: typeof DEFAULT_RING_SIZES) {
    const topology = allocateTopology(shardCount, ringSizes);
    this.engine = new EngineClient(topology, this.#makeListener());
    this.gateway = new OrderGateway(this.engine, this.registry, {
      referencePriceTicks: () => this.referenceTicks,
    });
    this.#shards = startShards(topology);
    this.engine.start();
  }

  static async open(shardCount = 1, ringSizes = DEFAULT_RING_SIZES): Promise<TestVenue> {
    const venue = new TestVenue(shardCount, ringSizes);
    const { engine } = venue;
    for (const [assetId, symbol, decimals] of [
      [1, 'SOL', 9],
      [2, 'USDC', 6],
      [3, 'ETH', 9],
    ] as const) {
      await engine.request(ListAsset, { requestId: 0, assetId, symbol, decimals }, -1);
    }
    await engine.request(ListMarket, { requestId: 0, ...SOL_USDC }, -1);
    await engine.request(ListMarket, { requestId: 0, ...ETH_USDC }, -1);
    return venue;
  }

  /** An account with 1,000,000 USDC, 1,000 SOL and 1,000 ETH, and a key to it. */
  async addTrader(permissions = Permission.Read | Permission.Trade): Promise<Trader> {
    const accountId = ++this.#accountCount;
    const shard = homeShardOfAccount(accountId, this.engine.shardCount);
    const name = `trader ${accountId}`;
    await this.engine.request(CreateAccount, { requestId: 0, accountId, name }, shard);
    const amounts = [
      [1, 1_000_000_000_000],
      [2, 1_000_000_000_000],
      [3, 1_000_000_000_000],
    ] as const;
    for (const [assetId, amountUnits] of amounts) {
      const body = { requestId: 0, kind: TransferKind.Deposit, accountId, assetId, amountUnits };
      await this.engine.request(MoveFunds, { ...body, transferId: `funding ${assetId}` }, shard);
    }
    return this.addKey(accountId, permissions);
  }

  /** A key more to an account. */
  async addKey(accountId: number, permissions: number, allowedAddresses = ''): Promise<Trader> {
    const signer = new Signer();
    const shard = homeShardOfAccount(accountId, this.engine.shardCount);
    const publicKey = signer.apiKey;
    const key = { requestId: 0, accountId, publicKey, permissions, allowedAddresses };
    await this.engine.request(CreateApiKey, key, shard);
    return { accountId, signer };
  }

  async revokeKey({ accountId, signer }: Trader): Promise<void> {
    const shard = homeShardOfAccount(accountId, this.engine.shardCount);
    const body = { requestId: 0, accountId, publicKey: signer.apiKey };
    await this.engine.request(RevokeApiKey, body, shard);
  }

  async close(): Promise<void> {
    for (let shard = 0; shard < this.engine.shardCount; shard++) {
      this.engine.tell(StopShard, {}, shard);
    }
    await Promise.all(this.#shards.stopped);
    await this.engine.stop();
    await this.#shards.close();
  }

  #makeListener(): EngineListener {
    return {
      onAssetListed: ({ assetId, symbol, decimals }) => {
        this.registry.addAsset(assetId, symbol, decimals);
      },
      onMarketListed: (event) => {
        this.registry.addMarket({ ...event }, event.timeUs);
      },
      onMarketStateChanged: ({ marketId, state }) => {
        this.registry.market(marketId).state = state as never;
      },
      onAccountCreated: () => {},
      onApiKeyCreated: (event) => this.keys.add(event),
      onApiKeyRevoked: (event) => {
        this.keys.revoke(event.publicKey);
        this.listener.onApiKeyRevoked?.(event);
      },
      onAllowedAddressesSet: (event) => {
        this.keys.setAllowedAddresses(event);
        this.listener.onAllowedAddressesSet?.(event);
      },
      onFundsMoved: (event) => this.listener.onFundsMoved?.(event),
      onBalanceChanged: (event) => this.listener.onBalanceChanged?.(event),
      onOrderEvent: (event) => this.listener.onOrderEvent?.(event),
      onTrade: () => {},
      onBookDelta: () => {},
      onBatchEnd: () => this.listener.onBatchEnd?.(),
    };
  }
}

export interface Trader {
  readonly accountId: number;
  readonly signer: Signer;
}
