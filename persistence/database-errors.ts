import pg from 'pg';

/**
 * SQLSTATE classes that say nothing against the rows: the server is away, full, busy or restarting,
 * so the same batch may pass later (https://www.postgresql.org/docs/18/errcodes-appendix.html).
 */
const PASSING_CLASSES = new Set([
  '08', // connection exception
  '25', // invalid transaction state: read-only standby, idle in transaction timeout
  '28', // invalid authorization: the server is being set up, or the password is changing
  '3D', // database does not exist (yet)
  '40', // transaction rollback: deadlock, serialization
  '53', // insufficient resources: disk full, out of memory, too many connections
  '55', // object not in prerequisite state: lock timeout
  '57', // operator intervention: shutdown, crash, cannot connect now
  '58', // system error: I/O
]);

/** Whether the server looked at the rows and will never take them. Anything else may pass later. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) return false;
  return !PASSING_CLASSES.has(error.code.slice(0, 2));
}

/** One line for a log or a status: SQLSTATE, message and what the server says in detail. */
export function describeError(error: unknown): string {
  if (error instanceof pg.DatabaseError) {
    const place = [error.table, error.column, error.constraint].filter(Boolean).join('.');
    const parts = [error.code, error.message, error.detail, place, error.where];
    return parts.filter((part) => part !== undefined && part !== '').join('; ');
  }
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(describeError).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
