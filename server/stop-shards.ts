import { StopShard } from '../engine/protocol/commands.ts';
import { reportState, wasQuiet } from './admin/shard-reports.ts';
import { ApiError } from './api-error.ts';
import { withDeadline } from './deadline.ts';
import type { EngineClient } from './engine/engine-client.ts';

const POLL_MS = 5;

/** Waits for the condition; false when the time ran out first. */
export async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const endMs = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > endMs) return false;
    await pause();
  }
  return true;
}

/**
 * Waits until nothing is under way between shards. A full ring to a shard is tried again.
 *
 * @throws Error when the time runs out first.
 */
export async function comeToRest(engine: EngineClient, timeoutMs: number): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  const rest = restOf(engine, endMs);
  if (!(await withDeadline(rest, timeoutMs)) || !(await rest)) {
    throw new Error('something is still under way between them');
  }
}

async function restOf(engine: EngineClient, endMs: number): Promise<boolean> {
  let before = null;
  while (performance.now() <= endMs) {
    const after = await stateUnlessBusy(engine);
    if (before !== null && after !== null && wasQuiet(before, after)) return true;
    if (after === null) await pause();
    before = after;
  }
  return false;
}

async function stateUnlessBusy(engine: EngineClient) {
  try {
    return await reportState(engine);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'BUSY') return null;
    throw error;
  }
}

/**
 * Tells shards to stop, again while their rings are full, and waits for their ends.
 *
 * @param stopped the ends of those that run, by shard
 * @throws Error naming the shards that died or did not stop in time: events of theirs are lost.
 */
export async function stopShards(
  engine: EngineClient,
  stopped: ReadonlyMap<number, Promise<void>>,
  timeoutMs: number,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  const unstopped = new Set(stopped.keys());
  const untold = new Set(stopped.keys());
  const ends = [...stopped].map(([shard, end]) => {
    // A dead shard reads no ring: it need not be told.
    return end.then(
      () => unstopped.delete(shard),
      () => untold.delete(shard),
    );
  });
  const allEnded = Promise.all(ends);
  const tellAll = (): boolean => {
    for (const shard of untold) if (engine.tell(StopShard, {}, shard)) untold.delete(shard);
    return untold.size === 0;
  };
  await until(tellAll, timeoutMs);
  await withDeadline(allEnded, endMs - performance.now());
  if (unstopped.size > 0) {
    throw new Error(`${[...unstopped].join(', ')} did not stop as told, its last events are lost`);
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
