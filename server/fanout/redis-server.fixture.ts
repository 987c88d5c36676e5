import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TIMEOUT_MS = 10_000;

/** A real Redis of the test's own, on a unix socket in a folder of its own, so on no port. */
export class RedisServer {
  readonly #folder: string;
  #process: ChildProcess | null = null;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await mkdtemp(join(tmpdir(), 'ringside-redis-')));
    await server.restart();
    return server;
  }

  get socketPath(): string {
    return join(this.#folder, 'redis.sock');
  }

  /** Starts the server again after `kill`; returns when it accepts connections. */
  async restart(): Promise<void> {
    const parameters = ['--port', '0', '--unixsocket', this.socketPath, '--save', ''];
    const started = spawn('redis-server', [...parameters, '--dir', this.#folder], {
      stdio: 'ignore',
    });
    this.#process = started;
    let failure: Error | null = null;
    started.once('error', (error) => {
      failure = new Error(
        `these tests need redis-server in the PATH (Debian: apt-get install redis-server): ${error.message}`,
      );
    });
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await accepts(this.socketPath))) {
      if (failure !== null) throw failure;
      if (performance.now() > deadline) throw new Error('redis-server does not start');
      await sleep(10);
    }
  }

  /** Stops it from answering without closing anything. */
  suspend(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running === null || running.exitCode !== null || running.pid === undefined) return;
    const exited = once(running, 'exit');
    running.kill('SIGKILL');
    await exited;
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Waits until `condition` holds; the message says what did not come about. */
export async function until(condition: () => boolean, message: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`timed out: ${message}`);
    await sleep(5);
  }
}
