import { parseArgs } from 'node:util';
import { AdminApi, OperatorError } from './admin-api.ts';

const EXIT_REFUSED = 1;
const EXIT_USAGE = 2;

/** What a command's own options may be, beside those that all have. */
const OPTIONS = {
  deposit: { type: 'string', multiple: true },
  allow: { type: 'string', multiple: true },
  'read-only': { type: 'boolean' },
} as const;

const COMMON_OPTIONS = {
  'data-dir': { type: 'string' },
  'admin-url': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const COMMON_HELP = `Of all commands:
  --json            print the answer as one line of JSON
  --data-dir DIR    of the running venue, which leaves its address and its token there (RINGSIDE_DATA_DIR or ./data)
  --admin-url URL   when it is elsewhere; the token is RINGSIDE_ADMIN_TOKEN, or in the data dir
Exit code 0: done; 1: the venue refused, or does not answer; 2: the command line is wrong.`;

/** What the command line says, taken apart. */
export interface Given {
  /** The words that are no options, without the name of the command; as many as it takes. */
  readonly words: readonly string[];
  /** `ASSET=QUANTITY` each. */
  readonly deposits: readonly string[];
  /** Addresses and networks from which a key may be used; none: from anywhere. */
  readonly allowedAddresses: readonly string[];
  readonly isReadOnly: boolean;
}

/** What a command has done: for programs, and in lines for people. */
export interface Done {
  readonly answer: unknown;
  readonly lines: readonly string[];
}

/** One command of a program. */
export interface Command {
  /** Behind the name of the command, in its usage. */
  readonly usage: string;
  readonly help: string;
  /** Words it takes beside its options; Infinity for any number above the first. */
  readonly words: readonly [least: number, most: number];
  readonly options: readonly (keyof typeof OPTIONS)[];
  run(api: AdminApi, given: Given): Promise<Done>;
}

export type Commands = Readonly<Record<string, Command>>;

/** A command line that is wrong. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Runs the command that the process was started with, and sets its exit code. */
export async function runProgram(program: string, commands: Commands): Promise<void> {
  try {
    const argv = process.argv.slice(2);
    if (argv[0] === '--help' || argv[0] === '-h') console.log(usageOf(program, commands));
    else await runCommand(program, commands, argv);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n${usageOf(program, commands)}`);
      process.exitCode = EXIT_USAGE;
    } else if (error instanceof OperatorError) {
      console.error(`ringside: ${error.message}`);
      process.exitCode = EXIT_REFUSED;
    } else throw error;
  }
}

async function runCommand(
  program: string,
  commands: Commands,
  argv: readonly string[],
): Promise<void> {
  const [name = '', ...rest] = argv;
  const command = Object.hasOwn(commands, name) ? commands[name]! : null;
  if (command === null) {
    throw new UsageError(name === '' ? 'what is to be done?' : `no command ${name}`);
  }
  const { values, positionals } = parse(command, rest);
  if (values.help === true) {
    console.log(usageOf(program, { [name]: command }));
    return;
  }
  const [least, most] = command.words;
  if (positionals.length < least || positionals.length > most) {
    throw new UsageError(`${program} ${name} takes ${command.usage}`);
  }
  const api = AdminApi.find(
    { dataDir: values['data-dir'], adminUrl: values['admin-url'] },
    process.env,
  );
  const { answer, lines } = await command.run(api, {
    words: positionals,
    deposits: values.deposit ?? [],
    allowedAddresses: values.allow ?? [],
    isReadOnly: values['read-only'] ?? false,
  });
  console.log(values.json === true ? JSON.stringify(answer) : lines.join('\n'));
}

function parse(command: Command, argv: readonly string[]) {
  try {
    const parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { ...COMMON_OPTIONS, ...OPTIONS },
    });
    const foreign = Object.keys(OPTIONS).find(
      (name) => name in parsed.values && !command.options.some((own) => own === name),
    );
    if (foreign !== undefined) throw new UsageError(`--${foreign} is no option of this command`);
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // Node's own words, up to its advice on how to escape.
    throw new UsageError((error as Error).message.split('. ')[0]!);
  }
}

function usageOf(program: string, commands: Commands): string {
  const parts = Object.entries(commands).map(
    ([name, { usage, help }]) => `  ringside ${program} ${name} ${usage}\n      ${help}`,
  );
  return `usage:\n${parts.join('\n')}\n\n${COMMON_HELP}`;
}
