import { spawnSync } from 'node:child_process';
import { closeSync, cpSync, mkdtempSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { VenueRefusal } from '../../client/http-json.ts';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';
import { stopAndCheck } from './process-faults.ts';

/** Beyond what the journal holds already. */
const ROOM_BYTES = 4 * 2 ** 20;
const QUIET_MS = 1_000;
const FULL_TIMEOUT_MS = 30_000;
const BALLAST_CHUNK = Buffer.alloc(64 * 2 ** 10, 1);

/**
 * The journal's disk runs full: acknowledgements stop at once, health says so, and when there is room again and the
 * venue was started again everything that was acknowledged is there. The journal lies on a small disk of its own
 * meanwhile.
 */
const diskFull: Fault = {
  name: 'disk full',
  weight: 2,
  unavailable: whyNoMount,
  async run(stage) {
    await stage.runLoad(0.5);
    await stopAndCheck(stage);
    const disk = SmallDisk.under(join(stage.venue.settings.dataDirectory, 'journal'));
    try {
      await stage.recover();
      disk.fill();
      await awaitSilence(stage);
      await stage.kill();
      disk.empty();
      await stage.recover();
      await stopAndCheck(stage);
    } finally {
      await stage.venue.kill();
      disk.remove();
    }
    await stage.recover();
  },
};

/** Full load until nothing is acknowledged any more; then health must say that the venue is not ready. */
async function awaitSilence(stage: Stage): Promise<void> {
  stage.load.start('full');
  const endMs = performance.now() + FULL_TIMEOUT_MS;
  for (let done = -1; done !== stage.counts.done; ) {
    if (performance.now() > endMs) {
      stage.findings.add(
        'venue',
        () => 'orders are acknowledged on and on though the disk is full',
      );
      return;
    }
    done = stage.counts.done;
    await delay(QUIET_MS);
  }
  if (!stage.venue.isRunning) return;
  try {
    const health = await stage.operator.admin.ready();
    stage.findings.add(
      'venue',
      () => `with a full disk its health is ${JSON.stringify(health).slice(0, 300)}`,
    );
  } catch (error) {
    if (!(error instanceof VenueRefusal) && stage.venue.isRunning) throw error;
  }
}

/** A file system in memory, mounted over a folder, with what the folder holds. */
class SmallDisk {
  readonly #folder: string;
  readonly #original: string;
  readonly #ballast: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#original = `${folder}.original`;
    this.#ballast = join(folder, 'ballast');
  }

  static under(folder: string): SmallDisk {
    const disk = new SmallDisk(folder);
    renameSync(folder, disk.#original);
    const used = Number(run('du', '-sb', disk.#original).split('\t', 1)[0]);
    run('mkdir', folder);
    run('mount', '-t', 'tmpfs', '-o', `size=${used + ROOM_BYTES}`, 'tmpfs', folder);
    cpSync(disk.#original, folder, { recursive: true, preserveTimestamps: true });
    return disk;
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

  /** Puts what the folder holds now back where it was. */
  remove(): void {
    this.empty();
    const copy = `${this.#folder}.copy`;
    cpSync(this.#folder, copy, { recursive: true, preserveTimestamps: true });
    run('umount', this.#folder);
    rmSync(this.#folder, { recursive: true });
    renameSync(copy, this.#folder);
    rmSync(this.#original, { recursive: true });
  }
}

function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

function whyNoMount(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-mount-'));
  try {
    run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder);
    run('umount', folder);
    return null;
  } catch (error) {
    return `no file system can be mounted here (${(error as Error).message})`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const DISK_FAULTS: readonly Fault[] = [diskFull];
