import { setTimeout as delay } from 'node:timers/promises';
import type { AdminClient, AuditReport, VenueState } from './admin-client.ts';

const POLL_MS = 10;
const REST_TIMEOUT_MS = 10_000;
const CATCH_UP_TIMEOUT_MS = 60_000;

/** The venue did not come to where it should in time. */
export class NotAtRest extends Error {
  override name = 'NotAtRest';
}

/** Waits until nothing is under way between shards, and answers the audit of that moment. */
export function awaitQuiescence(admin: AdminClient): Promise<AuditReport> {
  return until(
    () => admin.audit(),
    ({ quiescent }) => quiescent,
    REST_TIMEOUT_MS,
    'something is still under way between shards',
  );
}

/** Waits until nothing is under way between shards and every recorded event is in the database. */
export async function awaitRest(
  admin: AdminClient,
): Promise<{ readonly report: AuditReport; readonly state: VenueState }> {
  const report = await awaitQuiescence(admin);
  const state = await until(
    () => admin.state(),
    ({ shards }) => shards.every((shard) => shard.projectionPosition >= shard.sequence),
    CATCH_UP_TIMEOUT_MS,
    'the database is still behind',
  );
  return { report, state };
}

async function until<Answer>(
  ask: () => Promise<Answer>,
  isEnough: (answer: Answer) => boolean,
  timeoutMs: number,
  complaint: string,
): Promise<Answer> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (isEnough(answer)) return answer;
    if (performance.now() > endMs) {
      throw new NotAtRest(`${complaint} after ${timeoutMs / 1000} s: ${JSON.stringify(answer)}`);
    }
    await delay(POLL_MS);
  }
}
