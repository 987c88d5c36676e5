import { assert } from '../assert.ts';
import type { Disk } from './disk.ts';
import type { JournalEnd, NewestSegment } from './journal-end.ts';
import { JournalDamage } from './journal-error.ts';
import { describeSegment, type JournalIdentity, SEGMENT_HEADER_BYTES } from './journal-layout.ts';
import { type EntryVisitor, SegmentReader } from './segment-reader.ts';
import { listSegments, type Segment } from './segments.ts';

/**
 * Reads one shard's journal. What a crash may leave at its end is told from damage:
 *
 * - Zeros, or nothing, behind the last batch are a clean end.
 * - An incomplete batch at the end of the newest segment, with no whole batch behind it, is a torn tail, and so is a
 *   newest segment with neither a whole header nor anything behind it. It never counted: its `commit` did not return,
 *   and all that is before it was synced before it was begun.
 * - Anything else (a bad batch before a good one, a missing segment, a gap or repeat in the sequences, the file of
 *   another shard or version) is a `JournalDamage`, and nothing is changed.
 *
 * With durability `os` nothing orders the batches on their way to the disk: a power cut may lose one and keep the
 * next, which reads as damage too. Damage to the very last batch cannot be told from a torn tail, except after an
 * orderly end: `JournalWriter.close` puts an empty batch behind it.
 */
export class JournalReader {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #identity: JournalIdentity;
  readonly #segment: SegmentReader;
  #nextSequence = 1;
  #lastTimeUs = 0;
  /** Of the segment being read. */
  #lastBatchStart = 0;

  constructor(disk: Disk, directory: string, identity: JournalIdentity) {
    this.#disk = disk;
    this.#directory = directory;
    this.#identity = identity;
    this.#segment = new SegmentReader(disk);
  }

  /**
   * Visits the entries from sequence `from` on, in order, and checks everything from there to the journal's end;
   * segments that end before `from` are not looked at. Keeps one segment in memory.
   *
   * @param from at most one beyond the last entry: who has history up to there knows that the journal had it too
   * @throws JournalDamage see above; what is before the damage may have been visited
   * @throws JournalFailure when the disk cannot be read
   */
  read(from: number, visit: EntryVisitor): JournalEnd {
    const segments = listSegments(this.#disk, this.#directory);
    const unborn = this.#takeUnborn(segments);
    const needed = segmentsFrom(segments, from);
    this.#begin(needed[0] ?? unborn, from);
    let newestSegment: NewestSegment | null = null;
    let tornBytes = 0;
    for (const segment of needed) {
      this.#open(segment);
      const endBytes = this.#visitBatches(from, Number.MAX_SAFE_INTEGER, visit);
      const isNewest = unborn === null && segment === needed.at(-1);
      tornBytes = this.#checkTail(endBytes, isNewest);
      if (isNewest) newestSegment = this.#describe(segment, endBytes);
    }
    if (unborn !== null) {
      this.#expectNext(unborn);
      this.#segment.load(unborn);
      tornBytes = this.#segment.contentBytes;
      newestSegment = this.#describe(unborn, 0);
    }
    const nextSequence = this.#nextSequence;
    if (from > nextSequence) this.#reportMissing(from - 1, `the end before ${nextSequence}`);
    return { nextSequence, lastTimeUs: this.#lastTimeUs, newestSegment, tornBytes };
  }

  /**
   * Visits the entries `from … to` of a journal that may be written to meanwhile: `to` is committed, and what is behind
   * it is not looked at.
   *
   * @throws as `read`, and JournalDamage when the journal ends before `to`
   */
  readRange(from: number, to: number, visit: EntryVisitor): void {
    assert(from >= 1 && from <= to, 'not a range of sequences');
    const needed = segmentsFrom(listSegments(this.#disk, this.#directory), from);
    this.#begin(needed[0], from);
    for (const segment of needed) {
      if (segment.firstSequence > to) break;
      this.#open(segment);
      this.#visitBatches(from, to, visit);
    }
    if (this.#nextSequence <= to) this.#reportMissing(to, `the end before ${this.#nextSequence}`);
  }

  /** Takes a newest segment off the list that never got a whole header, and so holds nothing. */
  #takeUnborn(segments: Segment[]): Segment | null {
    const newest = segments.at(-1);
    if (newest === undefined) return null;
    this.#segment.load(newest);
    if (this.#segment.header.isWhole || !this.#segment.isZeroFrom(SEGMENT_HEADER_BYTES))
      return null;
    segments.pop();
    return newest;
  }

  #begin(oldest: Segment | null | undefined, from: number): void {
    this.#nextSequence = oldest?.firstSequence ?? 1;
    this.#lastTimeUs = 0;
    if (from < this.#nextSequence) {
      this.#reportMissing(from, `the oldest from ${this.#nextSequence}`);
    }
  }

  #expectNext({ firstSequence }: Segment): void {
    if (firstSequence !== this.#nextSequence) {
      this.#reportMissing(this.#nextSequence, `the next from ${firstSequence}`);
    }
  }

  /** Loads the segment that must begin where the one before it ended. */
  #open(segment: Segment): void {
    this.#expectNext(segment);
    this.#segment.load(segment);
    const { header } = this.#segment;
    const expected = describeSegment(this.#identity, segment.firstSequence);
    if (header.description !== expected) this.#segment.report(0, expected, header.description);
    this.#lastTimeUs = header.lastTimeUs;
    this.#lastBatchStart = 0;
  }

  /** Visits the batches as far as they are good, or to the one that holds `to`; answers where they end. */
  #visitBatches(from: number, to: number, visit: EntryVisitor): number {
    const { batch } = this.#segment;
    let at = SEGMENT_HEADER_BYTES;
    while (this.#nextSequence <= to && this.#segment.nextBatch(at) === null) {
      if (batch.firstSequence !== this.#nextSequence) {
        this.#segment.report(at, this.#dueBatch(), `one from sequence ${batch.firstSequence}`);
      }
      this.#lastTimeUs = this.#segment.visitEntries(at, from, to, visit);
      this.#nextSequence += batch.entryCount;
      this.#lastBatchStart = at;
      at = batch.end;
    }
    return at;
  }

  /** Answers how much is torn behind the last good batch, which ends at `endBytes`. */
  #checkTail(endBytes: number, isNewest: boolean): number {
    const segment = this.#segment;
    if (segment.isZeroFrom(endBytes)) return 0;
    const found = segment.nextBatch(endBytes)!;
    if (!isNewest) segment.report(endBytes, `${this.#dueBatch()} or zeros`, found);
    const later = segment.findBatch(endBytes + 1);
    if (later >= 0) {
      segment.report(endBytes, this.#dueBatch(), `${found}, with a whole one at byte ${later}`);
    }
    return segment.contentBytes - endBytes;
  }

  #describe({ path }: Segment, endBytes: number): NewestSegment {
    const { size: fileBytes, header } = this.#segment;
    const lastBatch =
      endBytes > SEGMENT_HEADER_BYTES
        ? this.#segment.copyOf(this.#lastBatchStart, endBytes)
        : new Uint8Array(0);
    return { path, checksum: header.checksum, fileBytes, endBytes, lastBatch };
  }

  #dueBatch(): string {
    return `a batch from sequence ${this.#nextSequence}`;
  }

  #reportMissing(sequence: number, found: string): never {
    throw new JournalDamage(this.#directory, 0, `a segment with sequence ${sequence}`, found);
  }
}

/** The one that holds `from` and those after it, of a list that begins with the oldest. */
function segmentsFrom(segments: readonly Segment[], from: number): readonly Segment[] {
  const first = segments.findLastIndex(({ firstSequence }) => firstSequence <= from);
  return segments.slice(Math.max(0, first));
}
