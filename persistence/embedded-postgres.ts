import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { type PostgresBinaries, preparePostgresBinaries } from './embedded/binaries.ts';
import {
  claimHome,
  type PostgresHome,
  prepareHome,
  readOrMakePassword,
  releaseHome,
} from './embedded/home.ts';
import { findOperatingUser, type OperatingUser } from './embedded/operating-user.ts';
import { ServerKeeper } from './embedded/server-keeper.ts';
import { clearLeftover, ServerProcess, type ServerSetup } from './embedded/server-process.ts';

const SUPERUSER = 'ringside';
const PORT_ATTEMPTS = 5;
const START_TIMEOUT_MS = 60_000;

interface EmbeddedPostgresOptions {
  /** The venue's data dir; the server lives in `postgres` under it. */
  readonly dataDir: string;
  /** Takes a line that a user should see; stdout by default. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** `postgres://` URL of the server's one database. A server that is started again keeps it. */
  readonly url: string;
  /** Ends every session and the server (a fast shutdown). Repeated calls wait for the same end. */
  stop(): Promise<void>;
}

/**
 * Starts a real Postgres server on a free loopback port and resolves when it takes connections.
 *
 * The server runs in a session of its own, so a Ctrl-C in the venue's terminal does not reach it: only
 * `stop` ends it, or the exit of the venue. A venue that was killed leaves it behind; the next start
 * on the data dir stops the left-over first. A server that ends by itself is started again on its
 * port, and one line is logged when it goes and one when it is back.
 *
 * Rejects with one plain sentence, the end of the server's log in it, when the server cannot be
 * started, and when another live venue uses the data dir.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const log = options.log ?? ((line) => console.log(line));
  const user = findOperatingUser();
  const binaries = preparePostgresBinaries(user, log);
  const home = prepareHome(options.dataDir, user, log);
  claimHome(home);
  try {
    await clearLeftover(home);
    const password = readOrMakePassword(home, user);
    if (!existsSync(home.cluster)) initialise(binaries, home, user);
    const { server, setup } = await launch({ binaries, home, user });
    const keeper = new ServerKeeper(server, setup, log);
    const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${setup.port}/postgres`;
    return { url, stop: () => keeper.stop().finally(() => releaseHome(home)) };
  } catch (error) {
    releaseHome(home);
    throw error;
  }
}

/** initdb beside the place, then a rename: a cluster that exists is a whole one. */
function initialise(binaries: PostgresBinaries, home: PostgresHome, user: OperatingUser): void {
  const unfinished = `${home.cluster}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256'];
  const made = spawnSync(
    binaries.initdb,
    [
      ...flags,
      `--username=${SUPERUSER}`,
      `--pwfile=${home.passwordFile}`,
      `--pgdata=${unfinished}`,
    ],
    { ...user, cwd: home.directory, encoding: 'utf8' },
  );
  if (made.status !== 0) {
    throw new Error(`initdb failed: ${made.error?.message ?? made.stderr.trim()}`);
  }
  renameSync(unfinished, home.cluster);
}

/** Starts the server on a free port. */
async function launch(
  place: Omit<ServerSetup, 'port'>,
): Promise<{ server: ServerProcess; setup: ServerSetup }> {
  for (let attempt = 1; ; attempt++) {
    const setup = { ...place, port: await findFreePort() };
    const server = new ServerProcess(setup, 'w');
    if (await server.isReady(START_TIMEOUT_MS)) return { server, setup };
    const text = readFileSync(place.home.logFile, 'utf8');
    const isPortLost = text.includes('could not bind');
    if (!isPortLost || attempt === PORT_ATTEMPTS) {
      throw new Error(`Postgres did not start: ${text.trim().split('\n').slice(-6).join(' | ')}`);
    }
  }
}

/** A port that was free a moment ago. */
async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
