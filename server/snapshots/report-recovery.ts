import { join } from 'node:path';
import { tornEndPath } from '../../engine/journal/quarantine.ts';
import { snapshotName } from '../../engine/journal/snapshot-layout.ts';
import type { Recovered, RecoveryBoard } from '../../engine/shard/recovery-board.ts';
import type { Log } from '../log.ts';

/**
 * Says of every shard that has a past what was recovered, from what, and how long it took.
 *
 * @param directories of the shards' journals
 */
export function reportRecovery(
  board: RecoveryBoard,
  directories: readonly string[],
  log: Log,
): void {
  for (const [shard, directory] of directories.entries()) {
    const recovered = board.recovered(shard);
    const { snapshotSequence, inputs, refusal, refusedSequence, tornBytes } = recovered;
    if (refusal !== null) {
      const path = join(directory, snapshotName(refusedSequence));
      const age = refusedSequence > snapshotSequence ? 'an older' : 'a newer';
      const begun = snapshotSequence > 0 ? `${age} one` : 'its journal alone';
      log.error(`Shard ${shard}: ${path} is of no use (${refusal}); it began with ${begun}.`);
    }
    if (snapshotSequence === 0 && inputs === 0 && tornBytes === 0) continue;
    log.info(`Shard ${shard}: ${inWords(shard, directory, recovered)}.`);
    board.forgetTornEnd(shard);
  }
}

/**
 * Says what was cut off the journal of a shard that has not come to be, unless that has been said: the next start finds
 * nothing of it.
 *
 * @param directory of the shard's journal
 */
export function reportTornEnd(
  board: RecoveryBoard,
  shard: number,
  directory: string,
  log: Log,
): void {
  const recovered = board.recovered(shard);
  if (recovered.tornBytes === 0) return;
  log.info(`Shard ${shard}: ${inWords(shard, directory, recovered)}.`);
  board.forgetTornEnd(shard);
}

/** The same of all shards. */
export function reportTornEnds(
  board: RecoveryBoard,
  directories: readonly string[],
  log: Log,
): void {
  for (const [shard, directory] of directories.entries()) {
    reportTornEnd(board, shard, directory, log);
  }
}

/** What was recovered from the journal in `directory`. */
export function inWords(shard: number, directory: string, recovered: Recovered): string {
  const { snapshotSequence, inputs, tornBytes, tornChecksum, elapsedMs } = recovered;
  const snapshot = snapshotSequence > 0 ? `a snapshot of ${snapshotSequence} inputs and ` : '';
  const said = `${snapshot}${inputs} inputs recovered from its journal in ${Math.ceil(elapsedMs)} ms`;
  if (tornBytes === 0) return said;
  const path = tornEndPath(directory, shard, snapshotSequence + inputs + 1, tornChecksum);
  return `${said}, ${tornBytes} bytes of an unfinished batch cut off and kept in ${path}`;
}
