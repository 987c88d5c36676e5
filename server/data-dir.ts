import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Disk, nodeDisk } from '../engine/journal/disk.ts';
import { firstLine } from './log.ts';
import { StartError } from './start-error.ts';

/** Makes the data dir, durably. @throws StartError when it cannot be made or written to. */
export function prepareDataDir(dataDir: string, disk: Disk = nodeDisk): void {
  try {
    makeFolder(disk, resolve(dataDir));
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(`RINGSIDE_DATA_DIR ${dataDir} is not writable: ${firstLine(error)}`);
  }
}

/**
 * Makes a folder and its parents one by one: Node's own recursive `mkdir` never returns where a folder
 * exists and yet nothing can be made in it (/proc).
 */
function makeFolder(disk: Disk, path: string): void {
  if (existsSync(path)) return;
  makeFolder(disk, dirname(path));
  disk.makeDirectory(path);
}

/** Writes a small file of the data dir that only its owner may read. */
export function writeSecret(dataDir: string, name: string, secret: string): void {
  const path = join(dataDir, name);
  // The mode counts only for a file that is made.
  rmSync(path, { force: true });
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
}

export function makeAdminToken(): string {
  return randomBytes(24).toString('hex');
}
