import { assert } from '../engine/assert.ts';
import type { MarketSpec } from '../engine/protocol/commands.ts';
import type { Scale } from '../engine/protocol/decimal.ts';
import type { AssetListed, MarketListed } from '../engine/protocol/events.ts';
import type { Body } from '../engine/protocol/message.ts';

interface ListedAsset {
  readonly symbol: string;
  readonly scale: Scale;
  readonly listedAtUs: number;
}

interface ListedMarket {
  readonly spec: MarketSpec;
  readonly priceScale: Scale;
  readonly quantityScale: Scale;
  readonly quoteScale: Scale;
  readonly listedAtUs: number;
  state: number;
  updatedAtUs: number;
  /** Trades of a market come in the order of their ids. */
  lastTradeId: number;
}

/** The assets and markets that the event streams have named so far: what turns integers to decimals. */
export class Listings {
  readonly #assets = new Map<number, ListedAsset>();
  readonly #markets = new Map<number, ListedMarket>();

  addAsset(event: Body<typeof AssetListed>): void {
    this.#assets.set(event.assetId, {
      symbol: event.symbol,
      scale: { decimals: event.decimals, stepUnits: 1 },
      listedAtUs: event.timeUs,
    });
  }

  /** The market's assets must be known. */
  addMarket(event: Body<typeof MarketListed>, state: number): void {
    this.#markets.set(event.marketId, {
      spec: { ...event },
      priceScale: { decimals: event.priceDecimals, stepUnits: event.tickUnits },
      quantityScale: { decimals: event.quantityDecimals, stepUnits: event.lotUnits },
      quoteScale: this.asset(event.quoteAssetId).scale,
      listedAtUs: event.timeUs,
      state,
      updatedAtUs: event.timeUs,
      lastTradeId: 0,
    });
  }

  hasAsset(assetId: number): boolean {
    return this.#assets.has(assetId);
  }

  hasMarket(marketId: number): boolean {
    return this.#markets.has(marketId);
  }

  asset(assetId: number): ListedAsset {
    const asset = this.#assets.get(assetId);
    assert(asset !== undefined, `no asset ${assetId}`);
    return asset;
  }

  market(marketId: number): ListedMarket {
    const market = this.#markets.get(marketId);
    assert(market !== undefined, `no market ${marketId}`);
    return market;
  }
}
