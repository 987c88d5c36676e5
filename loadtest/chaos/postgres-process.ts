import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The embedded server of a venue's data dir, as its processes. */
export class PostgresProcess {
  readonly #cluster: string;
  readonly #pidFile: string;

  constructor(dataDirectory: string) {
    this.#cluster = join(dataDirectory, 'postgres', 'cluster');
    this.#pidFile = join(this.#cluster, 'postmaster.pid');
  }

  /** Process id of the server that runs now; null when none does. */
  get pid(): number | null {
    if (!existsSync(this.#pidFile)) return null;
    const pid = Number(readFileSync(this.#pidFile, 'utf8').split('\n', 1)[0]);
    return existsSync(`/proc/${pid}`) ? pid : null;
  }

  /** Ends the server as a crash does; false when none runs. */
  kill(): boolean {
    return signal(this.pid, 'SIGKILL');
  }

  /** Ends the server and its sessions and removes all that it knew. */
  async destroy(): Promise<void> {
    const { pid } = this;
    const sessions = pid === null ? [] : childrenOf(pid);
    this.kill();
    // They go by themselves once they see that their server has gone, and write until then.
    while (sessions.some((one) => existsSync(`/proc/${one}`) && !isZombie(one))) await delay(10);
    rmSync(this.#cluster, { recursive: true });
  }

  /** Stops the server and its sessions where they are, and answers how to let them go on. */
  freeze(): () => void {
    const { pid } = this;
    if (pid === null) return () => undefined;
    const pids = [pid, ...childrenOf(pid)];
    for (const one of pids) signal(one, 'SIGSTOP');
    return () => {
      for (const one of pids) signal(one, 'SIGCONT');
    };
  }
}

function signal(pid: number | null, name: NodeJS.Signals): boolean {
  if (pid === null) return false;
  try {
    return process.kill(pid, name);
  } catch {
    // It ended meanwhile.
    return false;
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | null {
  const parent = statusOf(pid)?.[1];
  return parent === undefined ? null : Number(parent);
}

function isZombie(pid: number): boolean {
  return statusOf(pid)?.[0] === 'Z';
}

/** State, parent and further fields of a process; null when there is none. */
function statusOf(pid: number): string[] | null {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name that may hold blanks, so count from its closing bracket.
    return status.slice(status.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
