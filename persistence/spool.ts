import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const SEGMENT_BYTES_MAX = 64 * 2 ** 20;

interface Segment {
  readonly path: string;
  readonly file: number;
  written: number;
  read: number;
}

/** Makes the spool directory, and removes what an earlier run left in it. */
export function prepareSpoolDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    if (name.endsWith('.frames')) rmSync(join(directory, name));
  }
}

/**
 * A queue of bytes on disk: first in, first out, in segment files that are deleted when they have been
 * read. File calls are synchronous, since they go to the page cache and the thread has nothing better
 * to wait for. Their errors (disk full) are thrown.
 */
export class Spool {
  readonly #directory: string;
  readonly #name: string;
  readonly #segments: Segment[] = [];
  #nextSegment = 1;
  #bytes = 0;

  /** @param name tells the spool's files from those of others in the directory */
  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  /** Bytes not yet read back. */
  get bytes(): number {
    return this.#bytes;
  }

  append(source: Uint8Array, start: number, end: number): void {
    let segment = this.#segments.at(-1);
    if (segment === undefined || segment.written >= SEGMENT_BYTES_MAX) segment = this.#open();
    for (let at = start; at < end; ) {
      const count = writeSync(segment.file, source, at, end - at, segment.written);
      at += count;
      segment.written += count;
      this.#bytes += count;
    }
  }

  /** Moves up to `target.length − at` of the oldest bytes into `target`; answers the count. */
  read(target: Uint8Array, at: number): number {
    const segment = this.#segments[0];
    if (segment === undefined) return 0;
    const length = Math.min(target.length - at, segment.written - segment.read);
    const count = readSync(segment.file, target, at, length, segment.read);
    segment.read += count;
    this.#bytes -= count;
    if (segment.read === segment.written) this.#dropFirst();
    return count;
  }

  close(): void {
    while (this.#segments.length > 0) this.#dropFirst();
    this.#bytes = 0;
  }

  #open(): Segment {
    const path = join(this.#directory, `${this.#name}-${this.#nextSegment++}.frames`);
    const segment = { path, file: openSync(path, 'wx+', 0o600), written: 0, read: 0 };
    this.#segments.push(segment);
    return segment;
  }

  #dropFirst(): void {
    const segment = this.#segments.shift()!;
    closeSync(segment.file);
    unlinkSync(segment.path);
  }
}
