import { US_PER_SECOND } from '../engine/protocol/time-units.ts';
import type { RecoveryBoard } from '../engine/shard/recovery-board.ts';
import { nowUs } from './clock.ts';
import type { Log } from './log.ts';

/** Clocks that are set by others of their kind differ by less. */
const TOLD_FROM_SECONDS = 1;

/**
 * By how many seconds the machine's clock is behind the last input of any journal; 0 when it is not, or by little. The
 * time of a shard never goes back (see `ShardLoop`): until the clock has caught up it stands still.
 */
export function clockBehindSeconds(board: RecoveryBoard, shardCount: number): number {
  let lastTimeUs = 0;
  for (let shard = 0; shard < shardCount; shard++) {
    lastTimeUs = Math.max(lastTimeUs, board.recovered(shard).lastTimeUs);
  }
  const seconds = (lastTimeUs - nowUs()) / US_PER_SECOND;
  return seconds < TOLD_FROM_SECONDS ? 0 : seconds;
}

/** Says so, if it is. */
export function reportClock(board: RecoveryBoard, shardCount: number, log: Log): void {
  const seconds = clockBehindSeconds(board, shardCount);
  if (seconds === 0) return;
  log.error(
    `The clock of this machine is ${Math.round(seconds)} s behind the last input of the journals: the venue's time stands ` +
      'still until it has caught up, and orders are refused as expired. Set the clock right, or wait.',
  );
}
