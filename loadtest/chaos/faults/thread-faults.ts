import { setTimeout as delay } from 'node:timers/promises';
import { type EndableThreads, endThread, THREADS } from '../inspector.ts';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';
import { stopAndCheck } from './process-faults.ts';

/** More than the longest pause before a shard is started again, and its recovery. */
const TIMEOUT_MS = 50_000;
const POLL_MS = 20;
/** For the venue to notice. */
const MISSED_TIMEOUT_MS = 3_000;
const STOP_DELAY_MS_MAX = 500;

/** One shard's thread ends in the middle of its work: the others go on, and it is back soon. */
const shardEnded: Fault = {
  name: 'shard ended',
  weight: 5,
  async run(stage) {
    await stage.runLoad(0.5);
    const { restarts } = (await stage.operator.admin.health()).components.shards;
    const isMissed = async (): Promise<boolean> => {
      const { shards } = (await stage.operator.admin.health()).components;
      return shards.halted.length > 0 || shards.restarts > restarts;
    };
    // The snapshots' thread is of a pool, too, and nobody misses it.
    do await endOneOf(stage, THREADS.shard);
    while (!(await until(isMissed, MISSED_TIMEOUT_MS)));
    if (!(await awaitAllShards(stage, restarts + 1))) return;
    const { acknowledged } = stage.shared;
    if (!(await until(async () => stage.shared.acknowledged > acknowledged))) {
      stage.findings.add('venue', () => 'it acknowledges nothing after a shard was away');
    }
    await stage.load.stop();
    await stage.audit();
  },
};

/** The venue is told to stop while one of its shards is away, or coming back: a stop like any other. */
const stopWithoutShard: Fault = {
  name: 'stop without a shard',
  weight: 3,
  async run(stage) {
    await stage.runLoad(0.5);
    await endOneOf(stage, THREADS.shard);
    await delay(stage.random.next() * STOP_DELAY_MS_MAX);
    await stopAndCheck(stage);
    await stage.recover();
  },
};

/** The thread that writes the rows ends: nothing that was acknowledged needs it. */
const persistenceEnded: Fault = {
  name: 'persistence ended',
  weight: 2,
  async run(stage) {
    await stage.runLoad(0.5);
    await endOneOf(stage, THREADS.persistence);
    await awaitEnd(stage);
  },
};

async function endOneOf(stage: Stage, threads: EndableThreads): Promise<void> {
  const url = await stage.venue.inspectorUrl();
  await endThread(url, threads, (count) => stage.random.integer(0, count - 1));
}

/** Waits for a venue that has all its shards, after so many returns at least; false when that does not come to be. */
export async function awaitAllShards(stage: Stage, restarts: number): Promise<boolean> {
  const isWhole = await until(async () => {
    if (!stage.venue.isRunning) throw new Error('the venue ended with one of its shards');
    const { shards } = (await stage.operator.admin.health()).components;
    return shards.halted.length === 0 && shards.restarts >= restarts;
  });
  if (isWhole) return true;
  stage.findings.add('venue', () => `a shard is not back after ${TIMEOUT_MS / 1000} s`);
  return false;
}

async function awaitEnd(stage: Stage): Promise<void> {
  if (!(await until(async () => !stage.venue.isRunning))) {
    stage.findings.add('venue', () => 'the venue runs on without its thread');
  }
  const { exitCode } = await stage.venue.stop();
  await stage.load.stop();
  await stage.disconnect();
  if (exitCode === 0) stage.findings.add('venue', () => 'a thread was lost, the exit code is 0');
  await stage.recover();
}

async function until(isSo: () => Promise<boolean>, timeoutMs = TIMEOUT_MS): Promise<boolean> {
  const endMs = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) return false;
    await delay(POLL_MS);
  }
  return true;
}

export const THREAD_FAULTS: readonly Fault[] = [shardEnded, stopWithoutShard, persistenceEnded];
