import { DescribeBook } from '../../engine/protocol/commands.ts';
import { type BookLevels, DESCRIBED_LEVELS_MAX } from '../../engine/protocol/descriptions.ts';
import { Side } from '../../engine/protocol/enums.ts';
import type { Body } from '../../engine/protocol/message.ts';
import { homeShardOfMarket } from '../../engine/protocol/sharding.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { MarketData } from '../market-data/market-data.ts';

/** Fetches the books of these markets, of each shard one after another; answers the number of levels. */
export async function learnBooks(
  engine: EngineClient,
  marketData: MarketData,
  marketIds: Iterable<number>,
): Promise<number> {
  const all = [...marketIds];
  const ofShards = Array.from({ length: engine.shardCount }, (_, shard) =>
    all.filter((marketId) => homeShardOfMarket(marketId, engine.shardCount) === shard),
  );
  let levels = 0;
  const learn = async (marketIdsOfShard: readonly number[]): Promise<void> => {
    for (const marketId of marketIdsOfShard) {
      const sides = [Side.Bid, Side.Ask].map((side) =>
        learnSide(engine, marketData, marketId, side),
      );
      for (const count of await Promise.all(sides)) levels += count;
    }
  };
  await Promise.all(ofShards.map(learn));
  return levels;
}

async function learnSide(
  engine: EngineClient,
  marketData: MarketData,
  marketId: number,
  side: Side,
): Promise<number> {
  const shard = homeShardOfMarket(marketId, engine.shardCount);
  let beyondPriceTicks = 0;
  for (let levels = 0, count = 0; ; levels += count) {
    count = 0;
    const command = { requestId: 0, marketId, side, beyondPriceTicks };
    await engine.requestParts(DescribeBook, command, shard, ({ body }) => {
      const piece = body as Body<typeof BookLevels>;
      marketData.onBookLevels(piece);
      count += piece.levels.length / 3;
      beyondPriceTicks = piece.levels.at(-2)!;
    });
    if (count < DESCRIBED_LEVELS_MAX) return levels + count;
  }
}
