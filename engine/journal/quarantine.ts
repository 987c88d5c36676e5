import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Disk, withFile, writeFully } from './disk.ts';

/** An input that a shard fails on, and what led there. */
export interface QuarantinedInput {
  readonly shard: number;
  /** −1 = gateway, else the shard that sent it. */
  readonly source: number;
  readonly timeUs: number;
  /** The sequence it would have had; 0 when it is of a kind that is not written to the journal. */
  readonly sequence: number;
  /** With its length in front. */
  readonly frame: Uint8Array;
  /** What the shard failed with. */
  readonly cause: unknown;
  /** The entries since the last commit, as the journal would have them: see `JournalWriter.uncommitted`. */
  readonly uncommitted: Uint8Array;
}

/**
 * Keeps, durably, an input that is in no journal, in the folder `quarantine` beside the journal's own; answers the
 * path. To see the shard fail again, a person replays the journal up to its end, then `uncommitted`, then `frame`, unless
 * that is the last of them. The file is JSON, bytes in base64. Its name is made of shard, sequence and frame,
 * so an input that comes again at once, as a message of another shard does, is kept once.
 *
 * @param directory of the shard's segments
 * @throws what the disk throws
 */
export function putInQuarantine(disk: Disk, directory: string, input: QuarantinedInput): string {
  const { shard, source, timeUs, sequence, frame, cause, uncommitted } = input;
  const content = {
    shard,
    sequence: sequence === 0 ? null : sequence,
    source: source < 0 ? 'gateway' : `shard ${source}`,
    timeUs,
    failure: String(cause),
    stack: cause instanceof Error ? cause.stack : null,
    frame: Buffer.from(frame).toString('base64'),
    uncommitted: Buffer.from(uncommitted).toString('base64'),
  };
  const folder = join(dirname(directory), 'quarantine');
  const checksum = crc32(frame).toString(16).padStart(8, '0');
  const path = join(folder, `shard-${shard}-${sequence}-${checksum}.json`);
  const bytes = Buffer.from(`${JSON.stringify(content, null, 2)}\n`);
  disk.makeDirectory(folder);
  withFile(disk, `${path}.new`, 'create', (file) => {
    writeFully(disk, file, bytes, 0, bytes.length, 0);
    disk.sync(file);
  });
  disk.rename(`${path}.new`, path);
  disk.syncDirectory(folder);
  return path;
}
