/**
 * The venue cannot start, for a reason its operator can mend: a bad setting, a port in use, a
 * database out of reach. The message is one line for a person; no stack belongs beside it.
 */
export class StartError extends Error {
  override name = 'StartError';
}
