import {
  ListAsset,
  ListMarket,
  type MarketSpec,
  SetMarketState,
} from '../../engine/protocol/commands.ts';
import { OrderBookState } from '../../engine/protocol/enums.ts';
import { MarketListed } from '../../engine/protocol/events.ts';
import { homeShardOfMarket } from '../../engine/protocol/sharding.ts';
import { askShards, partOf } from '../admin/shard-request.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { MarketData } from '../market-data/market-data.ts';
import type { Asset, Registry } from '../registry/registry.ts';
import { contradiction, type ShardListings } from './learn-listings.ts';

/**
 * Ends what a crash cut in half: a listing or a change of state goes to every shard, and some may have
 * kept it and others not. What is listed on one shard is listed on all of them then, and a market's state
 * is the one that its owner has. Whoever asked had no answer, so both ends would be right.
 *
 * @throws StartError when shards know different markets by one id.
 */
export async function completeListings(
  engine: EngineClient,
  registry: Registry,
  marketData: MarketData,
  shards: readonly ShardListings[],
): Promise<void> {
  for (const asset of registry.assets) await completeAsset(engine, asset, shards);
  const specs = allSpecs(shards);
  for (const spec of specs) {
    const createdAtUs = await completeMarket(engine, spec, shards);
    // Only the owner's word makes a market, and this owner had not heard of it.
    if (createdAtUs !== null) marketData.onMarketListed(registry.addMarket(spec, createdAtUs));
    await completeState(engine, registry.market(spec.marketId).state, spec, shards);
  }
}

async function completeAsset(
  engine: EngineClient,
  { assetId, symbol, scale }: Asset,
  shards: readonly ShardListings[],
): Promise<void> {
  for (const [shard, { assetIds }] of shards.entries()) {
    if (assetIds.has(assetId)) continue;
    const command = { requestId: 0, assetId, symbol, decimals: scale.decimals };
    await askShards(engine, ListAsset, command, shard);
  }
}

/** Every market that some shard knows, by id. */
function allSpecs(shards: readonly ShardListings[]): MarketSpec[] {
  const specs = new Map<number, MarketSpec>();
  for (const { markets } of shards) {
    for (const [marketId, { spec }] of markets) {
      const other = specs.get(marketId) ?? spec;
      if (JSON.stringify(other) !== JSON.stringify(spec)) {
        throw contradiction([`market ${other.symbol}`]);
      }
      specs.set(marketId, spec);
    }
  }
  return [...specs.values()].sort((a, b) => a.marketId - b.marketId);
}

/** Lists the market where it is not; answers its time when its owner was one of those shards, else null. */
async function completeMarket(
  engine: EngineClient,
  spec: MarketSpec,
  shards: readonly ShardListings[],
): Promise<number | null> {
  const owner = homeShardOfMarket(spec.marketId, engine.shardCount);
  let createdAtUs: number | null = null;
  for (const [shard, { markets }] of shards.entries()) {
    if (markets.has(spec.marketId)) continue;
    const parts = await askShards(engine, ListMarket, { requestId: 0, ...spec }, shard);
    if (shard === owner) createdAtUs = partOf(parts, MarketListed).timeUs;
  }
  return createdAtUs;
}

async function completeState(
  engine: EngineClient,
  state: OrderBookState,
  { marketId }: MarketSpec,
  shards: readonly ShardListings[],
): Promise<void> {
  for (const [shard, { markets }] of shards.entries()) {
    const known = markets.get(marketId)?.state ?? OrderBookState.Open;
    if (known === state) continue;
    await askShards(engine, SetMarketState, { requestId: 0, marketId, state }, shard);
  }
}
