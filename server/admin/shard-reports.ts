import { ReportState } from '../../engine/protocol/commands.ts';
import { MarketReport, ShardReport } from '../../engine/protocol/events.ts';
import type { Body } from '../../engine/protocol/message.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { ALL_SHARDS, askShards, partsOf } from './shard-request.ts';

export interface EngineReport {
  /** By shard. */
  readonly shards: readonly Body<typeof ShardReport>[];
  readonly markets: readonly Body<typeof MarketReport>[];
}

/** What every shard says about itself; each at its own moment. */
export async function reportState(engine: EngineClient): Promise<EngineReport> {
  const parts = await askShards(engine, ReportState, ReportState.create(), ALL_SHARDS);
  return {
    shards: partsOf(parts, ShardReport).sort((a, b) => a.shard - b.shard),
    markets: partsOf(parts, MarketReport).sort((a, b) => a.marketId - b.marketId),
  };
}

/**
 * True when nothing was under way between shards from the first report to the second: everything
 * sent had been consumed in both, and nothing was sent in between. Counts only grow, so equal counts
 * at both ends mean that whatever was asked between them was asked at rest.
 */
export function wasQuiet(before: EngineReport, after: EngineReport): boolean {
  for (const [from, shard] of before.shards.entries()) {
    for (const [to, sent] of shard.sentTo.entries()) {
      if (to === from) continue;
      if (before.shards[to]!.consumedFrom[from] !== sent) return false;
      if (after.shards[from]!.sentTo[to] !== sent) return false;
      if (after.shards[to]!.consumedFrom[from] !== sent) return false;
    }
  }
  return true;
}
