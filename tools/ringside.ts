#!/usr/bin/env node

/** The entry of the package's `ringside` command: its first word says which program the others are for. */
const PROGRAMS: Readonly<Record<string, { readonly entry: string; readonly help: string }>> = {
  run: {
    entry: '../server/main.js',
    help: 'start the exchange; settings are environment variables',
  },
  account: {
    entry: './operator/account.js',
    help: 'make and list the accounts of a running venue',
  },
  key: { entry: './operator/key.js', help: 'make, list, restrict and revoke their API keys' },
  loadtest: { entry: '../loadtest/main.js', help: 'put a venue under load and report on it' },
  chaos: { entry: '../loadtest/chaos/main.js', help: 'kill and starve a venue and audit it' },
};

const USAGE = `usage: ringside <program> [options]
${Object.entries(PROGRAMS)
  .map(([name, { help }]) => `  ${name.padEnd(10)} ${help}`)
  .join('\n')}`;

const EXIT_USAGE = 2;

const [name = ''] = process.argv.splice(2, 1);
const program = PROGRAMS[name];
if (program !== undefined) {
  await import(program.entry);
} else if (name === '--help' || name === '-h') {
  console.log(USAGE);
} else {
  console.error(USAGE);
  process.exitCode = EXIT_USAGE;
}
