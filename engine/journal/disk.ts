import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** `create` makes the file, or empties the one that is there. */
export type OpenMode = 'create' | 'read' | 'update';

/**
 * The file operations that a journal is made of. All of them block, and throw errors as Node does: with a `code`
 * such as ENOSPC. What a file holds survives a power cut from `sync` on; that it exists, bears its name, or is
 * gone, from `syncDirectory` on.
 */
export interface Disk {
  /** Makes a directory that survives a power cut, in one that exists; no harm if it is there. */
  makeDirectory(path: string): void;
  /** The names in a directory, in any order. */
  list(directory: string): string[];
  open(path: string, mode: OpenMode): number;
  close(file: number): void;
  /** In bytes. */
  sizeOf(file: number): number;
  /** Reads up to `target[start..end)` from a position in the file; answers the count, 0 at the file's end. */
  read(file: number, target: Uint8Array, start: number, end: number, position: number): number;
  /** Writes `source[start..end)` at a position in the file; answers the count, which may be smaller. */
  write(file: number, source: Uint8Array, start: number, end: number, position: number): number;
  truncate(file: number, size: number): void;
  /** Makes the file's content and size durable, not its times. */
  sync(file: number): void;
  syncDirectory(directory: string): void;
  /** Replaces what bears the new name, in one step. */
  rename(from: string, to: string): void;
  remove(path: string): void;
}

const OPEN_FLAGS: Record<OpenMode, string> = { create: 'w', read: 'r', update: 'r+' };

/** The machine's own file systems. */
export const nodeDisk: Disk = {
  makeDirectory(path) {
    try {
      mkdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    this.syncDirectory(dirname(path));
  },
  list: (directory) => readdirSync(directory),
  open: (path, mode) => openSync(path, OPEN_FLAGS[mode], 0o600),
  close: closeSync,
  sizeOf: (file) => fstatSync(file).size,
  read: (file, target, start, end, position) =>
    readSync(file, target, start, end - start, position),
  write: (file, source, start, end, position) =>
    writeSync(file, source, start, end - start, position),
  truncate: ftruncateSync,
  sync: fdatasyncSync,
  syncDirectory(directory) {
    const file = openSync(directory, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  },
  rename: renameSync,
  remove: unlinkSync,
};

/** Writes all of `source[start..end)`, in as many pieces as the disk takes it. */
export function writeFully(
  disk: Disk,
  file: number,
  source: Uint8Array,
  start: number,
  end: number,
  position: number,
): void {
  for (let at = start; at < end; ) {
    const count = disk.write(file, source, at, end, position + at - start);
    if (count === 0) throw new Error('the disk takes no bytes and says no error');
    at += count;
  }
}

/** Reads until `target[start..end)` is full or the file ends; answers the count. */
export function readFully(
  disk: Disk,
  file: number,
  target: Uint8Array,
  start: number,
  end: number,
  position: number,
): number {
  let at = start;
  while (at < end) {
    const count = disk.read(file, target, at, end, position + at - start);
    if (count === 0) break;
    at += count;
  }
  return at - start;
}

/** Opens a file, hands it to `work` and closes it, whatever happens. */
export function withFile<Result>(
  disk: Disk,
  path: string,
  mode: OpenMode,
  work: (file: number) => Result,
): Result {
  const file = disk.open(path, mode);
  try {
    return work(file);
  } finally {
    disk.close(file);
  }
}
