import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PostgresBinaries } from './binaries.ts';
import type { PostgresHome } from './home.ts';
import type { OperatingUser } from './operating-user.ts';
import { isServerOf, stopForeignServer } from './processes.ts';

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

/** What it takes to run the server of one home, the same way each time. */
export interface ServerSetup {
  readonly binaries: PostgresBinaries;
  readonly home: PostgresHome;
  readonly user: OperatingUser;
  /** On loopback. */
  readonly port: number;
}

/** A server that this process has started. */
export class ServerProcess {
  /** Resolves when the process is gone, or could not be made, with how that came. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #home: PostgresHome;
  #isOver = false;

  /**
   * The server runs in a session of its own: signals to the venue's process group do not reach it. It
   * does not keep the venue's event loop alive.
   *
   * @param logFlags how the server's log is opened: 'w' begins a new one, 'a' keeps what it holds
   */
  constructor({ binaries, home, user, port }: ServerSetup, logFlags: 'w' | 'a') {
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const output = openSync(home.logFile, logFlags, 0o600);
    try {
      this.#child = spawn(
        binaries.postgres,
        ['-D', home.cluster, '-p', String(port), ...settings],
        {
          ...user,
          cwd: home.directory,
          detached: true,
          stdio: ['ignore', output, output],
        },
      );
    } finally {
      closeSync(output);
    }
    this.#child.unref();
    this.#home = home;
    this.ended = this.#watchEnd();
  }

  async #watchEnd(): Promise<string> {
    const how = await new Promise<string>((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      this.#child.on('error', (error) => {
        // A process that was made and could not be signalled still lives.
        if (this.#child.pid === undefined) resolve(error.message);
      });
    });
    this.#isOver = true;
    return how;
  }

  /** Nothing happens when the process is gone. */
  signal(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): void {
    if (!this.#isOver) this.#child.kill(signal);
  }

  /**
   * Waits until the server takes connections; false when it ended instead. Throws when the time is
   * over, and then the server is told to end.
   */
  async isReady(timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    while (!this.#isOver) {
      const file = readPidFile(this.#home);
      if (file?.pid === this.#child.pid && file?.state === 'ready') return true;
      if (performance.now() > end) {
        this.signal('SIGQUIT');
        throw new Error(`Postgres did not get ready in ${timeoutMs / 1000} s`);
      }
      await delay(10);
    }
    return false;
  }
}

const pidFilePath = (home: PostgresHome) => join(home.cluster, 'postmaster.pid');

/** Of `postmaster.pid`: the first line is the pid, the eighth the server's state. */
function readPidFile(home: PostgresHome): { pid: number; state: string } | null {
  try {
    const lines = readFileSync(pidFilePath(home), 'utf8').split('\n');
    return { pid: Number(lines[0]), state: (lines[7] ?? '').trim() };
  } catch {
    // The server makes and removes it when it likes.
    return null;
  }
}

/**
 * Stops the server that its venue has left behind; a pid file without a server behind it is only
 * removed. Children that outlive a killed server need no care: the next one refuses to start for as
 * long as they hold the shared memory of the cluster.
 */
export async function clearLeftover(home: PostgresHome): Promise<void> {
  const pid = readPidFile(home)?.pid;
  if (pid === undefined) return;
  if (isServerOf(pid, home.cluster)) await stopForeignServer(pid, home.cluster);
  rmSync(pidFilePath(home), { force: true });
}
