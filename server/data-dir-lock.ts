import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { firstLine } from './log.ts';
import { StartError } from './start-error.ts';

const LOCK_FILE = 'venue.lock';

/** Says that no other venue has the data dir, until it is released or the process ends. */
export interface DataDirLock {
  release(): void;
}

/**
 * Takes the data dir for this process: two venues that write one journal would destroy it. The kernel holds the lock
 * and lets go of it when the process dies, however it does, so no lock is ever stale. The file stays; the pid in it is
 * for people.
 *
 * @throws StartError when another venue has it, or the file cannot be locked
 */
export function lockDataDir(dataDir: string): DataDirLock {
  const path = join(dataDir, LOCK_FILE);
  let file: number;
  let isTaken: boolean;
  try {
    file = openSync(path, 'a+', 0o600);
    isTaken = !tryLock(file);
  } catch (error) {
    throw new StartError(`RINGSIDE_DATA_DIR ${dataDir} cannot be locked: ${firstLine(error)}`);
  }
  if (isTaken) {
    closeSync(file);
    const owner = readFileSync(path, 'utf8').trim();
    const process = owner === '' ? 'a process that is starting' : `process ${owner}`;
    throw new StartError(`RINGSIDE_DATA_DIR ${dataDir} is in use by another venue, ${process}`);
  }
  ftruncateSync(file, 0);
  writeSync(file, `${process.pid}\n`);
  return { release: () => closeSync(file) };
}
