import { once } from 'node:events';
import { Piscina } from 'piscina';
import type { Topology } from '../ring/topology.ts';
import { ShardCounters } from './shard-counters.ts';
import { type FailureReport, ShardFailure } from './shard-failure.ts';
import type { JournalTask, ShardTask } from './shard-thread.ts';

/** The running shard threads. */
export interface ShardPool {
  /** One promise per shard, of its first run: resolves when it stopped as told, rejects with a `ShardFailure`. */
  readonly stopped: readonly Promise<void>[];
  /** Runs a shard that has ended again; answers as `stopped` does. */
  restart(shard: number, journal: JournalTask): Promise<void>;
  /** Ends a shard's thread, wherever it is; resolves when it is gone. */
  end(shard: number): Promise<void>;
  /** Ends the threads after `StopShard` has been sent to every shard and `stopped` has settled. */
  close(): Promise<void>;
}

/**
 * Starts every shard as one never-ending task on a pool of as many threads. A thread that has ended the pool replaces
 * by another, and says of its task that it has failed.
 *
 * @param journals of the shards, by number; none: nothing is kept, and all of them start empty
 * @param counters `ShardCounters`, for whoever wants to read them
 */
export function startShards(
  topology: Topology,
  journals?: readonly JournalTask[],
  counters = ShardCounters.allocate(topology.shardCount),
): ShardPool {
  const pool = new Piscina<ShardTask, FailureReport | null>({
    filename: new URL('./shard-thread.js', import.meta.url).href,
    minThreads: topology.shardCount,
    maxThreads: topology.shardCount,
    concurrentTasksPerWorker: 1,
  });
  const aborts: AbortController[] = [];
  /** What is left of a thread that is being ended: the pool does not wait for it. */
  const ends: Promise<unknown>[] = [];
  const run = async (shard: number, journal: JournalTask | null): Promise<void> => {
    const abort = new AbortController();
    aborts[shard] = abort;
    let failure: FailureReport | null;
    try {
      failure = await pool.run({ shard, topology, journal, counters }, { signal: abort.signal });
    } catch (error) {
      await ends[shard];
      failure = reportOfThread(error as Error);
    }
    if (failure !== null) throw new ShardFailure(shard, failure);
  };
  const start = (shard: number, journal: JournalTask | null): Promise<void> => {
    const stopped = run(shard, journal);
    // Whoever awaits an end hears how it came; ending the pool with nobody waiting is no error.
    stopped.catch(() => {});
    return stopped;
  };
  const end = async (shard: number): Promise<void> => {
    const before = pool.threads;
    aborts[shard]!.abort();
    const left = new Set(pool.threads);
    ends[shard] = Promise.all(
      before.filter((thread) => !left.has(thread)).map((thread) => once(thread, 'exit')),
    );
    await ends[shard];
  };
  const stopped = topology.shardBells.map((_bell, shard) =>
    start(shard, journals?.[shard] ?? null),
  );
  return { stopped, restart: start, end, close: () => pool.destroy() };
}

/** Of a thread that could not say itself how it ended. */
function reportOfThread({ message, stack = '', ...error }: Error): FailureReport {
  const isOutOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const code = isOutOfMemory ? 'OUT_OF_MEMORY' : 'TERMINATED';
  return { message, stack, code, details: {} };
}
