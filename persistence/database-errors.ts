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

/**
 * SQLSTATE classes that say something against the rows, and not against the statement or the schema:
 * without the row at fault the others would pass.
 */
const ROW_CLASSES = new Set([
  '09', // triggered action exception
  '21', // cardinality violation
  '22', // data exception
  '23', // integrity constraint violation
  '27', // triggered data change violation
  '38', // external routine exception
  '44', // with check option violation
  '54', // program limit exceeded: an index row that is too long
  'P0', // raised by a trigger
]);

/** Whether the server has answered that it will never take what it was sent. Anything else may pass later. */
export function isRefusal(error: unknown): error is pg.DatabaseError & { code: string } {
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) return false;
  return !PASSING_CLASSES.has(classOf(error.code));
}

/** Whether it refuses a row, so that other rows may pass. */
export function isRowRefusal(error: unknown): error is pg.DatabaseError & { code: string } {
  return isRefusal(error) && ROW_CLASSES.has(classOf(error.code)) && !isPartitionMissing(error);
}

/** Whether a row has no place because a partition is not there: its code is that of a violated check. */
export function isPartitionMissing(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.routine === 'ExecFindPartition';
}

function classOf(code: string): string {
  return code.slice(0, 2);
}

/**
 * What a refusal was about: SQLSTATE, table, column or constraint, and, when it is not about a row,
 * the message. Messages about rows quote their values, which have no place in a log.
 */
export function describeRefusal(error: pg.DatabaseError): string {
  const table = error.table ?? /^COPY (\w+)/.exec(error.where ?? '')?.[1];
  const place = [table, error.column, error.constraint].filter(Boolean).join('.');
  const message = isRowRefusal(error) ? '' : error.message;
  return [error.code, place, message].filter(Boolean).join('; ');
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
