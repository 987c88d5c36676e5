/**
 * Why a snapshot could not be used or made.
 *
 * - `SNAPSHOT_DAMAGED`: torn, cut short, changed since, or not what its header says.
 * - `SNAPSHOT_OTHER_VERSION`: whole, and in a format that this program does not read.
 * - `SNAPSHOT_FOREIGN`: whole, and of another shard or of a venue with another number of them.
 * - `SNAPSHOT_FAILED`: the disk refused to read or write; `cause` is its own error.
 */
export const SNAPSHOT_ERROR_CODES = [
  'SNAPSHOT_DAMAGED',
  'SNAPSHOT_OTHER_VERSION',
  'SNAPSHOT_FOREIGN',
  'SNAPSHOT_FAILED',
] as const;
export type SnapshotErrorCode = (typeof SNAPSHOT_ERROR_CODES)[number];

export class SnapshotError extends Error {
  override name = 'SnapshotError';
  readonly code: SnapshotErrorCode;

  constructor(code: SnapshotErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
  }
}
