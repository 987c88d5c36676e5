import { setTimeout as delay } from 'node:timers/promises';
import { endThread, THREADS } from '../inspector.ts';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';

/**
 * Whether the venue brings a shard back by itself. Until it does, one that has lost a shard ends, and the next start
 * recovers it.
 */
const SHARDS_COME_BACK = false;

const END_TIMEOUT_MS = 20_000;
const POLL_MS = 20;

/** One shard's thread ends in the middle of its work. */
const shardEnded: Fault = {
  name: 'shard ended',
  weight: 5,
  async run(stage) {
    await stage.runLoad(0.5);
    const { done } = stage.counts;
    await endOneOf(stage, THREADS.shard);
    if (SHARDS_COME_BACK) await awaitReturn(stage, done);
    else await awaitEnd(stage);
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

async function endOneOf(stage: Stage, script: RegExp): Promise<void> {
  const url = await stage.venue.inspectorUrl();
  await endThread(url, script, (count) => stage.random.integer(0, count - 1));
}

/** The venue goes on with its other shards, and is whole again soon. */
async function awaitReturn(stage: Stage, done: number): Promise<void> {
  const isWhole = async (): Promise<boolean> => {
    if (!stage.venue.isRunning) throw new Error('the venue ended with one of its shards');
    return stage.operator.admin.ready().then(
      () => true,
      () => false,
    );
  };
  if (!(await until(isWhole))) {
    stage.findings.add('venue', () => `a shard is not back after ${END_TIMEOUT_MS / 1000} s`);
  }
  if (stage.counts.done === done) {
    stage.findings.add('venue', () => 'nothing was acknowledged while a shard was away');
  }
  await stage.load.stop();
  await stage.audit();
}

async function awaitEnd(stage: Stage): Promise<void> {
  if (!(await until(async () => !stage.venue.isRunning))) {
    stage.findings.add('venue', () => 'the venue runs on without one of its shards');
  }
  const { exitCode } = await stage.venue.stop();
  await stage.load.stop();
  await stage.disconnect();
  if (exitCode === 0) stage.findings.add('venue', () => 'a shard was lost, the exit code is 0');
  await stage.recover();
}

async function until(isSo: () => Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + END_TIMEOUT_MS;
  while (!(await isSo())) {
    if (performance.now() > endMs) return false;
    await delay(POLL_MS);
  }
  return true;
}

export const THREAD_FAULTS: readonly Fault[] = [shardEnded, persistenceEnded];
