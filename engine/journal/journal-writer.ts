import { join } from 'node:path';
import { assert } from '../assert.ts';
import { viewOf } from '../protocol/frame-reader.ts';
import { MAX_SHARDS } from '../protocol/sharding.ts';
import { type Disk, writeFully } from './disk.ts';
import type { JournalEnd, NewestSegment } from './journal-end.ts';
import { JournalFailure } from './journal-error.ts';
import {
  BATCH_HEADER_BYTES,
  checksumOfSegment,
  ENTRY_OVERHEAD_BYTES_MAX,
  encodeSegmentHeader,
  type JournalIdentity,
  putBatchHeader,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from './journal-layout.ts';
import { createSegment, removeUnfinishedSegments } from './segments.ts';

/** What a returned `commit` means: synced to the disk, or only handed to the operating system. */
export type JournalDurability = 'fsync' | 'os';

export interface JournalOptions {
  readonly durability: JournalDurability;
  /** A segment grows no further than this, unless a single batch is larger. */
  readonly segmentBytes?: number | undefined;
  /** With `fsync`, a file grows in steps of this, by zeros; 0 for batch by batch. */
  readonly growthBytes?: number;
  /** Called after each commit that had entries: with the last one's sequence, their count, and the batch's size. */
  readonly onCommit?: (sequence: number, entries: number, bytes: number) => void;
}

export const DEFAULT_SEGMENT_BYTES = 64 * 2 ** 20;

/**
 * A sync is cheaper when the file's size and blocks stay as they were: it writes the data and nothing else, where it
 * otherwise waits for the file system's own journal, too. On ext4 a commit of 4 KiB took 0.13 instead of 0.35 ms in the
 * mean, and 0.5 instead of 3 ms at p99; one of 64 KiB 0.22 instead of 0.34 ms. Smaller steps than this pay less for
 * large batches; larger ones make the commit that grows the file slow (1 MiB: 1.1 ms). See the benchmark journal-file.
 */
export const DEFAULT_GROWTH_BYTES = 256 * 2 ** 10;

const BUFFER_BYTES = 256 * 2 ** 10;
/** A buffer that one large batch has grown beyond this is not kept. */
const BUFFER_KEPT_BYTES_MAX = 4 * 2 ** 20;

/** A view of a part of the source costs more than copying so few bytes four at a time. */
const SHORT_COPY_BYTES_MAX = 96;

/**
 * Writes one shard's journal. At most one writer at a time may have the directory: the venue's lock on its data
 * directory is for that. All calls block the thread.
 *
 * The order of calls, for a shard's loop:
 *
 *     const reader = new JournalReader(disk, directory, identity);
 *     const end = reader.read(snapshotSequence + 1, replay);      // apply, but let nothing out
 *     syncJournal(disk, directory, end);
 *     …now what the replay caused may leave: it is durable, and no byte was changed.
 *     const writer = new JournalWriter(disk, directory, identity, repairJournal(disk, end), options);
 *
 *     each turn:  for each input   writer.append(source, timeUs, bytes, start, end);
 *                                  shard.apply(frame, source, timeUs);      // outputs wait in memory
 *                 then             writer.commit();
 *                 and only then    flush the outputs to the rings.
 *     at the end: writer.close();
 *
 * A time must not be below the one before, across restarts too: the clock starts at `lastTimeUs` at least. When
 * `apply` asserts, throw the writer away without a commit: nothing of the turn has happened then.
 *
 * After any error of the disk the writer is dead: that call and all later ones throw `JournalFailure`. It does not try
 * again, since after a failed sync the next one may succeed without having written anything (the kernel has dropped
 * the pages; "fsyncgate"). For the same reason `syncJournal` comes before the next writer.
 */
export class JournalWriter {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #identity: JournalIdentity;
  readonly #isSynced: boolean;
  readonly #segmentBytesMax: number;
  readonly #growthBytes: number;
  readonly #onCommit: (sequence: number, entries: number, bytes: number) => void;
  readonly #zeros: Uint8Array;

  #file = -1;
  #path: string;
  #segmentChecksum = 0;
  /** Where the next batch goes, and up to where the file has zeros for it. */
  #position = 0;
  #fileBytes = 0;

  /** The batch being gathered, `buffer[0..end)`, with room for its header in front. */
  #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #view = viewOf(this.#buffer);
  #end = BATCH_HEADER_BYTES;
  #entryCount = 0;
  #batchTimeUs = 0;
  #lastTimeUs: number;
  #committedTimeUs: number;
  #nextSequence: number;
  #committedSequence: number;
  #failure: JournalFailure | null = null;

  /** What `append` last copied from. */
  #source: Uint8Array = this.#buffer;
  #sourceView = this.#view;

  /**
   * Goes on from where a `JournalReader` found the end, after `syncJournal`, unless durability is `os`, and
   * `repairJournal`. When this returns, there is room for more.
   *
   * @throws JournalFailure when the disk refuses
   */
  constructor(
    disk: Disk,
    directory: string,
    identity: JournalIdentity,
    end: JournalEnd,
    options: JournalOptions,
  ) {
    assert(end.tornBytes === 0, 'the journal has a torn end');
    assert(identity.shardCount <= MAX_SHARDS, 'too many shards for the tag of an entry');
    this.#disk = disk;
    this.#directory = directory;
    this.#identity = identity;
    this.#isSynced = options.durability === 'fsync';
    this.#segmentBytesMax = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
    this.#growthBytes = this.#isSynced ? (options.growthBytes ?? DEFAULT_GROWTH_BYTES) : 0;
    this.#onCommit = options.onCommit ?? (() => {});
    this.#zeros = new Uint8Array(this.#growthBytes);
    this.#path = end.newestSegment?.path ?? directory;
    this.#lastTimeUs = end.lastTimeUs;
    this.#committedTimeUs = end.lastTimeUs;
    this.#nextSequence = end.nextSequence;
    this.#committedSequence = end.nextSequence - 1;
    this.#guard('open', () => this.#continue(end));
  }

  /** Sequence of the last entry that a `commit`, or the journal as it was opened, holds. */
  get committedSequence(): number {
    return this.#committedSequence;
  }

  /** Time of the last entry, appended ones included, µs; 0 when there never was one. */
  get lastTimeUs(): number {
    return this.#lastTimeUs;
  }

  /** A copy of the entries that `commit` would write, without the header of their batch. */
  get uncommitted(): Uint8Array {
    return Uint8Array.from(this.#buffer.subarray(BATCH_HEADER_BYTES, this.#end));
  }

  /** Bytes that `commit` would write. */
  get pendingBytes(): number {
    return this.#entryCount === 0 ? 0 : this.#end;
  }

  /**
   * Takes one input, by copy; nothing is written before `commit`. Answers its sequence.
   *
   * @param source −1 for the gateway, else the shard that sent it
   * @param timeUs not below that of the entry before
   * @param bytes the frame is `bytes[start..end)`, as it came from the ring: with its length in front
   */
  append(source: number, timeUs: number, bytes: Uint8Array, start: number, end: number): number {
    if (this.#failure !== null) throw this.#failure;
    assert(source >= -1 && source < MAX_SHARDS, 'entry from nowhere');
    assert(timeUs >= this.#lastTimeUs, 'the time of entries steps back');
    if (bytes !== this.#source) {
      this.#source = bytes;
      this.#sourceView = viewOf(bytes);
    }
    const frameBytes = 4 + this.#sourceView.getUint32(start, true);
    assert(end - start === frameBytes, 'entry is not one frame');
    this.#ensure(ENTRY_OVERHEAD_BYTES_MAX + frameBytes);
    if (this.#entryCount++ === 0) this.#batchTimeUs = this.#lastTimeUs = timeUs;
    if (timeUs === this.#lastTimeUs) {
      this.#buffer[this.#end++] = source + 1;
    } else {
      this.#buffer[this.#end++] = 0x80 | (source + 1);
      this.#putVarint(timeUs - this.#lastTimeUs);
      this.#lastTimeUs = timeUs;
    }
    this.#copy(bytes, start, end);
    return this.#nextSequence++;
  }

  /**
   * Writes what was appended as one batch and, with durability `fsync`, syncs it: two system calls in the usual case,
   * none when nothing was appended. Answers the sequence of the last entry that is now committed.
   *
   * @throws JournalFailure when the disk refuses: then what was appended is not committed, and never will be
   */
  commit(): number {
    if (this.#failure !== null) throw this.#failure;
    const entries = this.#entryCount;
    if (entries > 0) {
      const bytes = this.#end;
      this.#guard('write', () => this.#writeBatch());
      this.#onCommit(this.#committedSequence, entries, bytes);
    }
    return this.#committedSequence;
  }

  /** Commits, and marks the journal's orderly end by an empty batch. The writer is of no use after it. */
  close(): void {
    this.commit();
    this.#batchTimeUs = this.#lastTimeUs;
    this.#guard('close', () => {
      this.#writeBatch();
      const file = this.#file;
      this.#file = -1;
      this.#disk.close(file);
    });
    this.#failure = new JournalFailure('write', this.#path, 'it was closed');
  }

  /** Gives the file back without a commit: what was appended since the last one never was. */
  abandon(): void {
    this.#failure ??= new JournalFailure('write', this.#path, 'it was abandoned');
    if (this.#file < 0) return;
    try {
      this.#disk.close(this.#file);
    } catch {
      // Whatever it was, nothing more is asked of the file.
    }
    this.#file = -1;
  }

  /** Nothing is retried: a writer that failed once stays so. */
  #guard(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      const isNamed = error instanceof JournalFailure;
      this.#failure = isNamed ? error : new JournalFailure(what, this.#path, error);
      this.abandon();
      throw this.#failure;
    }
  }

  #continue({ newestSegment: segment }: JournalEnd): void {
    removeUnfinishedSegments(this.#disk, this.#directory);
    // One without a batch may have been made in vain: nothing tells that its name became durable.
    if (segment !== null && segment.lastBatch.length > 0) this.#resume(segment);
    else this.#beginSegment();
  }

  #resume({ path, checksum, fileBytes, endBytes }: NewestSegment): void {
    this.#file = this.#disk.open(path, 'update');
    this.#segmentChecksum = checksum;
    this.#position = endBytes;
    this.#fileBytes = fileBytes;
    this.#makeRoom();
  }

  /** A full disk says so when a journal is opened, not with the first batch, which may go to a new segment. */
  #makeRoom(): void {
    const wantedBytes = Math.min(this.#growthBytes, this.#segmentBytesMax) / 2;
    if (this.#fileBytes - this.#position >= wantedBytes) return;
    if (this.#segmentBytesMax - this.#position < wantedBytes) {
      this.#beginSegment();
      return;
    }
    const count = Math.min(this.#growthBytes, this.#segmentBytesMax - this.#fileBytes);
    writeFully(this.#disk, this.#file, this.#zeros, 0, count, this.#fileBytes);
    this.#disk.sync(this.#file);
    this.#fileBytes += count;
  }

  /** For the next batch, which it is named by. */
  #beginSegment(): void {
    const before = this.#file;
    this.#file = -1;
    if (before >= 0) this.#disk.close(before);
    const firstSequence = this.#committedSequence + 1;
    const header = encodeSegmentHeader(this.#identity, firstSequence, this.#committedTimeUs);
    const content = new Uint8Array(Math.max(header.length, this.#grownSize(header.length)));
    content.set(header);
    this.#path = join(this.#directory, segmentName(firstSequence));
    this.#file = createSegment(this.#disk, this.#directory, firstSequence, content);
    this.#segmentChecksum = checksumOfSegment(header);
    this.#position = header.length;
    this.#fileBytes = content.length;
  }

  #writeBatch(): void {
    const isFull = this.#position + this.#end > this.#segmentBytesMax;
    if (isFull && this.#position > SEGMENT_HEADER_BYTES) this.#beginSegment();
    putBatchHeader(
      this.#buffer,
      this.#view,
      this.#end,
      this.#entryCount,
      this.#committedSequence + 1,
      this.#batchTimeUs,
      this.#segmentChecksum,
    );
    writeFully(this.#disk, this.#file, this.#buffer, 0, this.#end, this.#position);
    this.#position += this.#end;
    this.#grow();
    if (this.#isSynced) this.#disk.sync(this.#file);
    this.#committedSequence = this.#nextSequence - 1;
    this.#committedTimeUs = this.#lastTimeUs;
    this.#end = BATCH_HEADER_BYTES;
    this.#entryCount = 0;
    if (this.#buffer.length > BUFFER_KEPT_BYTES_MAX) this.#replaceBuffer(BUFFER_BYTES);
  }

  /** When a batch has gone beyond the zeros, puts more behind it: the same sync pays for both. */
  #grow(): void {
    if (this.#position <= this.#fileBytes) return;
    const count = Math.max(0, this.#grownSize(this.#position) - this.#position);
    writeFully(this.#disk, this.#file, this.#zeros, 0, count, this.#position);
    this.#fileBytes = this.#position + count;
  }

  /** To whole steps, as far as the segment may go. */
  #grownSize(size: number): number {
    if (this.#growthBytes === 0) return size;
    const steps = Math.ceil(size / this.#growthBytes);
    return Math.min(steps * this.#growthBytes, this.#segmentBytesMax);
  }

  #ensure(byteCount: number): void {
    const needed = this.#end + byteCount;
    if (needed > this.#buffer.length) this.#replaceBuffer(Math.max(2 * needed, BUFFER_BYTES));
  }

  #replaceBuffer(byteCount: number): void {
    const replaced = this.#buffer;
    this.#buffer = Buffer.allocUnsafeSlow(byteCount);
    this.#buffer.set(replaced.subarray(0, this.#end));
    this.#view = viewOf(this.#buffer);
  }

  #copy(bytes: Uint8Array, start: number, end: number): void {
    const buffer = this.#buffer;
    let to = this.#end;
    this.#end += end - start;
    if (end - start > SHORT_COPY_BYTES_MAX) {
      buffer.set(bytes.subarray(start, end), to);
      return;
    }
    let at = start;
    for (; at + 4 <= end; at += 4, to += 4) {
      this.#view.setInt32(to, this.#sourceView.getInt32(at));
    }
    for (; at < end; at++, to++) buffer[to] = bytes[at]!;
  }

  #putVarint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
      this.#buffer[this.#end++] = 0x80 | (rest % 0x80);
    }
    this.#buffer[this.#end++] = rest;
  }
}
