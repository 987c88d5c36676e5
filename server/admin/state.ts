import { formatDecimal } from '../../engine/protocol/decimal.ts';
import { homeShardOfMarket } from '../../engine/protocol/sharding.ts';
import type { HistoryBegin } from '../../persistence/history.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { json, type Route } from '../http/route.ts';
import type { Registry } from '../registry/registry.ts';
import { latchFields } from './kill.ts';
import { reportState } from './shard-reports.ts';
import type { VenueStatus } from './venue-status.ts';

/** `historyBegins`: the first event that has its rows; `historyBeginsAt`: when that is not the first of all. */
function beginOf(begin: HistoryBegin | undefined): Record<string, unknown> {
  const { sequence, timeUs } = begin ?? { sequence: 1, timeUs: null };
  const historyBeginsAt = timeUs === null ? null : new Date(timeUs / 1000).toISOString();
  return { historyBegins: sequence, historyBeginsAt };
}

/** `GET /admin/state`: how far every shard is and what it holds, as hashes. */
export function stateRoute(engine: EngineClient, registry: Registry, status: VenueStatus): Route {
  return {
    method: 'get',
    path: '/admin/state',
    async handle() {
      const report = await reportState(engine);
      const { positions } = status.database;
      const { latches } = status.protections;
      return json({
        killSwitch: latches.map((latch) => latchFields(latch, registry)),
        shards: report.shards.map((shard) => ({
          shard: shard.shard,
          sequence: shard.eventSequence,
          stateHash: shard.stateHash,
          openOrders: shard.openOrders,
          journalPosition: status.snapshots?.shards[shard.shard]?.journalPosition ?? null,
          snapshotPosition: status.snapshots?.shards[shard.shard]?.snapshotPosition ?? null,
          projectionPosition: positions[shard.shard] ?? 0,
          ...beginOf(status.historyBegins[shard.shard]),
        })),
        markets: report.markets.map((market) => {
          const { symbol, priceScale } = registry.market(market.marketId);
          const { updateId, marketHash, bookHash, triggerHash, lastPriceTicks } = market;
          const shard = homeShardOfMarket(market.marketId, engine.shardCount);
          const lastPrice = lastPriceTicks > 0 ? formatDecimal(lastPriceTicks, priceScale) : null;
          return { symbol, shard, updateId, marketHash, bookHash, triggerHash, lastPrice };
        }),
      });
    },
  };
}
