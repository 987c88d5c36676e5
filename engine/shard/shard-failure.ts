/** What ended a shard's thread, as plain data: a class does not cross to another thread, nor do an error's own fields. */
export interface FailureReport {
  readonly message: string;
  readonly stack: string;
  readonly code: string;
  readonly details: Readonly<Record<string, string | number>>;
}

/** Of an error without a code. */
const UNNAMED = 'INTERNAL';

/** Why a shard's thread has ended, or never began. */
export class ShardFailure extends Error {
  override name = 'ShardFailure';
  readonly shard: number;
  /**
   * Of the error in the thread: JOURNAL_DAMAGED, JOURNAL_FAILED, SNAPSHOT_MISSING, SNAPSHOT_FAILED, HISTORY_MISMATCH,
   * REPLAY_FAILED, POISONED_INPUT; or INTERNAL, a bug. OUT_OF_MEMORY or TERMINATED, when the thread could not say more.
   */
  readonly code: string;
  /** Its other fields: `file` and `offset` of JOURNAL_DAMAGED, `sequence` of REPLAY_FAILED, and so on. */
  readonly details: Readonly<Record<string, string | number>>;

  constructor(shard: number, { message, stack, code, details }: FailureReport) {
    super(message);
    this.shard = shard;
    this.code = code;
    this.details = details;
    this.stack = stack;
  }
}

export function reportOf(error: unknown): FailureReport {
  if (!(error instanceof Error)) {
    return { message: String(error), stack: '', code: UNNAMED, details: {} };
  }
  const { name: _name, code = UNNAMED, ...fields } = error as Error & { code?: string };
  const details: Record<string, string | number> = {};
  for (const [field, value] of Object.entries(fields) as [string, unknown][]) {
    if (typeof value === 'string' || typeof value === 'number') details[field] = value;
  }
  return { message: error.message, stack: error.stack ?? '', code, details };
}
