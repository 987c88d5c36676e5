import { DescribeState, type MarketSpec } from '../../engine/protocol/commands.ts';
import {
  AssetDescribed,
  KillSwitchDescribed,
  type MarketDescribed,
  ShardDescribed,
} from '../../engine/protocol/descriptions.ts';
import type { OrderBookState } from '../../engine/protocol/enums.ts';
import type { Body } from '../../engine/protocol/message.ts';
import { homeShardOfMarket } from '../../engine/protocol/sharding.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { AnswerPart } from '../engine/pending-requests.ts';
import type { MarketData } from '../market-data/market-data.ts';
import type { MarketStanding } from '../market-data/trade-figures.ts';
import type { Registry } from '../registry/registry.ts';
import { StartError } from '../start-error.ts';

/** A market as a shard knows it. */
export interface KnownMarket {
  readonly spec: MarketSpec;
  readonly state: OrderBookState;
}

/** What one shard knows of what is listed. */
export interface ShardListings {
  /** Of its last recorded event. */
  eventSequence: number;
  readonly assetIds: Set<number>;
  readonly markets: Map<number, KnownMarket>;
}

/** Hears of a latch of the kill switch that a shard has. */
export type LearnLatch = (latch: Body<typeof KillSwitchDescribed>, shard: number) => void;

/** What all shards together know. */
export interface Listings {
  readonly shards: readonly ShardListings[];
  /** By id: where the streams of each market stood when its owner told of it. */
  readonly standings: ReadonlyMap<number, MarketStanding>;
}

/**
 * Asks every shard what is listed and enters it: the assets, and each market as its owner knows it, with its
 * events from then on. Requests are numbered beyond all that any gateway before this one can have sent.
 *
 * @throws StartError when the shards' memories contradict each other.
 */
export async function learnListings(
  engine: EngineClient,
  registry: Registry,
  marketData: MarketData,
  learnLatch: LearnLatch = () => {},
): Promise<Listings> {
  const shards = Array.from({ length: engine.shardCount }, (): ShardListings => {
    return { eventSequence: 0, assetIds: new Set(), markets: new Map() };
  });
  const standings = new Map<number, MarketStanding>();
  const contradictions: string[] = [];
  let timeUs = 0;

  function onAsset({ assetId, symbol, decimals }: Body<typeof AssetDescribed>): void {
    const known = registry.hasAsset(assetId)
      ? registry.asset(assetId)
      : registry.assetBySymbol(symbol);
    if (known === undefined) registry.addAsset(assetId, symbol, decimals);
    else if (
      `${known.assetId} ${known.symbol} ${known.scale.decimals}` !==
      `${assetId} ${symbol} ${decimals}`
    ) {
      contradictions.push(`asset ${symbol}`);
    }
  }

  function onMarket(shard: number, body: Body<typeof MarketDescribed>): void {
    const {
      requestId: _,
      state,
      createdAtUs,
      updateId,
      lastTradeId,
      lastPriceTicks,
      ...spec
    } = body;
    const known = { spec, state: state as OrderBookState };
    shards[shard]!.markets.set(spec.marketId, known);
    if (homeShardOfMarket(spec.marketId, engine.shardCount) !== shard) return;
    if (registry.marketBySymbol(spec.symbol) !== undefined) {
      contradictions.push(`market ${spec.symbol}`);
      return;
    }
    const market = registry.addMarket(spec, createdAtUs);
    market.state = known.state;
    const standing = { updateId, lastTradeId, lastPriceTicks };
    standings.set(spec.marketId, standing);
    marketData.onMarketDescribed(market, standing);
  }

  // In the turn in which it comes: the shard's next event may be of that market.
  function take({ type, shard, body }: AnswerPart): void {
    if (type === ShardDescribed.type) {
      const described = body as Body<typeof ShardDescribed>;
      shards[shard]!.eventSequence = described.eventSequence;
      timeUs = Math.max(timeUs, described.timeUs);
    } else if (type === AssetDescribed.type) {
      const asset = body as Body<typeof AssetDescribed>;
      shards[shard]!.assetIds.add(asset.assetId);
      onAsset(asset);
    } else if (type === KillSwitchDescribed.type) {
      learnLatch(body as Body<typeof KillSwitchDescribed>, shard);
    } else {
      onMarket(shard, body as Body<typeof MarketDescribed>);
    }
  }

  await engine.requestParts(DescribeState, DescribeState.create(), -1, take);
  if (contradictions.length > 0) throw contradiction(contradictions);
  // A gateway began to number where the clock stood then, and sent fewer than a million requests a second.
  engine.numberRequestsAbove(timeUs);
  return { shards, standings };
}

/** The error of shards that know different things by one name. */
export function contradiction(names: readonly string[]): StartError {
  return new StartError(
    `the shards' journals do not belong together: they disagree about ${names.join(', ')}`,
  );
}
