import type { JournalWriter } from '../journal/journal-writer.ts';
import type { InputJournal } from '../shard/shard-loop.ts';

/** A journal that tells how far it is. */
export class WatchedJournal implements InputJournal {
  /** Sequence of the last entry that was appended, committed or not. */
  appended: number;
  readonly #journal: JournalWriter;

  constructor(journal: JournalWriter) {
    this.#journal = journal;
    this.appended = journal.committedSequence;
  }

  /** Sequence of the last entry whose commit has returned. */
  get committed(): number {
    return this.#journal.committedSequence;
  }

  get lastTimeUs(): number {
    return this.#journal.lastTimeUs;
  }

  append(source: number, timeUs: number, bytes: Uint8Array, start: number, end: number): number {
    this.appended = this.#journal.append(source, timeUs, bytes, start, end);
    return this.appended;
  }

  commit(): number {
    return this.#journal.commit();
  }

  close(): void {
    this.#journal.close();
  }
}
