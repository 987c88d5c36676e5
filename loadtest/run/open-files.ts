import { readFileSync } from 'node:fs';
import { VenueUnusable } from './venue-unusable.ts';

/** Of a process, besides its sockets. */
const OTHER_FILES = 64;

/** Throws `VenueUnusable` when a process may not have so many sockets open; where the limit is not told, it is not known. */
export function refuseBeyondOpenFiles(sockets: number): void {
  const most = openFilesMost();
  if (most === undefined || sockets + OTHER_FILES <= most) return;
  throw new VenueUnusable(
    `${sockets} connections of one process are asked for and it may have ${most} files open: ulimit -n, or fewer --subscribers or --connections`,
  );
}

/** Node raises its own limit to the hard one, and so do the processes that it forks. */
function openFilesMost(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return line === null ? undefined : Number(line[1]);
  } catch {
    return undefined;
  }
}
