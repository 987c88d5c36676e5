import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type PostgresBinaries, preparePostgresBinaries } from './embedded/binaries.ts';
import {
  claimHome,
  type PostgresHome,
  prepareHome,
  readOrMakePassword,
  releaseHome,
} from './embedded/home.ts';
import { findOperatingUser, type OperatingUser } from './embedded/operating-user.ts';
import { isServerOf, stopForeignServer } from './embedded/processes.ts';

const SUPERUSER = 'ringside';
const PORT_ATTEMPTS = 5;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;

/**
 * Loopback only, and room for bulk writes: checkpoints far apart, no replication, reads and writes in
 * the backend itself (no I/O worker processes). `fsync` stays on.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '24',
  shared_buffers: '128MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  wal_buffers: '16MB',
  max_wal_size: '2GB',
  min_wal_size: '256MB',
  checkpoint_timeout: '15min',
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_min_messages: 'warning',
} as const;

export interface EmbeddedPostgresOptions {
  /** The venue's data dir; the server lives in `postgres` under it. */
  readonly dataDir: string;
  /** Takes a line that a user should see; stdout by default. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** `postgres://` URL of the server's one database. */
  readonly url: string;
  /** Ends every session and the server (a fast shutdown). Repeated calls wait for the same end. */
  stop(): Promise<void>;
}

/**
 * Starts a real Postgres server on a free loopback port and resolves when it takes connections.
 *
 * The server runs in a session of its own, so a Ctrl-C in the venue's terminal does not reach it: only
 * `stop` ends it, or the exit of the venue. A venue that was killed leaves it behind; the next start
 * on the data dir stops the left-over first. Rejects with one plain sentence, the end of the server's
 * log in it, when the server cannot be started, and when another live venue uses the data dir.
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
    const { server, port } = await launch(binaries, home, user);
    const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
    return { url, stop: stopper(server, home) };
  } catch (error) {
    releaseHome(home);
    throw error;
  }
}

/** Stops the server of a killed venue; a pid file without a server behind it is only removed. */
async function clearLeftover(home: PostgresHome): Promise<void> {
  const pid = readPidFile(home)?.pid;
  if (pid === undefined) return;
  if (isServerOf(pid, home.cluster)) await stopForeignServer(pid, home.cluster);
  rmSync(join(home.cluster, 'postmaster.pid'), { force: true });
}

/** Of `postmaster.pid`: the first line is the pid, the eighth the server's state. */
function readPidFile(home: PostgresHome): { pid: number; state: string } | null {
  const path = join(home.cluster, 'postmaster.pid');
  if (!existsSync(path)) return null;
  const lines = readFileSync(path, 'utf8').split('\n');
  return { pid: Number(lines[0]), state: (lines[7] ?? '').trim() };
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

async function launch(
  binaries: PostgresBinaries,
  home: PostgresHome,
  user: OperatingUser,
): Promise<{ server: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort();
    const server = spawnServer(binaries, home, user, port);
    if (await isUp(server, home)) return { server, port };
    const text = readFileSync(home.logFile, 'utf8');
    const isPortLost = text.includes('could not bind');
    if (!isPortLost || attempt === PORT_ATTEMPTS) {
      throw new Error(`Postgres did not start: ${text.trim().split('\n').slice(-6).join(' | ')}`);
    }
  }
}

function spawnServer(
  binaries: PostgresBinaries,
  home: PostgresHome,
  user: OperatingUser,
  port: number,
): ChildProcess {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const output = openSync(home.logFile, 'w', 0o600);
  const server = spawn(binaries.postgres, ['-D', home.cluster, '-p', String(port), ...settings], {
    ...user,
    cwd: home.directory,
    // A session of its own: signals to the venue's process group do not reach the server.
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  return server;
}

/** Waits until the server's pid file says ready; false when the server ended instead. */
async function isUp(server: ChildProcess, home: PostgresHome): Promise<boolean> {
  let isOver = false;
  server.once('exit', () => {
    isOver = true;
  });
  server.once('error', () => {
    isOver = true;
  });
  const end = performance.now() + START_TIMEOUT_MS;
  while (!isOver) {
    const file = readPidFile(home);
    if (file?.pid === server.pid && file?.state === 'ready') return true;
    if (performance.now() > end) {
      server.kill('SIGQUIT');
      throw new Error(`Postgres did not get ready in ${START_TIMEOUT_MS / 1000} s`);
    }
    await delay(10);
  }
  return false;
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

function stopper(server: ChildProcess, home: PostgresHome): () => Promise<void> {
  const isOver = () => server.exitCode !== null || server.signalCode !== null;
  const onVenueExit = () => server.kill('SIGINT');
  process.once('exit', onVenueExit);
  server.unref();
  const stop = async () => {
    process.off('exit', onVenueExit);
    server.ref();
    if (!isOver()) {
      const over = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      const giveUp = setTimeout(() => server.kill('SIGQUIT'), STOP_TIMEOUT_MS);
      await over;
      clearTimeout(giveUp);
    }
    releaseHome(home);
  };
  let stopping: Promise<void> | null = null;
  return () => {
    stopping ??= stop();
    return stopping;
  };
}
