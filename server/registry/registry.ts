import { assert } from '../../engine/assert.ts';
import type { MarketSpec } from '../../engine/protocol/commands.ts';
import type { Scale } from '../../engine/protocol/decimal.ts';
import { OrderBookState } from '../../engine/protocol/enums.ts';

export interface Asset {
  readonly assetId: number;
  readonly symbol: string;
  /** An amount's scale: units of 10^-decimals. */
  readonly scale: Scale;
}

export interface Market {
  readonly marketId: number;
  readonly symbol: string;
  readonly spec: MarketSpec;
  readonly base: Asset;
  readonly quote: Asset;
  readonly priceScale: Scale;
  readonly quantityScale: Scale;
  readonly createdAtUs: number;
  state: OrderBookState;
}

/** The gateway's view of what is listed, built from what the shards say alone. Lists go by id. */
export class Registry {
  readonly #assetsById = new Map<number, Asset>();
  readonly #assetsBySymbol = new Map<string, Asset>();
  readonly #marketsById = new Map<number, Market>();
  readonly #marketsBySymbol = new Map<string, Market>();
  /** In order of id: shards with a history tell of their markets in any order. */
  readonly #assets: Asset[] = [];
  readonly #markets: Market[] = [];

  addAsset(assetId: number, symbol: string, decimals: number): Asset {
    assert(!this.#assetsBySymbol.has(symbol), `asset ${symbol} listed twice`);
    const asset = { assetId, symbol, scale: { decimals, stepUnits: 1 } };
    this.#assetsById.set(assetId, asset);
    this.#assetsBySymbol.set(symbol, asset);
    this.#assets.push(asset);
    this.#assets.sort((a, b) => a.assetId - b.assetId);
    return asset;
  }

  addMarket(spec: MarketSpec, createdAtUs: number): Market {
    assert(!this.#marketsBySymbol.has(spec.symbol), `market ${spec.symbol} listed twice`);
    const market = {
      marketId: spec.marketId,
      symbol: spec.symbol,
      spec,
      base: this.asset(spec.baseAssetId),
      quote: this.asset(spec.quoteAssetId),
      priceScale: { decimals: spec.priceDecimals, stepUnits: spec.tickUnits },
      quantityScale: { decimals: spec.quantityDecimals, stepUnits: spec.lotUnits },
      createdAtUs,
      state: OrderBookState.Open,
    };
    this.#marketsById.set(spec.marketId, market);
    this.#marketsBySymbol.set(spec.symbol, market);
    this.#markets.push(market);
    this.#markets.sort((a, b) => a.marketId - b.marketId);
    return market;
  }

  /** The asset of an id that came from a shard, so it exists. */
  asset(assetId: number): Asset {
    const asset = this.#assetsById.get(assetId);
    assert(asset !== undefined, `no asset ${assetId}`);
    return asset;
  }

  /** The market of an id that came from a shard, so it exists. */
  market(marketId: number): Market {
    const market = this.#marketsById.get(marketId);
    assert(market !== undefined, `no market ${marketId}`);
    return market;
  }

  hasAsset(assetId: number): boolean {
    return this.#assetsById.has(assetId);
  }

  hasMarket(marketId: number): boolean {
    return this.#marketsById.has(marketId);
  }

  assetBySymbol(symbol: string): Asset | undefined {
    return this.#assetsBySymbol.get(symbol);
  }

  marketBySymbol(symbol: string): Market | undefined {
    return this.#marketsBySymbol.get(symbol);
  }

  get assets(): readonly Asset[] {
    return this.#assets;
  }

  get markets(): readonly Market[] {
    return this.#markets;
  }

  /** Ids are dense from 1. */
  get nextAssetId(): number {
    return (this.#assets.at(-1)?.assetId ?? 0) + 1;
  }

  get nextMarketId(): number {
    return (this.#markets.at(-1)?.marketId ?? 0) + 1;
  }
}
