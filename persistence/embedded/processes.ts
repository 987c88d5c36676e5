import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** The command line of a live process, null when there is none (a zombie has none). */
function commandLineOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return line === '' ? null : line.replaceAll('\0', ' ');
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return null;
  }
}

/**
 * Names a live process beyond its number, which the system gives out again: the time of its start
 * stands beside it. Null when the process does not live.
 */
export function identityOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The second field is a name that may hold blanks, so count from its closing bracket.
      const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
      const state = fields[0];
      return state === 'Z' ? null : `${pid} ${fields[19]}`;
    }
    const start = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return `${pid} ${start.trim()}`;
  } catch {
    return null;
  }
}

/** Whether `pid` is a Postgres server that works on `cluster`, and not a later owner of the number. */
export function isServerOf(pid: number, cluster: string): boolean {
  const line = commandLineOf(pid);
  return line?.includes('postgres') === true && line.includes(cluster);
}

/**
 * Stops a server that is not a child of this process: a fast shutdown (SIGINT), then an immediate one
 * (SIGQUIT), as https://www.postgresql.org/docs/18/server-shutdown.html has them.
 */
export async function stopForeignServer(pid: number, cluster: string): Promise<void> {
  const steps = [
    { signal: 'SIGINT', waitMs: 30_000 },
    { signal: 'SIGQUIT', waitMs: 10_000 },
  ] as const;
  for (const { signal, waitMs } of steps) {
    process.kill(pid, signal);
    const end = performance.now() + waitMs;
    while (performance.now() < end) {
      if (!isServerOf(pid, cluster)) return;
      await delay(20);
    }
  }
  throw new Error(`the left-over Postgres server ${pid} of ${cluster} does not stop`);
}
