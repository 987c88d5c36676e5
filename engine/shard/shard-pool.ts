import { Piscina } from 'piscina';
import type { Topology } from '../ring/topology.ts';
import { type FailureReport, ShardFailure } from './shard-failure.ts';
import type { JournalTask, ShardTask } from './shard-thread.ts';

/** The running shard threads. */
export interface ShardPool {
  /**
   * One promise per shard: resolves when it stopped as told, rejects with what stopped it: a `ShardFailure`, or what
   * Node says of a thread that it has ended.
   */
  readonly stopped: readonly Promise<void>[];
  /** Ends the threads after `StopShard` has been sent to every shard and `stopped` has settled. */
  close(): Promise<void>;
}

/**
 * Starts every shard as one never-ending task on a pool of as many threads.
 *
 * @param journals of the shards, by number; none: nothing is kept, and all of them start empty
 */
export function startShards(topology: Topology, journals?: readonly JournalTask[]): ShardPool {
  const pool = new Piscina<ShardTask, FailureReport | null>({
    filename: new URL('./shard-thread.js', import.meta.url).href,
    minThreads: topology.shardCount,
    maxThreads: topology.shardCount,
    concurrentTasksPerWorker: 1,
  });
  const stopped = topology.shardBells.map(async (_bell, shard) => {
    const failure = await pool.run({ shard, topology, journal: journals?.[shard] ?? null });
    if (failure !== null) throw new ShardFailure(shard, failure);
  });
  // Whoever awaits an end hears how it came; ending the pool with nobody waiting is no error.
  for (const end of stopped) end.catch(() => {});
  return { stopped, close: () => pool.destroy() };
}
