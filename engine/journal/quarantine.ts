import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Disk, readFully, withFile, writeFully } from './disk.ts';
import type { JournalEnd } from './journal-end.ts';
import { JournalFailure } from './journal-error.ts';

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
  const path = join(folderOf(directory), `${nameOf(shard, sequence, crc32(frame))}.json`);
  putFile(disk, path, Buffer.from(`${JSON.stringify(content, null, 2)}\n`));
  return path;
}

/** Torn ends that are kept of one shard: each is at most one batch, and one crash leaves at most one. */
const TORN_ENDS_MAX = 8;

/**
 * Keeps, durably, what is torn at the end of a journal, as it is, before it is cut off: a crash leaves such bytes, and
 * so does a disk that damages the very last batch. Of a shard's older ones only the last few stay.
 *
 * @param directory of the shard's segments
 * @returns the checksum that `tornEndPath` is made with
 * @throws JournalFailure when the disk refuses
 */
export function keepTornEnd(disk: Disk, directory: string, shard: number, end: JournalEnd): number {
  const { newestSegment: segment, tornBytes, nextSequence } = end;
  const { path, endBytes } = segment!;
  const torn = new Uint8Array(tornBytes);
  try {
    withFile(disk, path, 'read', (file) => readFully(disk, file, torn, 0, tornBytes, endBytes));
    const checksum = crc32(torn);
    const keptPath = tornEndPath(directory, shard, nextSequence, checksum);
    putFile(disk, keptPath, torn);
    removeOldTornEnds(disk, shard, keptPath);
    return checksum;
  } catch (error) {
    throw new JournalFailure('keep the torn end of', path, error);
  }
}

/** Where the torn end was put of a journal that goes on from `nextSequence`; the bytes' CRC-32 is `checksum`. */
export function tornEndPath(
  directory: string,
  shard: number,
  nextSequence: number,
  checksum: number,
): string {
  return join(folderOf(directory), `${nameOf(shard, nextSequence, checksum)}.torn`);
}

const TORN_END = /^shard-(\d+)-(\d+)-[0-9a-f]{8}\.torn$/;

/** Of one shard, all but the newest; one has just been put there. */
function removeOldTornEnds(disk: Disk, shard: number, newestPath: string): void {
  const folder = dirname(newestPath);
  const others: { path: string; sequence: number }[] = [];
  for (const name of disk.list(folder)) {
    const [, ofShard, sequence] = TORN_END.exec(name) ?? [];
    const path = join(folder, name);
    if (Number(ofShard) === shard && path !== newestPath) {
      others.push({ path, sequence: Number(sequence) });
    }
  }
  others.sort((one, other) => other.sequence - one.sequence);
  for (const { path } of others.slice(TORN_ENDS_MAX - 1)) disk.remove(path);
}

function folderOf(directory: string): string {
  return join(dirname(directory), 'quarantine');
}

function nameOf(shard: number, sequence: number, checksum: number): string {
  return `shard-${shard}-${sequence}-${checksum.toString(16).padStart(8, '0')}`;
}

/** Whole and durable, or not at all, in a folder that is made when it is needed. */
function putFile(disk: Disk, path: string, bytes: Uint8Array): void {
  const folder = dirname(path);
  const newPath = `${path}.new`;
  disk.makeDirectory(folder);
  try {
    withFile(disk, newPath, 'create', (file) => {
      writeFully(disk, file, bytes, 0, bytes.length, 0);
      disk.sync(file);
    });
    disk.rename(newPath, path);
  } catch (error) {
    removeIfThere(disk, newPath);
    throw error;
  }
  disk.syncDirectory(folder);
}

/** What is left of a file that the disk refused; what goes wrong with that, too, is not told beside it. */
function removeIfThere(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {}
}
