import { execFile } from 'node:child_process';

const OUTPUT_BYTES_MAX = 64 * 2 ** 20;

/** What a command printed; of one that failed also its message. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Programs that the gate waits for. Each has a process group of its own: Ctrl-C does not reach it, so that it is this
 * that ends it, with all that it started, before its files are removed.
 */
export class Commands {
  readonly #running = new Map<number, Promise<unknown>>();
  #isStopped = false;

  /** @throws Error with what it printed when it ends with another code than 0, or when all are stopped */
  async run(file: string, args: readonly string[], directory: string): Promise<Printed> {
    if (this.#isStopped) throw new Error('interrupted');
    let id: number | undefined;
    const printed = new Promise<Printed>((resolve, reject) => {
      const options = { cwd: directory, detached: true, maxBuffer: OUTPUT_BYTES_MAX };
      const child = execFile(file, args, options, (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr });
        else reject(Object.assign(error, { stdout, stderr }));
      });
      id = child.pid;
    });
    if (id === undefined) return printed;
    this.#running.set(
      id,
      printed.catch(() => {}),
    );
    try {
      return await printed;
    } finally {
      this.#running.delete(id);
    }
  }

  /** Ends all that run, begins no more, and waits until the last is gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const id of this.#running.keys()) {
      try {
        process.kill(-id, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    await Promise.all(this.#running.values());
  }
}
