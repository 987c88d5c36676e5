import { readFileSync } from 'node:fs';
import { NS_PER_SECOND, US_PER_SECOND } from '../engine/protocol/time-units.ts';
import { ownThreadId, watchCollections } from '../engine/ring/this-thread.ts';
import { ShardCounters, type ShardCounts } from '../engine/shard/shard-counters.ts';
import type { Writer } from '../persistence/writer-client.ts';
import type { ThreadStatus } from './admin/venue-status.ts';
import type { ThreadUse } from './auth/signature-thread.ts';
import { nowUs } from './clock.ts';

/** What the venue's threads have done and used, asked of them anew each time; made on the gateway's thread. */
export class Threads {
  readonly #shards: readonly ShardCounters[];
  readonly #writer: Pick<Writer, 'status'>;
  readonly #threadId = ownThreadId();
  readonly #stopWatching: () => void;
  /** Null until there is a gateway. */
  signatures: { readonly use: ThreadUse | null } | null = null;
  #collections = 0;
  #collectionMs = 0;

  /** @param counters `ShardCounters` of the running shards */
  constructor(counters: SharedArrayBuffer, shardCount: number, writer: Pick<Writer, 'status'>) {
    this.#shards = Array.from(
      { length: shardCount },
      (_, shard) => new ShardCounters(counters, shard),
    );
    this.#writer = writer;
    this.#stopWatching = watchCollections((durationMs) => {
      this.#collections++;
      this.#collectionMs += durationMs;
    });
  }

  /** By shard. */
  get shardCounts(): readonly ShardCounts[] {
    const atUs = nowUs();
    return this.#shards.map((shard) => shard.read(atUs));
  }

  /** Those that work all the time: not the snapshots', and not those of Node itself. */
  get all(): readonly ThreadStatus[] {
    const { threadId, collections, collectionUs } = this.#writer.status();
    return [
      {
        thread: 'gateway',
        cpuSeconds: cpuSecondsOf(this.#threadId),
        collections: this.#collections,
        collectionSeconds: this.#collectionMs / 1000,
      },
      ...this.#signaturesThread(),
      ...this.shardCounts.map((counts, shard) => ({
        thread: `shard-${shard}`,
        cpuSeconds: cpuSecondsOf(counts.threadId),
        collections: counts.collections,
        collectionSeconds: counts.collectionUs / US_PER_SECOND,
      })),
      {
        thread: 'persistence',
        cpuSeconds: cpuSecondsOf(threadId),
        collections,
        collectionSeconds: collectionUs / US_PER_SECOND,
      },
    ];
  }

  /** None before the first signature is checked. */
  #signaturesThread(): ThreadStatus[] {
    const use = this.signatures?.use ?? null;
    if (use === null) return [];
    return [
      {
        thread: 'signatures',
        cpuSeconds: cpuSecondsOf(use.threadId),
        collections: use.collections,
        collectionSeconds: use.collectionMs / 1000,
      },
    ];
  }

  stop(): void {
    this.#stopWatching();
  }
}

/**
 * Time that a thread of this process has spent on processors, in user and system mode together, as the scheduler counts
 * it: the first number of `schedstat`, in ns (Linux, Documentation/scheduler/sched-stats.rst). Null where there is none.
 */
function cpuSecondsOf(threadId: number): number | null {
  if (threadId === 0) return null;
  try {
    const text = readFileSync(`/proc/self/task/${threadId}/schedstat`, 'utf8');
    return Number(text.split(' ', 1)[0]) / NS_PER_SECOND;
  } catch {
    return null;
  }
}
