import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Beyond what the folder holds already. */
const SMALL_ROOM_BYTES = 4 * 2 ** 20;
const IMAGE_ROOM_BYTES = 256 * 2 ** 20;
const BALLAST_CHUNK = Buffer.alloc(64 * 2 ** 10, 1);

/**
 * Nothing is to reach the image by itself soon: neither the file system's own journal, every five seconds else, nor
 * the times of access.
 */
const IMAGE_OPTIONS = 'loop,commit=300,noatime';

/** A command of the system did not work; the message says why. */
class CommandFailed extends Error {
  override name = 'CommandFailed';
}

/** A file system mounted over a folder, with what the folder holds, until it is put back. */
abstract class FolderDisk {
  protected readonly folder: string;
  readonly #original: string;

  constructor(folder: string) {
    this.folder = folder;
    this.#original = `${folder}.original`;
  }

  /** @throws CommandFailed when this machine does not let us */
  mount(): void {
    const { folder } = this;
    const usedBytes = Number(run('du', '-sb', folder).split('\t', 1)[0]);
    renameSync(folder, this.#original);
    mkdirSync(folder);
    try {
      this.create(usedBytes);
    } catch (error) {
      rmSync(folder, { recursive: true });
      renameSync(this.#original, folder);
      throw error;
    }
    copy(this.#original, folder);
    run('sync', '-f', folder);
  }

  /** Makes a file system with room for so much and more, and mounts it. */
  protected abstract create(usedBytes: number): void;

  /** Unmounts, and puts what the folder holds now back where it was. */
  remove(): void {
    const kept = `${this.folder}.kept`;
    copy(this.folder, kept);
    run('umount', this.folder);
    rmSync(this.folder, { recursive: true });
    renameSync(kept, this.folder);
    rmSync(this.#original, { recursive: true });
  }
}

/** A small disk in memory that can be filled up. */
export class SmallDisk extends FolderDisk {
  protected override create(usedBytes: number): void {
    const size = `size=${usedBytes + SMALL_ROOM_BYTES}`;
    run('mount', '-t', 'tmpfs', '-o', size, 'tmpfs', this.folder);
  }

  /** Takes all the room there is. */
  fill(): void {
    const file = openSync(this.#ballast, 'w');
    try {
      while (writeSync(file, BALLAST_CHUNK) === BALLAST_CHUNK.length);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(this.#ballast, { force: true });
  }

  override remove(): void {
    this.empty();
    super.remove();
  }

  get #ballast(): string {
    return join(this.folder, 'ballast');
  }
}

/**
 * A disk in a file, whose power can be cut: ext4 on a loop device. What was written and not synced is in the memory of
 * the machine alone, so a copy of the image is what a disk would have after a power cut.
 */
export class ImageDisk extends FolderDisk {
  protected override create(usedBytes: number): void {
    run('truncate', '-s', String(usedBytes + IMAGE_ROOM_BYTES), this.#image);
    run('mkfs.ext4', '-q', '-F', this.#image);
    run('mount', '-o', IMAGE_OPTIONS, this.#image, this.folder);
  }

  /** Nobody may use the folder. Afterwards it holds what had been synced, and what else had got to the disk. */
  cutPower(): void {
    const cut = `${this.#image}.cut`;
    run('cp', '--sparse=always', this.#image, cut);
    run('umount', this.folder);
    renameSync(cut, this.#image);
    run('mount', '-o', IMAGE_OPTIONS, this.#image, this.folder);
  }

  override remove(): void {
    super.remove();
    rmSync(this.#image);
  }

  get #image(): string {
    return `${this.folder}.image`;
  }
}

function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
}

function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new CommandFailed(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

/** Why a disk of this kind cannot be made here; null when it can. */
export function whyNot(disk: new (folder: string) => FolderDisk): string | null {
  const parent = mkdtempSync(join(tmpdir(), 'ringside-mount-'));
  const folder = join(parent, 'folder');
  mkdirSync(folder);
  try {
    const mounted = new disk(folder);
    mounted.mount();
    mounted.remove();
    return null;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return `no file system can be mounted here (${(error as Error).message})`;
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}
