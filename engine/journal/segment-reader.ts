import { viewOf } from '../protocol/frame-reader.ts';
import { type Disk, readFully, withFile } from './disk.ts';
import { JournalDamage, JournalFailure } from './journal-error.ts';
import {
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  decodeSegmentHeader,
  type SegmentHeader,
  takeBatchHeader,
} from './journal-layout.ts';
import type { Segment } from './segments.ts';

/**
 * Takes one entry: its sequence, its source (−1 = gateway, else the shard that sent it), its time in µs, and its
 * frame: `bytes[start..end)`, the length in front, valid until the visitor returns.
 */
export type EntryVisitor = (
  sequence: number,
  source: number,
  timeUs: number,
  bytes: Uint8Array,
  start: number,
  end: number,
) => void;

/** Holds one segment at a time in memory, whole, and reads its batches. */
export class SegmentReader {
  readonly #disk: Disk;
  #path = '';
  #bytes: Buffer = Buffer.alloc(0);
  #view = viewOf(this.#bytes);
  /** The file is `bytes[0..size)`. */
  size = 0;
  header: SegmentHeader = decodeSegmentHeader(this.#bytes, 0);
  /** The batch that `nextBatch` found. */
  readonly batch = { end: 0, entryCount: 0, firstSequence: 0, timeUs: 0 };

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** @throws JournalFailure when the file cannot be read */
  load({ path }: Segment): void {
    this.#path = path;
    try {
      withFile(this.#disk, path, 'read', (file) => {
        const size = this.#disk.sizeOf(file);
        if (size > this.#bytes.length) {
          this.#bytes = Buffer.allocUnsafeSlow(size);
          this.#view = viewOf(this.#bytes);
        }
        this.size = readFully(this.#disk, file, this.#bytes, 0, size, 0);
      });
    } catch (error) {
      throw new JournalFailure('read', path, error);
    }
    this.header = decodeSegmentHeader(this.#bytes, this.size);
  }

  /** Moves to the batch at `at`; answers null, or what is there instead. */
  nextBatch(at: number): string | null {
    return takeBatchHeader(
      this.#bytes,
      this.#view,
      at,
      this.size,
      this.header.checksum,
      this.batch,
    );
  }

  /** Without the zeros at the file's end. */
  get contentBytes(): number {
    let end = this.size;
    while (end > 0 && this.#bytes[end - 1] === 0) end--;
    return end;
  }

  isZeroFrom(start: number): boolean {
    return this.contentBytes <= start;
  }

  /** Where the first whole batch begins that is at `start` or behind it; −1 when there is none. */
  findBatch(start: number): number {
    const bytes = this.#bytes.subarray(0, this.size);
    let at = bytes.indexOf(BATCH_MAGIC, start);
    while (at >= 0 && this.nextBatch(at) !== null) at = bytes.indexOf(BATCH_MAGIC, at + 1);
    return at;
  }

  /**
   * Visits those entries of the batch at `batchStart` that are in `from … to`; answers the last one's time.
   *
   * @throws JournalDamage when the entries are not what the header says, which the checksum makes next to impossible
   */
  visitEntries(batchStart: number, from: number, to: number, visit: EntryVisitor): number {
    const bytes = this.#bytes;
    const { end, entryCount, firstSequence } = this.batch;
    const endSequence = firstSequence + entryCount;
    let { timeUs } = this.batch;
    let at = batchStart + BATCH_HEADER_BYTES;
    let sequence = firstSequence;
    for (; sequence < endSequence && at < end; sequence++) {
      const tag = bytes[at++]!;
      if (tag >= 0x80) {
        let byte: number;
        let unit = 1;
        do {
          byte = bytes[at++]!;
          timeUs += (byte & 0x7f) * unit;
          unit *= 0x80;
        } while (byte >= 0x80 && at < end);
      }
      const start = at;
      at +=
        4 +
        ((bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>>
          0);
      if (at > end) break;
      if (sequence >= from && sequence <= to) {
        visit(sequence, (tag & 0x7f) - 1, timeUs, bytes, start, at);
      }
    }
    if (sequence !== endSequence || at !== end) {
      this.report(batchStart, `${entryCount} entries`, `${sequence - firstSequence} that fit`);
    }
    return timeUs;
  }

  copyOf(start: number, end: number): Uint8Array {
    return Uint8Array.from(this.#bytes.subarray(start, end));
  }

  /** @throws JournalDamage, which says that the loaded segment has it */
  report(offset: number, expected: string, found: string): never {
    throw new JournalDamage(this.#path, offset, expected, found);
  }
}
