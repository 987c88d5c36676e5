import type { Random } from '../collections/random.ts';
import type { Disk, OpenMode } from '../journal/disk.ts';
import { JournalFailure } from '../journal/journal-error.ts';
import { PowerCut, type SimulatedDisk } from '../journal/simulated-disk.fixture.ts';
import { SnapshotError } from '../snapshot/snapshot-error.ts';

/**
 * What ends a simulated process, or a shard in it.
 *
 * - `kill`: the process is gone, with its memory; what it has written is there.
 * - `power`: so is what was not synced, or any part of it.
 * - `error`: the disk refuses one operation, with EIO or ENOSPC.
 * - `full`: the disk takes nothing more that needs room.
 * - `stop`: the shards are told to stop.
 * - `thread`: the thread of one shard is gone, and the process goes on.
 */
export const DEATHS = ['kill', 'power', 'error', 'full', 'stop', 'thread'] as const;
export type Death = (typeof DEATHS)[number];

/** Ends a simulated process from the inside of whatever it is doing. */
export class ProcessDeath extends Error {
  override name = 'ProcessDeath';
}

/** Ends one shard's thread from the inside of whatever it is doing. */
export class ThreadDeath extends Error {
  override name = 'ThreadDeath';
}

/** What an error is about: who wraps one names it as the cause. */
export function rootOf(error: unknown): unknown {
  const isWrapped = error instanceof JournalFailure || error instanceof SnapshotError;
  return isWrapped && error.cause !== undefined ? rootOf(error.cause) : error;
}

/** Whether the disk has refused something, as a real one may. */
export function isDiskError(error: unknown): boolean {
  const root = rootOf(error);
  return (
    root instanceof Error && ['EIO', 'ENOSPC'].includes((root as { code?: string }).code ?? '')
  );
}

/** Whether only a shard has ended, by its disk or its thread. */
export function isShardDeath(error: unknown): boolean {
  return isDiskError(error) || rootOf(error) instanceof ThreadDeath;
}

/** Whether the process has ended by what was planned. */
export function isProcessDeath(error: unknown): boolean {
  const root = rootOf(error);
  return root instanceof ProcessDeath || root instanceof PowerCut;
}

/** A simulated disk beside which other things happen, and on which a process may die in any operation. */
export class PerilousDisk implements Disk {
  readonly disk: SimulatedDisk;
  /** Called before each write and sync: they take their time. */
  interject: () => void = () => {};
  readonly #random: Random;
  #death: Death | null = null;
  #operationsLeft = 0;
  #isDead = false;

  constructor(disk: SimulatedDisk, random: Random) {
    this.disk = disk;
    this.#random = random;
  }

  /** Lets `death` come in the `count`-th operation from now, 1 for the next. */
  arm(death: Death, count: number): void {
    this.#death = death;
    this.#operationsLeft = count;
  }

  /** Whether a death is still to come: as long as the disk is full, one may. */
  get isArmed(): boolean {
    return this.#death !== null || Number.isFinite(this.disk.capacityBytes);
  }

  /** Nothing comes any more, and there is room again. */
  disarm(): void {
    this.#death = null;
    this.disk.capacityBytes = Number.POSITIVE_INFINITY;
  }

  /** What a new process finds; mended. */
  restart(): void {
    this.disarm();
    this.#isDead = false;
    this.disk.restart();
  }

  /** Counts as an operation, and does nothing. */
  pass(): void {
    this.#step();
  }

  makeDirectory(path: string): void {
    this.#step();
    this.disk.makeDirectory(path);
  }

  list(directory: string): string[] {
    this.#step();
    return this.disk.list(directory);
  }

  open(path: string, mode: OpenMode): number {
    this.#step();
    return this.disk.open(path, mode);
  }

  close(file: number): void {
    this.#step();
    this.disk.close(file);
  }

  sizeOf(file: number): number {
    this.#step();
    return this.disk.sizeOf(file);
  }

  read(file: number, target: Uint8Array, start: number, end: number, position: number): number {
    this.#step();
    return this.disk.read(file, target, start, end, position);
  }

  write(file: number, source: Uint8Array, start: number, end: number, position: number): number {
    this.interject();
    this.#step(() => {
      const some = this.#random.below(end - start + 1);
      if (some > 0) this.disk.write(file, source, start, start + some, position);
    });
    return this.disk.write(file, source, start, end, position);
  }

  truncate(file: number, size: number): void {
    this.#step();
    this.disk.truncate(file, size);
  }

  sync(file: number): void {
    this.interject();
    this.#step();
    this.disk.sync(file);
  }

  syncDirectory(directory: string): void {
    this.interject();
    this.#step();
    this.disk.syncDirectory(directory);
  }

  rename(from: string, to: string): void {
    this.#step();
    this.disk.rename(from, to);
  }

  remove(path: string): void {
    this.#step();
    this.disk.remove(path);
  }

  #step(beforeDeath: () => void = () => {}): void {
    if (this.#isDead) throw new ProcessDeath();
    if (this.#death === null || --this.#operationsLeft > 0) return;
    const death = this.#death;
    this.#death = null;
    switch (death) {
      case 'power':
        this.disk.cutPower();
        break;
      case 'error':
        this.disk.failAt(1, this.#random.below(2) === 0 ? 'EIO' : 'ENOSPC');
        break;
      case 'full':
        this.disk.capacityBytes = 0;
        break;
      case 'thread':
        beforeDeath();
        throw new ThreadDeath();
      default:
        this.#isDead = true;
        beforeDeath();
        throw new ProcessDeath();
    }
  }
}
