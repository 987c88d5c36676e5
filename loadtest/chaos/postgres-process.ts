import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The embedded server of a venue's data dir, as its processes. */
export class PostgresProcess {
  readonly #pidFile: string;

  constructor(dataDirectory: string) {
    this.#pidFile = join(dataDirectory, 'postgres', 'cluster', 'postmaster.pid');
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
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name that may hold blanks, so count from its closing bracket.
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
