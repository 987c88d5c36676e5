import { dirname } from 'node:path';
import { Random } from '../collections/random.ts';
import type { Disk, OpenMode } from './disk.ts';
import { SimulatedFile } from './simulated-file.fixture.ts';

/** Thrown by every operation from the moment the power is cut until `restart`. */
export class PowerCut extends Error {
  override name = 'PowerCut';
}

export type DiskErrorCode = 'EIO' | 'ENOSPC';

/** As Node words it. */
class DiskError extends Error {
  readonly code: string;

  constructor(code: string, operation: string, path: string) {
    super(`${code}: simulated, ${operation} '${path}'`);
    this.code = code;
  }
}

export interface SimulatedDiskOptions {
  /** Of everything that the disk decides. */
  readonly seed?: number;
  /** What is written in one piece, unless it tears. */
  readonly pageBytes?: number;
  /** A write takes between one byte and this many. */
  readonly writeBytesMax?: number;
  /** Beyond it, ENOSPC; may be changed at any time. */
  readonly capacityBytes?: number;
}

/** A name that was given, changed or taken since its directory was synced. */
type NameChange = readonly (readonly [path: string, file: SimulatedFile | null])[];

/**
 * A disk in memory which keeps what was written apart from what was synced. A power cut takes any part of what was
 * not synced: any page of a file by itself, in any state it was in, or torn; any size the file had; any name that was
 * given or taken. Killing the process takes nothing. Everything follows from the seed.
 *
 *     const disk = new SimulatedDisk({ seed: 7 });
 *     disk.makeDirectory('/shard-0');
 *     disk.cutPowerAt(40);         // or failAt(40, 'EIO'), or capacityBytes = 10_000
 *     …work that throws PowerCut at the 40th operation from now on…
 *     disk.restart();              // what is left is what a new process finds
 */
export class SimulatedDisk implements Disk {
  capacityBytes: number;
  /** Operations so far, those that failed included. */
  operations = 0;
  readonly #random: Random;
  readonly #pageBytes: number;
  readonly #writeBytesMax: number;
  readonly #names = new Map<string, SimulatedFile>();
  readonly #durableNames = new Map<string, SimulatedFile>();
  /** By directory. */
  readonly #nameChanges = new Map<string, NameChange[]>();
  readonly #open = new Map<number, { path: string; file: SimulatedFile }>();
  #nextHandle = 3;
  #isOff = false;
  #powerCutAt = Number.POSITIVE_INFINITY;
  #failAt = Number.POSITIVE_INFINITY;
  #failCode: DiskErrorCode = 'EIO';

  constructor(options: SimulatedDiskOptions = {}) {
    this.#random = new Random(options.seed ?? 1);
    this.#pageBytes = options.pageBytes ?? 4096;
    this.#writeBytesMax = options.writeBytesMax ?? Number.POSITIVE_INFINITY;
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Cuts the power instead of the `count`-th operation from now, 1 for the next. */
  cutPowerAt(count: number): void {
    this.#powerCutAt = this.operations + count;
  }

  /** Lets the `count`-th operation from now fail. */
  failAt(count: number, code: DiskErrorCode): void {
    this.#failAt = this.operations + count;
    this.#failCode = code;
  }

  cutPower(): void {
    this.#isOff = true;
  }

  /** The process is gone, and with it its open files; after a power cut what was not synced, too. Faults are over. */
  restart(): void {
    this.#open.clear();
    this.#powerCutAt = Number.POSITIVE_INFINITY;
    this.#failAt = Number.POSITIVE_INFINITY;
    if (!this.#isOff) return;
    this.#isOff = false;
    for (const changes of this.#nameChanges.values()) {
      for (const change of changes) {
        if (this.#random.below(2) === 0) applyChange(this.#durableNames, change);
      }
    }
    this.#nameChanges.clear();
    this.#names.clear();
    for (const [path, file] of this.#durableNames) this.#names.set(path, file);
    for (const file of new Set(this.#names.values())) file.losePower(this.#random);
  }

  /** What `list` would answer. */
  namesIn(directory: string): string[] {
    const prefix = `${directory}/`;
    return [...this.#names.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
  }

  /** What a process would read, as a copy. */
  contentOf(path: string): Uint8Array {
    const file = this.#find(path);
    return file.part(0, file.size).slice();
  }

  /** Puts a durable file there, by nobody's hand. */
  replace(path: string, content: Uint8Array): void {
    const file = new SimulatedFile(this.#pageBytes);
    file.write(content, 0);
    file.sync();
    this.#names.set(path, file);
    this.#durableNames.set(path, file);
  }

  /** Flips one bit, counted from the file's start, lowest bit of a byte first. */
  flipBit(path: string, bit: number): void {
    this.#find(path).flipBit(bit);
  }

  makeDirectory(path: string): void {
    this.#step('mkdir', path);
  }

  list(directory: string): string[] {
    this.#step('list', directory);
    return this.namesIn(directory);
  }

  open(path: string, mode: OpenMode): number {
    this.#step('open', path);
    if (mode === 'create') this.#create(path);
    const handle = this.#nextHandle++;
    this.#open.set(handle, { path, file: this.#find(path) });
    return handle;
  }

  close(handle: number): void {
    this.#step('close', this.#handle(handle).path);
    this.#open.delete(handle);
  }

  sizeOf(handle: number): number {
    this.#step('stat', this.#handle(handle).path);
    return this.#handle(handle).file.size;
  }

  read(handle: number, target: Uint8Array, start: number, end: number, position: number): number {
    const { path, file } = this.#handle(handle);
    this.#step('read', path);
    const part = file.part(Math.min(position, file.size), position + end - start);
    target.set(part, start);
    return part.length;
  }

  write(handle: number, source: Uint8Array, start: number, end: number, position: number): number {
    const { path, file } = this.#handle(handle);
    const wanted = Math.min(
      end - start,
      1 + this.#random.below(Math.min(this.#writeBytesMax, 2 ** 31)),
    );
    const write = (count: number) => file.write(source.subarray(start, start + count), position);
    // Some of it may have been written when it fails.
    this.#step('write', path, () => write(this.#random.below(wanted + 1)));
    const room = this.capacityBytes - this.#usedBytes() + Math.max(0, file.size - position);
    if (wanted > 0 && room <= 0) throw new DiskError('ENOSPC', 'write', path);
    const count = Math.min(wanted, room);
    write(count);
    return count;
  }

  truncate(handle: number, size: number): void {
    const { path, file } = this.#handle(handle);
    this.#step('truncate', path);
    file.truncate(size);
  }

  sync(handle: number): void {
    const { path, file } = this.#handle(handle);
    this.#step('sync', path, () => file.failSync(this.#random));
    file.sync();
  }

  syncDirectory(directory: string): void {
    this.#step('sync', directory, () => this.#nameChanges.delete(directory));
    for (const change of this.#nameChanges.get(directory) ?? []) {
      applyChange(this.#durableNames, change);
    }
    this.#nameChanges.delete(directory);
  }

  rename(from: string, to: string): void {
    this.#step('rename', from);
    const file = this.#find(from);
    this.#changeNames(dirname(to), [
      [from, null],
      [to, file],
    ]);
  }

  remove(path: string): void {
    this.#step('remove', path);
    this.#find(path);
    this.#changeNames(dirname(path), [[path, null]]);
  }

  #create(path: string): void {
    const existing = this.#names.get(path);
    if (existing !== undefined) existing.truncate(0);
    else this.#changeNames(dirname(path), [[path, new SimulatedFile(this.#pageBytes)]]);
  }

  #changeNames(directory: string, change: NameChange): void {
    applyChange(this.#names, change);
    const changes = this.#nameChanges.get(directory) ?? [];
    changes.push(change);
    this.#nameChanges.set(directory, changes);
  }

  #find(path: string): SimulatedFile {
    const file = this.#names.get(path);
    if (file === undefined) throw new DiskError('ENOENT', 'open', path);
    return file;
  }

  #handle(handle: number): { path: string; file: SimulatedFile } {
    if (this.#isOff) throw new PowerCut();
    const open = this.#open.get(handle);
    if (open === undefined) throw new DiskError('EBADF', 'use', String(handle));
    return open;
  }

  #usedBytes(): number {
    let sum = 0;
    for (const { size } of this.#names.values()) sum += size;
    return sum;
  }

  #step(operation: string, path: string, whenFailing: () => void = () => {}): void {
    this.operations++;
    if (this.operations >= this.#powerCutAt) this.#isOff = true;
    if (this.#isOff) throw new PowerCut(`${operation} ${path}`);
    if (this.operations !== this.#failAt) return;
    whenFailing();
    throw new DiskError(this.#failCode, operation, path);
  }
}

function applyChange(names: Map<string, SimulatedFile>, change: NameChange): void {
  for (const [path, file] of change) {
    if (file === null) names.delete(path);
    else names.set(path, file);
  }
}
