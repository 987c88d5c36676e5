import assert from 'node:assert/strict';
import { Random } from '../collections/random.ts';
import type { Disk } from './disk.ts';
import { type JournalEnd, repairJournal, syncJournal } from './journal-end.ts';
import { JournalReader } from './journal-reader.ts';
import { type JournalOptions, JournalWriter } from './journal-writer.ts';

export const IDENTITY = { shard: 1, shardCount: 3 };

/** One input of a shard. */
export interface Entry {
  readonly source: number;
  readonly timeUs: number;
  /** With its length in front. */
  readonly frame: Uint8Array;
}

/** Inputs that follow from a seed: mostly of the size of an order, often several of one time. */
export class EntrySource {
  #timeUs = 1_700_000_000_000_000;
  readonly #random: Random;
  readonly #largeBytes: number;

  /** @param largeBytes one frame in fifty has up to this many bytes */
  constructor(seed: number, largeBytes = 700) {
    this.#random = new Random(seed);
    this.#largeBytes = largeBytes;
  }

  next(): Entry {
    const random = this.#random;
    if (random.below(4) === 0) this.#timeUs += random.below(2 ** random.below(31));
    const isLarge = random.below(50) === 0;
    const frame = new Uint8Array(4 + random.below(isLarge ? this.#largeBytes : 60));
    for (let at = 4; at < frame.length; at++) frame[at] = random.below(256);
    new DataView(frame.buffer).setUint32(0, frame.length - 4, true);
    return { source: random.below(4) - 1, timeUs: this.#timeUs, frame };
  }

  take(count: number): Entry[] {
    return Array.from({ length: count }, () => this.next());
  }
}

export function appendAll(writer: JournalWriter, entries: readonly Entry[]): void {
  for (const { source, timeUs, frame } of entries) {
    // As from a ring: somewhere in a larger buffer.
    const bytes = new Uint8Array(frame.length + 5);
    bytes.set(frame, 3);
    writer.append(source, timeUs, bytes, 3, 3 + frame.length);
  }
}

/** Reads a journal and collects its entries, whose sequences must be dense from `from`. */
export function readJournal(
  disk: Disk,
  directory: string,
  from = 1,
): { entries: Entry[]; end: JournalEnd } {
  const entries: Entry[] = [];
  const end = new JournalReader(disk, directory, IDENTITY).read(
    from,
    (sequence, source, timeUs, bytes, start, frameEnd) => {
      assert.equal(sequence, from + entries.length);
      entries.push({ source, timeUs, frame: Uint8Array.from(bytes.subarray(start, frameEnd)) });
    },
  );
  assert.equal(end.nextSequence, from + entries.length);
  const last = entries.at(-1);
  if (last !== undefined) assert.equal(end.lastTimeUs, last.timeUs);
  return { entries, end };
}

/** As a venue starts: reads, makes that durable, cuts off what is torn, and goes on. */
export function openJournal(
  disk: Disk,
  directory: string,
  options: JournalOptions,
  from = 1,
): { entries: Entry[]; writer: JournalWriter } {
  const { entries, end } = readJournal(disk, directory, from);
  if (options.durability === 'fsync') syncJournal(disk, directory, end);
  const repaired = repairJournal(disk, end);
  return { entries, writer: new JournalWriter(disk, directory, IDENTITY, repaired, options) };
}
