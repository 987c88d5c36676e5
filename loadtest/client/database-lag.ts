import type { AdminClient } from './admin-client.ts';

const POLL_MS = 5;
const CATCH_UP_TIMEOUT_MS = 60_000;

export interface DatabaseLag {
  /** Events not yet in the database when the last reply had come. */
  readonly events: number;
  /** How long after that until there were none. */
  readonly untilZeroMs: number;
}

/** Waits until every recorded event of every shard is committed in the database; throws when that takes too long. */
export async function awaitProjection(
  admin: AdminClient,
  timeoutMs = CATCH_UP_TIMEOUT_MS,
): Promise<DatabaseLag> {
  const startMs = performance.now();
  const { shards } = await admin.state();
  const events = shards.reduce(
    (sum, shard) => sum + Math.max(shard.sequence - shard.projectionPosition, 0),
    0,
  );
  const targets = new Map(shards.map((shard) => [shard.shard, shard.sequence]));
  for (;;) {
    const behind = (await admin.state()).shards.some(
      (shard) => shard.projectionPosition < targets.get(shard.shard)!,
    );
    const untilZeroMs = performance.now() - startMs;
    if (!behind) return { events, untilZeroMs };
    if (untilZeroMs > timeoutMs) {
      throw new Error(`the database is still behind after ${timeoutMs / 1000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
