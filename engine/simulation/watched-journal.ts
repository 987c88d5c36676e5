import type { JournalWriter } from '../journal/journal-writer.ts';
import type { InputJournal } from '../shard/shard-loop.ts';

/** A journal that tells how far it is, and whose shard may die at any moment of a turn. */
export class WatchedJournal implements InputJournal {
  /** Sequence of the last entry that was appended, committed or not. */
  appended: number;
  readonly #journal: JournalWriter;
  readonly #endanger: () => void;

  /** @param endanger throws what ends the shard */
  constructor(journal: JournalWriter, endanger: () => void) {
    this.#journal = journal;
    this.#endanger = endanger;
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
    this.#endanger();
    this.appended = this.#journal.append(source, timeUs, bytes, start, end);
    return this.appended;
  }

  commit(): number {
    const committed = this.#journal.commit();
    this.#endanger();
    return committed;
  }

  close(): void {
    this.#journal.close();
  }
}
