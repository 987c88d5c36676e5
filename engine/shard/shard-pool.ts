import type { Topology } from '../ring/topology.ts';
import { ShardCounters } from './shard-counters.ts';
import { type FailureReport, ShardFailure } from './shard-failure.ts';
import type { JournalTask, ShardTask } from './shard-thread.ts';
import { startTaskThread, type TaskThread } from './task-thread.ts';

const ENTRY = new URL('./shard-thread.js', import.meta.url);

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
 * Starts every shard as one never-ending task on a thread of its own. Of a thread that ends without a word, even before
 * it has begun, it says that the shard has failed.
 *
 * @param journals of the shards, by number; none: nothing is kept, and all of them start empty
 * @param counters `ShardCounters`, for whoever wants to read them
 */
export function startShards(
  topology: Topology,
  journals?: readonly JournalTask[],
  counters = ShardCounters.allocate(topology.shardCount),
): ShardPool {
  /** By shard: of its present life, or the last. */
  const threads: TaskThread<FailureReport | null>[] = [];
  const run = async (shard: number, journal: JournalTask | null): Promise<void> => {
    let failure: FailureReport | null;
    try {
      const task: ShardTask = { shard, topology, journal, counters };
      threads[shard] = startTaskThread(ENTRY, task);
      failure = await threads[shard].answer;
    } catch (error) {
      failure = reportOfThread(error as Error);
    }
    if (failure !== null) throw new ShardFailure(shard, failure);
  };
  const start = (shard: number, journal: JournalTask | null): Promise<void> => {
    const stopped = run(shard, journal);
    // Whoever awaits an end hears how it came; ending a thread with nobody waiting is no error.
    stopped.catch(() => {});
    return stopped;
  };
  const stopped = topology.shardBells.map((_bell, shard) =>
    start(shard, journals?.[shard] ?? null),
  );
  const end = async (shard: number): Promise<void> => threads[shard]?.end();
  const close = async (): Promise<void> => {
    await Promise.all(stopped.map((_stopped, shard) => end(shard)));
  };
  return { stopped, restart: start, end, close };
}

/** Of a thread that could not say itself how it ended. */
function reportOfThread({ message, stack = '', ...error }: Error): FailureReport {
  const isOutOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const code = isOutOfMemory ? 'OUT_OF_MEMORY' : 'TERMINATED';
  return { message, stack, code, details: {} };
}
