import { dirname, join } from 'node:path';
import type { Disk } from '../../engine/journal/disk.ts';

/** A file as large as it was ever written, and how much of it counts. */
interface MemoryFile {
  bytes: Uint8Array;
  size: number;
}

const FIRST_BYTES = 2 ** 20;

/**
 * A disk that is memory, so that what is timed is the journal and not the machine's files; and which counts what it
 * is asked for. It keeps the memory of files that were removed, for those to come: a fresh run costs no fresh pages.
 */
export class MemoryDisk implements Disk {
  writes = 0;
  writtenBytes = 0;
  syncs = 0;
  readonly #files = new Map<string, MemoryFile>();
  readonly #open: MemoryFile[] = [];
  readonly #spare: MemoryFile[] = [];

  makeDirectory(): void {}

  list(directory: string): string[] {
    const paths = [...this.#files.keys()].filter((path) => dirname(path) === directory);
    return paths.map((path) => path.slice(join(directory, '/').length));
  }

  open(path: string, mode: 'create' | 'read' | 'update'): number {
    let file = this.#files.get(path);
    if (file === undefined) {
      if (mode !== 'create') throw new Error(`ENOENT: ${path}`);
      file = this.#spare.pop() ?? { bytes: new Uint8Array(FIRST_BYTES), size: 0 };
      file.size = 0;
      this.#files.set(path, file);
    }
    if (mode === 'create') file.size = 0;
    return this.#open.push(file) - 1;
  }

  close(): void {}

  sizeOf(file: number): number {
    return this.#open[file]!.size;
  }

  read(file: number, target: Uint8Array, start: number, end: number, position: number): number {
    const { bytes, size } = this.#open[file]!;
    const count = Math.max(0, Math.min(end - start, size - position));
    target.set(bytes.subarray(position, position + count), start);
    return count;
  }

  write(file: number, source: Uint8Array, start: number, end: number, position: number): number {
    const of = this.#open[file]!;
    const last = position + end - start;
    if (last > of.bytes.length) {
      const grown = new Uint8Array(2 * last);
      grown.set(of.bytes.subarray(0, of.size));
      of.bytes = grown;
    }
    if (position > of.size) of.bytes.fill(0, of.size, position);
    of.bytes.set(source.subarray(start, end), position);
    of.size = Math.max(of.size, last);
    this.writes++;
    this.writtenBytes += end - start;
    return end - start;
  }

  truncate(file: number, size: number): void {
    this.#open[file]!.size = size;
  }

  sync(): void {
    this.syncs++;
  }

  syncDirectory(): void {}

  rename(from: string, to: string): void {
    this.#files.set(to, this.#files.get(from)!);
    this.#files.delete(from);
  }

  remove(path: string): void {
    this.#spare.push(this.#files.get(path)!);
    this.#files.delete(path);
  }

  /** Removes all files and forgets what was counted. */
  clear(): void {
    for (const path of [...this.#files.keys()]) this.remove(path);
    this.#open.length = 0;
    this.writes = this.writtenBytes = this.syncs = 0;
  }
}
