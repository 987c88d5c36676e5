import { setFlagsFromString } from 'node:v8';
import { Doorbell } from '../ring/doorbell.ts';
import type { Topology } from '../ring/topology.ts';
import { INLINING_OPTION } from './inlining.ts';
import { ShardLoop } from './shard-loop.ts';

setFlagsFromString(INLINING_OPTION);

/** What the pool hands the thread. */
export interface ShardTask {
  readonly shard: number;
  readonly topology: Topology;
}

/** Looks at the rings at least this often, should a wake ever be missed. */
const POLL_INTERVAL_MS = 100;
/** How soon to try again when a full ring holds the shard up: its reader rings no bell of ours. */
const HELD_UP_RETRY_MS = 1;

/**
 * The entry of a shard's thread: one task that runs until the shard is told to stop. Returning, or
 * throwing, settles the task's promise: the sign that the shard is gone, and why.
 */
export default function runShard({ shard, topology }: ShardTask): void {
  const loop = new ShardLoop(topology, shard, nowUs);
  const bell = new Doorbell(topology.shardBells[shard]!);
  while (!loop.hasStopped) {
    const seen = bell.value;
    if (loop.turn() > 0) continue;
    bell.sleep(seen, loop.isHeldUp ? HELD_UP_RETRY_MS : POLL_INTERVAL_MS);
  }
}

function nowUs(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}
