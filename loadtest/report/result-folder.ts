import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Nothing can be written there, or what is there must stay; the message is the one line for the user. */
export class FolderUnusable extends Error {
  override name = 'FolderUnusable';
}

/**
 * Makes the folder of a run's results before the run, so that a run is not lost for want of one. A folder that holds a
 * result is refused: its files and those of another run would be taken for one. Throws `FolderUnusable`.
 */
export function makeResultFolder(folder: string): void {
  const path = resolve(folder);
  try {
    makeFolder(path);
    const probe = join(path, '.writable');
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new FolderUnusable(`nothing can be written to ${folder}: ${(error as Error).message}`);
  }
  if (existsSync(join(path, 'result.json'))) {
    throw new FolderUnusable(`${folder} holds the result of another run: name a new folder`);
  }
}

/** Removes the folder of a run that left nothing. */
export function discardEmptyFolder(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}

/** Step by step: Node's own recursion never ends under `/proc`, where a folder that is refused does not exist. */
function makeFolder(path: string): void {
  const missing: string[] = [];
  let existing = path;
  for (; !existsSync(existing); existing = dirname(existing)) missing.unshift(existing);
  if (!statSync(existing).isDirectory()) throw new Error(`${existing} is not a folder`);
  for (const folder of missing) mkdirSync(folder);
}
