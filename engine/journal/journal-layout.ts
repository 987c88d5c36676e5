import { crc32 } from 'node:zlib';
import { viewOf } from '../protocol/frame-reader.ts';

/**
 * How a journal lies on disk. All integers are little-endian.
 *
 *     directory  one file per segment, named by the sequence of the first entry it holds
 *     segment    segment header · batch · batch · … · zeros, which are room for batches to come
 *     batch      batch header · entry · entry · …            one group commit
 *     entry      tag · [time] · frame                        one input of the shard
 *
 * The tag is the source + 1 (0 = gateway, 1 = shard 0, …) in its low seven bits; the high one says that a time
 * follows: µs since the entry before, or since the batch's time, as a LEB128 varint. The frame is as it came from
 * its ring: `uint32 length` and as many bytes. So an entry costs one byte beside its frame when it shares the time
 * of the one before, and two or three when it does not.
 *
 *     segment header, 44 bytes            batch header, 32 bytes
 *      0  "RNGSDJNL"                       0  magic
 *      8  uint32  format version           4  uint32  CRC-32 of everything behind it, to the batch's end
 *     12  uint32  shard                    8  uint32  payload bytes
 *     16  uint32  shard count             12  uint32  entries
 *     20  uint64  first sequence          16  uint64  sequence of the first entry
 *     28  uint64  time of the entry       24  uint64  time, µs
 *                 before it, µs
 *     36  uint32  0
 *     40  uint32  CRC-32 of the above
 *
 * A batch's checksum starts from that of its segment's header: a batch of another shard's segment, or of another
 * place, that a confused disk serves in its stead does not pass for the right one.
 */
export const FORMAT_VERSION = 1;
export const SEGMENT_HEADER_BYTES = 44;
export const BATCH_HEADER_BYTES = 32;

/** Its first and last byte occur in no UTF-8 text, so no client can smuggle a batch into his order's texts. */
export const BATCH_MAGIC = Buffer.of(0xff, 0x4a, 0x42, 0xfe);
const BATCH_MAGIC_WORD = BATCH_MAGIC.readUInt32LE();
const SEGMENT_MAGIC = Buffer.from('RNGSDJNL');

/** Beside its frame: the tag, and a time of up to 53 bits. */
export const ENTRY_OVERHEAD_BYTES_MAX = 1 + 8;

/** Whose journal it is. */
export interface JournalIdentity {
  readonly shard: number;
  readonly shardCount: number;
}

export const SEGMENT_SUFFIX = '.journal';
const SEGMENT_NAME = /^(\d{16})\.journal$/;

export function segmentName(firstSequence: number): string {
  return `${String(firstSequence).padStart(16, '0')}${SEGMENT_SUFFIX}`;
}

/** The first sequence that a file of this name holds; null when it is no segment's name. */
export function firstSequenceOf(name: string): number | null {
  const match = SEGMENT_NAME.exec(name);
  return match === null ? null : Number(match[1]);
}

/** @param lastTimeUs time of the last entry before the segment, 0 when there is none */
export function encodeSegmentHeader(
  { shard, shardCount }: JournalIdentity,
  firstSequence: number,
  lastTimeUs: number,
  version = FORMAT_VERSION,
): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = viewOf(bytes);
  bytes.set(SEGMENT_MAGIC);
  view.setUint32(8, version, true);
  view.setUint32(12, shard, true);
  view.setUint32(16, shardCount, true);
  putUint64(view, 20, firstSequence);
  putUint64(view, 28, lastTimeUs);
  view.setUint32(40, crc32(bytes.subarray(0, 40)), true);
  return bytes;
}

/** What the checksums of a segment's batches start from: its header's own. */
export function checksumOfSegment(header: Uint8Array): number {
  return viewOf(header).getUint32(40, true);
}

/** What stands at the start of a segment's bytes, in words; whether it is whole; and what it starts from. */
export interface SegmentHeader {
  readonly isWhole: boolean;
  readonly description: string;
  readonly lastTimeUs: number;
  readonly checksum: number;
}

/** Reads the header of a segment of any shard and version; `size` is how much of `bytes` there is. */
export function decodeSegmentHeader(bytes: Uint8Array, size: number): SegmentHeader {
  const broken = { isWhole: false, lastTimeUs: 0, checksum: 0 };
  if (size < SEGMENT_HEADER_BYTES) return { ...broken, description: `only ${size} bytes` };
  const view = viewOf(bytes);
  if (SEGMENT_MAGIC.compare(bytes, 0, SEGMENT_MAGIC.length) !== 0) {
    return { ...broken, description: 'something else' };
  }
  const checksum = view.getUint32(40, true);
  const isWhole = checksum === crc32(bytes.subarray(0, 40));
  const description =
    describeSegment(
      { shard: view.getUint32(12, true), shardCount: view.getUint32(16, true) },
      getUint64(view, 20),
      view.getUint32(8, true),
    ) + (isWhole ? '' : ' with a wrong checksum');
  return { isWhole, description, lastTimeUs: getUint64(view, 28), checksum };
}

/** In words, so that a person reads what differs. */
export function describeSegment(
  { shard, shardCount }: JournalIdentity,
  firstSequence: number,
  version = FORMAT_VERSION,
): string {
  return `a segment of format ${version}, shard ${shard} of ${shardCount}, from sequence ${firstSequence}`;
}

/** Writes the header of the batch in `bytes[start..end)`, which holds the entries already. */
export function putBatchHeader(
  bytes: Uint8Array,
  view: DataView,
  end: number,
  entryCount: number,
  firstSequence: number,
  timeUs: number,
  segmentChecksum: number,
): void {
  view.setUint32(0, BATCH_MAGIC_WORD, true);
  view.setUint32(8, end - BATCH_HEADER_BYTES, true);
  view.setUint32(12, entryCount, true);
  putUint64(view, 16, firstSequence);
  putUint64(view, 24, timeUs);
  view.setUint32(4, crc32(bytes.subarray(8, end), segmentChecksum), true);
}

/** The header of a whole batch. */
export interface BatchHeader {
  end: number;
  entryCount: number;
  firstSequence: number;
  timeUs: number;
}

/**
 * Reads the header of the batch at `at` into `target` and checks the whole batch, which must end by `size`; answers
 * what is wrong with it, or null.
 */
export function takeBatchHeader(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  size: number,
  segmentChecksum: number,
  target: BatchHeader,
): string | null {
  if (size - at < BATCH_HEADER_BYTES) return `${size - at} bytes before the end of the file`;
  if (view.getUint32(at, true) !== BATCH_MAGIC_WORD) return 'something else';
  target.end = at + BATCH_HEADER_BYTES + view.getUint32(at + 8, true);
  if (target.end > size) return 'a batch that ends beyond the end of the file';
  if (crc32(bytes.subarray(at + 8, target.end), segmentChecksum) !== view.getUint32(at + 4, true)) {
    return 'a batch with a wrong checksum';
  }
  target.entryCount = view.getUint32(at + 12, true);
  target.firstSequence = getUint64(view, at + 16);
  target.timeUs = getUint64(view, at + 24);
  return null;
}

function putUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

function getUint64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}
