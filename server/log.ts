/** Where the process speaks to its operator: one line per event. */
export interface Log {
  info(line: string): void;
  error(line: string): void;
}

/** News on stdout, trouble on stderr. */
export const consoleLog: Log = {
  info: (line) => void process.stdout.write(`${line}\n`),
  error: (line) => void process.stderr.write(`${line}\n`),
};

/** An unexpected error for the log: with its stack, since nobody else will ever see it. */
export function describeError(error: unknown): string {
  if (error instanceof Error) return error.stack ?? `${error.name}: ${error.message}`;
  return String(error);
}

/** An expected error for the log: its message on one line. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? messageOf(error) : String(error);
  const end = message.indexOf('\n');
  return end < 0 ? message : message.slice(0, end);
}

/** Some errors, such as those of several addresses tried in vain, have a code and no message. */
function messageOf(error: Error): string {
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}
