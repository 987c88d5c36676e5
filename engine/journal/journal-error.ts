/**
 * The disk refused an operation (full, broken, gone). Whoever gets it from a `JournalWriter` knows: nothing after the
 * last `commit` that returned is promised, and the writer takes no more. `cause` is the disk's own error.
 */
export class JournalFailure extends Error {
  override name = 'JournalFailure';
  readonly code = 'JOURNAL_FAILED';

  /** @param file the segment, or the directory */
  constructor(what: string, file: string, cause: unknown) {
    super(`cannot ${what} ${file}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/**
 * What is on disk cannot be what a crash leaves behind: something that was whole has been damaged, lost or mixed up
 * since. Nothing has been changed; a person has to look.
 */
export class JournalDamage extends Error {
  override name = 'JournalDamage';
  readonly code = 'JOURNAL_DAMAGED';
  /** Path of the segment, or of the directory when a segment is missing. */
  readonly file: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;

  constructor(file: string, offset: number, expected: string, found: string) {
    super(`journal damaged: ${file} at byte ${offset}: expected ${expected}, found ${found}`);
    this.file = file;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }
}
