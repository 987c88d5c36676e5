import type { Recovered, RecoveryBoard } from '../../engine/shard/recovery-board.ts';
import type { Log } from '../log.ts';

/** Says of every shard that has a past what was recovered, from what, and how long it took. */
export function reportRecovery(board: RecoveryBoard, shardCount: number, log: Log): void {
  for (let shard = 0; shard < shardCount; shard++) {
    const recovered = board.recovered(shard);
    const { snapshotSequence, inputs, refusal, tornBytes } = recovered;
    if (refusal !== null) {
      const instead = snapshotSequence > 0 ? 'an older one' : 'its journal alone';
      log.error(`Shard ${shard}: its newest snapshot is of no use (${refusal}): ${instead} was.`);
    }
    if (snapshotSequence === 0 && inputs === 0 && tornBytes === 0) continue;
    log.info(`Shard ${shard}: ${inWords(recovered)}.`);
  }
}

function inWords({ snapshotSequence, inputs, tornBytes, elapsedMs }: Recovered): string {
  const snapshot = snapshotSequence > 0 ? `a snapshot of ${snapshotSequence} inputs and ` : '';
  const torn = tornBytes > 0 ? `, ${tornBytes} bytes of an unfinished batch cut off` : '';
  return `${snapshot}${inputs} inputs recovered from its journal in ${Math.ceil(elapsedMs)} ms${torn}`;
}
