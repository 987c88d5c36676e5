import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** PGDATA of the embedded server of a data dir. */
export const clusterOf = (dataDir: string) => join(dataDir, 'postgres', 'cluster');

/** Of the running server; null when its pid file is missing or not written yet. */
export function serverPid(dataDir: string): number | null {
  try {
    const lines = readFileSync(join(clusterOf(dataDir), 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) || null;
  } catch {
    return null;
  }
}

/** The running server and the processes it has started, the server first. */
export function serverProcesses(dataDir: string): number[] {
  const pid = serverPid(dataDir);
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const pairs = table.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const children = pairs.filter(([, parent]) => parent === pid).map(([child]) => child!);
  return pid === null ? [] : [pid, ...children];
}
