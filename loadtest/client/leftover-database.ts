import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const QUIT_TIMEOUT_MS = 5_000;
const POLL_MS = 10;

/**
 * Ends the embedded Postgres of a data directory whose venue is gone: one that was killed leaves its server running.
 * Nothing happens when none runs there. Resolves when it has ended, by force after 5 s.
 */
export async function endLeftoverDatabase(dataDirectory: string): Promise<void> {
  const cluster = join(dataDirectory, 'postgres', 'cluster');
  const pid = serverPid(cluster);
  if (pid === undefined) return;
  // PostgreSQL: "immediate shutdown"; what it has in mind is thrown away with its directory.
  signal(pid, 'SIGQUIT');
  const deadlineMs = performance.now() + QUIT_TIMEOUT_MS;
  while (isServerOf(pid, cluster)) {
    if (performance.now() > deadlineMs) signal(pid, 'SIGKILL');
    await delay(POLL_MS);
  }
}

/** By `postmaster.pid`, whose first line it is; undefined when that is nobody's, or of a process of something else. */
function serverPid(cluster: string): number | undefined {
  const path = join(cluster, 'postmaster.pid');
  if (!existsSync(path)) return undefined;
  const pid = Number(readFileSync(path, 'utf8').split('\n', 1)[0]);
  return isServerOf(pid, cluster) ? pid : undefined;
}

/** A server works in its own directory; that of a process that has ended, or of another user, cannot be read. */
function isServerOf(pid: number, cluster: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}
