import { crc32 } from 'node:zlib';
import type { Shard } from '../shard/shard.ts';
import { SnapshotError } from '../snapshot/snapshot-error.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { type Disk, readFully, withFile, writeFully } from './disk.ts';
import type { JournalIdentity } from './journal-layout.ts';
import {
  damaged,
  decodeSnapshotHeader,
  encodeSnapshotHeader,
  headerBytesOf,
  headerBytesOfPrefix,
  SNAPSHOT_PREFIX_BYTES,
  type SnapshotHeader,
} from './snapshot-layout.ts';

const CHUNK_BYTES = 2 ** 18;

/**
 * Writes a shard's state to a file, durable when this returns; the header comes last, so what a crash leaves of it is
 * damaged and says so.
 *
 * @param journalSequence of the last entry that the shard has applied
 * @throws SnapshotError SNAPSHOT_FAILED
 */
export function writeSnapshot(
  disk: Disk,
  path: string,
  identity: JournalIdentity,
  shard: Shard,
  journalSequence: number,
): SnapshotHeader {
  const headerBytes = headerBytesOf(identity);
  let payloadBytes = 0;
  let payloadChecksum = 0;
  try {
    return withFile(disk, path, 'create', (file) => {
      const writer = new SnapshotWriter((chunk) => {
        writeFully(disk, file, chunk, 0, chunk.length, headerBytes + payloadBytes);
        payloadBytes += chunk.length;
        payloadChecksum = crc32(chunk, payloadChecksum);
      });
      shard.save(writer);
      writer.finish();
      const { lastInputUs, positions } = shard;
      const state = { journalSequence, lastInputUs, shardHash: shard.hash(), positions };
      const header = { identity, ...state, payloadBytes, payloadChecksum };
      writeFully(disk, file, encodeSnapshotHeader(header), 0, headerBytes, 0);
      disk.sync(file);
      return header;
    });
  } catch (error) {
    throw refusedByDisk('write', path, error);
  }
}

/**
 * Checks every byte of a snapshot's file against its checksums.
 *
 * @throws SnapshotError
 */
export function verifySnapshot(
  disk: Disk,
  path: string,
  identity: JournalIdentity,
): SnapshotHeader {
  return withSnapshot(disk, path, identity, (_file, header) => header);
}

/**
 * Loads a snapshot, after checking it whole, into a shard that nothing has happened to yet. When this throws, that
 * shard is of no more use.
 *
 * @throws SnapshotError SNAPSHOT_DAMAGED also when what was loaded is not the state of the header's hash
 */
export function loadSnapshot(
  disk: Disk,
  path: string,
  identity: JournalIdentity,
  shard: Shard,
): SnapshotHeader {
  return withSnapshot(disk, path, identity, (file, header) => {
    let position = headerBytesOf(identity);
    let readError: unknown = null;
    const reader = new SnapshotReader((target) => {
      try {
        const count = readSome(disk, file, path, target, position);
        position += count;
        return count;
      } catch (error) {
        readError = error;
        throw error;
      }
    });
    try {
      shard.load(reader);
    } catch (error) {
      // What cannot be read is not damaged.
      if (error === readError) throw error;
      throw damaged(`its payload cannot be loaded: ${messageOf(error)}`, error);
    }
    if (!reader.isAtEnd) throw damaged('its payload has more than the state');
    checkState(shard, header);
    return header;
  });
}

function checkState(shard: Shard, header: SnapshotHeader): void {
  const hash = shard.hash();
  if (hash !== header.shardHash) {
    throw damaged(`its state has the hash ${hash}, its header says ${header.shardHash}`);
  }
  const positions = JSON.stringify([shard.lastInputUs, shard.positions]);
  if (positions !== JSON.stringify([header.lastInputUs, header.positions])) {
    throw damaged(`its state is at ${positions}, its header says otherwise`);
  }
}

/** Opens a snapshot and checks it whole, then hands it to `work`. */
function withSnapshot<Result>(
  disk: Disk,
  path: string,
  identity: JournalIdentity,
  work: (file: number, header: SnapshotHeader) => Result,
): Result {
  try {
    return withFile(disk, path, 'read', (file) => {
      const header = checkFile(disk, file, path, identity);
      return work(file, header);
    });
  } catch (error) {
    if (error instanceof SnapshotError && error.code !== 'SNAPSHOT_FAILED') {
      throw new SnapshotError(error.code, `snapshot ${path}: ${error.message}`, error.cause);
    }
    throw refusedByDisk('read', path, error);
  }
}

function checkFile(
  disk: Disk,
  file: number,
  path: string,
  identity: JournalIdentity,
): SnapshotHeader {
  const size = disk.sizeOf(file);
  const prefix = readPart(disk, file, 0, Math.min(size, SNAPSHOT_PREFIX_BYTES));
  if (size < SNAPSHOT_PREFIX_BYTES) throw damaged(`it has only ${size} bytes`);
  const headerBytes = headerBytesOfPrefix(prefix);
  if (size < headerBytes) throw damaged(`it has only ${size} bytes`);
  const header = decodeSnapshotHeader(readPart(disk, file, 0, headerBytes), identity);
  if (size !== headerBytes + header.payloadBytes) {
    throw damaged(`it has ${size} bytes instead of ${headerBytes + header.payloadBytes}`);
  }
  const chunk = new Uint8Array(CHUNK_BYTES);
  let checksum = 0;
  for (let position = headerBytes; position < size; ) {
    const count = readSome(disk, file, path, chunk, position);
    if (count === 0) throw damaged(`it ends at byte ${position}`);
    checksum = crc32(chunk.subarray(0, count), checksum);
    position += count;
  }
  if (checksum !== header.payloadChecksum) throw damaged("its payload's checksum is wrong");
  return header;
}

function readPart(disk: Disk, file: number, position: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  return bytes.subarray(0, readFully(disk, file, bytes, 0, count, position));
}

function readSome(
  disk: Disk,
  file: number,
  path: string,
  target: Uint8Array,
  position: number,
): number {
  try {
    return disk.read(file, target, 0, target.length, position);
  } catch (error) {
    throw refusedByDisk('read', path, error);
  }
}

/** The disk's error as one of snapshots; a bug stays what it is. */
export function refusedByDisk(what: string, path: string, error: unknown): unknown {
  if (error instanceof SnapshotError) return error;
  if (!(error instanceof Error) || !('code' in error)) return error;
  const message = `cannot ${what} snapshot ${path}: ${error.message}`;
  return new SnapshotError('SNAPSHOT_FAILED', message, error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
