import { crc32 } from 'node:zlib';
import { viewOf } from '../protocol/frame-reader.ts';
import { MAX_SHARDS } from '../protocol/sharding.ts';
import type { ShardPositions } from '../shard/shard-hash.ts';
import { SnapshotError } from '../snapshot/snapshot-error.ts';
import type { JournalIdentity } from './journal-layout.ts';

/**
 * How a snapshot lies on disk: a file named by its journal sequence, a header and then the payload, which is
 * what `SnapshotWriter` says. All integers are little-endian.
 *
 *      0  "RNGSDSNP"                           40  uint64  payload bytes
 *      8  uint32  format version               48  uint64  hash of the shard
 *     12  uint32  header bytes                 56  uint32  CRC-32 of the payload
 *     16  uint32  shard                        60  uint32  0
 *     20  uint32  shard count                  64  uint64  sequence of the last event
 *     24  uint64  journal sequence             72  for each shard: uint64 sent to it, uint64 taken from it
 *     32  uint64  time of the last input, µs    …  uint32  CRC-32 of the above
 *
 * The first 16 bytes, and that the last four are the checksum, are the same in every version. A change of
 * what a table of the payload holds is a new version too. Version 1, which is read too, has no latches of the kill
 * switch and no cancel timers: the last two tables.
 */
export const SNAPSHOT_FORMAT_VERSION = 2;
const OLDEST_FORMAT_VERSION = 1;

/** The header's first part, which tells how long it is. */
export const SNAPSHOT_PREFIX_BYTES = 16;
const POSITIONS_AT = 64;
const CHECKSUM_BYTES = 4;
/** Of every version. */
const HEADER_BYTES_MAX = POSITIONS_AT + 8 + MAX_SHARDS * 16 + CHECKSUM_BYTES;

const MAGIC = Buffer.from('RNGSDSNP');
const SNAPSHOT_NAME = /^(\d{16})\.snapshot$/;

/** What a snapshot says of itself. */
export interface SnapshotHeader {
  readonly identity: JournalIdentity;
  /** Of the last journal entry that its state has; 0 = none. */
  readonly journalSequence: number;
  /** Time of the last input, µs; 0 = none. */
  readonly lastInputUs: number;
  /** `Shard.hash` of the state. */
  readonly shardHash: string;
  readonly payloadBytes: number;
  readonly payloadChecksum: number;
  /** What decides whether a journal that ends with this entry can go: see `ShardPositions`. */
  readonly positions: ShardPositions;
}

export function snapshotName(journalSequence: number): string {
  return `${String(journalSequence).padStart(16, '0')}.snapshot`;
}

/** The journal sequence of a file of this name; null when it is no snapshot's name. */
export function journalSequenceOf(name: string): number | null {
  const match = SNAPSHOT_NAME.exec(name);
  return match === null ? null : Number(match[1]);
}

export function headerBytesOf({ shardCount }: JournalIdentity): number {
  return POSITIONS_AT + 8 + shardCount * 16 + CHECKSUM_BYTES;
}

export function encodeSnapshotHeader(header: SnapshotHeader): Uint8Array {
  const { identity, positions } = header;
  const bytes = new Uint8Array(headerBytesOf(identity));
  const view = viewOf(bytes);
  const checksumAt = bytes.length - CHECKSUM_BYTES;
  bytes.set(MAGIC);
  view.setUint32(8, SNAPSHOT_FORMAT_VERSION, true);
  view.setUint32(12, bytes.length, true);
  view.setUint32(16, identity.shard, true);
  view.setUint32(20, identity.shardCount, true);
  putUint64(view, 24, header.journalSequence);
  putUint64(view, 32, header.lastInputUs);
  putUint64(view, 40, header.payloadBytes);
  view.setBigUint64(48, BigInt(`0x${header.shardHash}`), true);
  view.setUint32(56, header.payloadChecksum, true);
  putUint64(view, POSITIONS_AT, positions.eventSequence);
  for (let shard = 0; shard < identity.shardCount; shard++) {
    putUint64(view, POSITIONS_AT + 8 + shard * 16, positions.sentTo[shard]!);
    putUint64(view, POSITIONS_AT + 16 + shard * 16, positions.consumedFrom[shard]!);
  }
  view.setUint32(checksumAt, crc32(bytes.subarray(0, checksumAt)), true);
  return bytes;
}

/**
 * How long the header is whose first bytes these are.
 *
 * @throws SnapshotError SNAPSHOT_DAMAGED when they are of no header
 */
export function headerBytesOfPrefix(prefix: Uint8Array): number {
  if (MAGIC.compare(prefix, 0, MAGIC.length) !== 0) throw damaged('it begins with something else');
  const bytes = viewOf(prefix).getUint32(12, true);
  if (bytes <= SNAPSHOT_PREFIX_BYTES || bytes > HEADER_BYTES_MAX) {
    throw damaged(`its header would have ${bytes} bytes`);
  }
  return bytes;
}

/**
 * Reads a header that is all of `bytes`.
 *
 * @throws SnapshotError SNAPSHOT_DAMAGED, SNAPSHOT_OTHER_VERSION, SNAPSHOT_FOREIGN
 */
export function decodeSnapshotHeader(
  bytes: Uint8Array,
  { shard, shardCount }: JournalIdentity,
): SnapshotHeader {
  const view = viewOf(bytes);
  const checksumAt = bytes.length - CHECKSUM_BYTES;
  if (view.getUint32(checksumAt, true) !== crc32(bytes.subarray(0, checksumAt))) {
    throw damaged("its header's checksum is wrong");
  }
  const version = view.getUint32(8, true);
  if (version < OLDEST_FORMAT_VERSION || version > SNAPSHOT_FORMAT_VERSION) {
    const known = `${OLDEST_FORMAT_VERSION} to ${SNAPSHOT_FORMAT_VERSION}`;
    const message = `it has format ${version}, this program reads ${known}`;
    throw new SnapshotError('SNAPSHOT_OTHER_VERSION', message);
  }
  const found = { shard: view.getUint32(16, true), shardCount: view.getUint32(20, true) };
  if (found.shard !== shard || found.shardCount !== shardCount) {
    const message = `it is of shard ${found.shard} of ${found.shardCount}, not ${shard} of ${shardCount}`;
    throw new SnapshotError('SNAPSHOT_FOREIGN', message);
  }
  const numbers = Array.from({ length: shardCount }, (_, other) => other);
  const positionAt = (at: number) => getUint64(view, POSITIONS_AT + at);
  return {
    identity: found,
    journalSequence: getUint64(view, 24),
    lastInputUs: getUint64(view, 32),
    payloadBytes: getUint64(view, 40),
    shardHash: view.getBigUint64(48, true).toString(16).padStart(16, '0'),
    payloadChecksum: view.getUint32(56, true),
    positions: {
      eventSequence: positionAt(0),
      sentTo: numbers.map((other) => positionAt(8 + other * 16)),
      consumedFrom: numbers.map((other) => positionAt(16 + other * 16)),
    },
  };
}

/** What a reader of a snapshot says; who knows the file adds its name. */
export function damaged(what: string, cause?: unknown): SnapshotError {
  return new SnapshotError('SNAPSHOT_DAMAGED', what, cause);
}

function putUint64(view: DataView, at: number, value: number): void {
  view.setBigUint64(at, BigInt(value), true);
}

function getUint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
