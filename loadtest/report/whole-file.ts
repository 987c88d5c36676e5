import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** A file could not be written, and nothing of it is left; the message is the one line for the user. */
export class FileUnwritten extends Error {
  override name = 'FileUnwritten';
}

/**
 * Writes a file that is there in whole or not at all: beside its name at first (`.part`), then renamed. Throws
 * `FileUnwritten`, as of a disk that is full.
 */
export function writeWholeFile(path: string, text: string): void {
  const part = `${path}.part`;
  try {
    writeFileSync(part, text);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw new FileUnwritten(`cannot write ${path}: ${(error as Error).message}`);
  }
}
