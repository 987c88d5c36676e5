import { homeShardOfMarket } from '../../engine/protocol/sharding.ts';
import { nowUs } from '../clock.ts';
import { until } from '../stop-shards.ts';
import type { LearningParts } from './learn-state.ts';
import { readMarketPast, tradingPastOf } from './trading-past.ts';

/** How often the database is looked at. */
const CHECK_INTERVAL_MS = 1000;
/** When it is this close behind a shard, what is heard meanwhile is kept until it has caught up. */
const CLOSE_BEHIND_EVENTS = 20_000;
const CATCH_UP_TIMEOUT_MS = 5000;

/**
 * Learns the past of these markets again when the database has caught up, which it had not when the gateway
 * started: from then on their tickers, candles and last trades are whole.
 *
 * @returns ends it
 */
export function completePasts(
  parts: Omit<LearningParts, 'accounts' | 'apiKeys'>,
  marketIds: readonly number[],
): () => void {
  const { engine, registry, marketData, queries, database, log } = parts;
  const waiting = new Set(marketIds);
  let hasEnded = false;

  const lagOf = (marketId: number): number => {
    const shard = homeShardOfMarket(marketId, engine.shardCount);
    return engine.lastSequence(shard) - database().positions[shard]!;
  };

  /** False when it has to be tried again. */
  async function complete(marketId: number): Promise<boolean> {
    if (!database().connected || lagOf(marketId) > CLOSE_BEHIND_EVENTS) return false;
    const standing = marketData.learnPastAgain(marketId);
    const shard = homeShardOfMarket(marketId, engine.shardCount);
    const sequence = engine.lastSequence(shard);
    const isReached = (): boolean => hasEnded || database().positions[shard]! >= sequence;
    if (!(await until(isReached, CATCH_UP_TIMEOUT_MS)) || hasEnded) return false;
    const past = await readMarketPast(queries, marketId, nowUs()).catch(() => null);
    if (past === null || hasEnded || !marketData.isLearningPast(marketId)) return false;
    const market = registry.market(marketId);
    marketData.onPastLearnt(marketId, tradingPastOf(past, market, standing, true));
    return true;
  }

  async function completeAll(): Promise<void> {
    for (const marketId of waiting) {
      if (hasEnded) return;
      if (await complete(marketId)) waiting.delete(marketId);
    }
    if (waiting.size === 0)
      log.info('The database has caught up: tickers, candles and last trades are complete.');
    else if (!hasEnded) timer = setTimeout(() => void completeAll(), CHECK_INTERVAL_MS);
  }

  let timer = setTimeout(() => void completeAll(), CHECK_INTERVAL_MS);
  return () => {
    hasEnded = true;
    clearTimeout(timer);
  };
}
