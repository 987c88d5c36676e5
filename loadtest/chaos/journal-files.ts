import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../random.ts';

/**
 * Works on the journal of a venue that does not run, as a power cut or a bad disk would. Knows of the layout
 * (engine/journal/journal-layout.ts) only where batches begin and end: a segment header of 44 bytes, then batches
 * with headers of 32 bytes, whose third word is the length of what follows; behind the last one zeros.
 */
const SEGMENT_MAGIC = 'RNGSDJNL';
const SEGMENT_HEADER_BYTES = 44;
const BATCH_HEADER_BYTES = 32;
const BATCH_MAGIC = Buffer.of(0xff, 0x4a, 0x42, 0xfe);
const BATCH_LENGTH_OFFSET = 8;

const TORN_BYTES_MAX = 8_192;

/** One group commit, `[start, end)` in its file. */
interface BatchExtent {
  readonly start: number;
  readonly end: number;
}

/** The newest segment of each shard's journal under the data dir. */
export function newestSegments(dataDirectory: string): string[] {
  const folder = join(dataDirectory, 'journal');
  const shards = readdirSync(folder).filter((name) => name.startsWith('shard-'));
  return shards.sort().flatMap((shard) => {
    const segments = readdirSync(join(folder, shard)).filter((name) => name.endsWith('.journal'));
    const newest = segments.sort().at(-1);
    return newest === undefined ? [] : [join(folder, shard, newest)];
  });
}

/** The whole batches of a segment, in order. */
export function batchesOf(bytes: Buffer): BatchExtent[] {
  if (bytes.toString('latin1', 0, SEGMENT_MAGIC.length) !== SEGMENT_MAGIC) return [];
  const batches: BatchExtent[] = [];
  let start = SEGMENT_HEADER_BYTES;
  while (bytes.subarray(start, start + BATCH_MAGIC.length).equals(BATCH_MAGIC)) {
    const end = start + BATCH_HEADER_BYTES + bytes.readUInt32LE(start + BATCH_LENGTH_OFFSET);
    if (end > bytes.length) break;
    batches.push({ start, end });
    start = end;
  }
  return batches;
}

const TEARS = {
  /** What was in the blocks before. */
  garbage: (random: Random) => randomBytes(random, random.integer(1, TORN_BYTES_MAX)),
  /** The last batch again, but never all of it. */
  'half a batch': (random: Random, last: Buffer) => {
    const torn = Buffer.from(last.subarray(0, random.integer(1, last.length)));
    torn[random.integer(0, torn.length - 1)]! ^= 1 << random.integer(0, 7);
    return torn;
  },
  /** A header that came through, and none of the rest. */
  'a header': (random: Random, last: Buffer) => {
    const header = Buffer.from(last.subarray(0, BATCH_HEADER_BYTES));
    header.writeUInt32LE(random.integer(1, TORN_BYTES_MAX), BATCH_LENGTH_OFFSET);
    return header;
  },
  nothing: () => Buffer.alloc(0),
} as const;

/**
 * Leaves behind the last batch what a power cut in the middle of the next one may leave: a part of it, or zeros, in a
 * file that has grown already or not yet. Nothing that was committed is touched. Answers what was done, in words.
 */
export function tearTail(path: string, random: Random): string {
  const bytes = readFileSync(path);
  const last = batchesOf(bytes).at(-1);
  if (last === undefined) return `${path} has no batch`;
  const names = Object.keys(TEARS) as (keyof typeof TEARS)[];
  const name = names[random.integer(0, names.length - 1)]!;
  const torn = TEARS[name](random, bytes.subarray(last.start, last.end));
  const room = Buffer.alloc(random.chance(0.5) ? random.integer(0, TORN_BYTES_MAX) : 0);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, last.end), torn, room]));
  return `${name} (${torn.length} bytes) and ${room.length} zeros behind ${last.end} of ${path}`;
}

/** A bit that is not what it was. */
interface FlippedBit {
  readonly path: string;
  /** Flips it back. */
  undo(): void;
}

/**
 * Flips one bit of a batch that has another behind it: this is damage, and no crash can have done it. Null when no
 * batch has.
 */
export function flipBit(path: string, random: Random): FlippedBit | null {
  const bytes = readFileSync(path);
  const batches = batchesOf(bytes);
  if (batches.length < 2) return null;
  const { start, end } = batches[random.integer(0, batches.length - 2)]!;
  const flipped = Buffer.from(bytes);
  flipped[random.integer(start, end - 1)]! ^= 1 << random.integer(0, 7);
  writeFileSync(path, flipped);
  return { path, undo: () => writeFileSync(path, bytes) };
}

/** Tells whether any file in the folder has changed. */
export function digestOfFolder(folder: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const name of names.sort()) hash.update(name).update(readFileSync(name));
  return hash.digest('hex');
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
}
