import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ImageDisk, SmallDisk, whyNot } from '../journal-disks.ts';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';
import { stopAndCheck } from './process-faults.ts';
import { awaitAllShards } from './thread-faults.ts';

const QUIET_MS = 1_000;
const FULL_TIMEOUT_MS = 30_000;

/**
 * The journal's disk runs full: acknowledgements stop at once, health says so, and when there is room again the shards
 * come back, or the venue is started again: everything that was acknowledged is there.
 */
const diskFull: Fault = {
  name: 'disk full',
  weight: 2,
  unavailable: () => whyNot(SmallDisk),
  run: (stage) =>
    withDisk(stage, SmallDisk, async (disk) => {
      disk.fill();
      await awaitSilence(stage);
      if (stage.random.chance(0.5)) {
        await stage.kill();
        disk.empty();
        await stage.recover();
        return;
      }
      disk.empty();
      if (!(await awaitAllShards(stage, 1))) return;
      await stage.load.stop();
      await stage.audit();
    }),
};

/** Power goes with the process, and with it all that was written and not synced; a few times, each under load. */
const powerCut: Fault = {
  name: 'power cut',
  weight: 6,
  unavailable: () => whyNot(ImageDisk),
  run: (stage) =>
    withDisk(stage, ImageDisk, async (disk) => {
      for (let times = stage.random.integer(2, 4); times > 0; times--) {
        await stage.runLoad(0.7);
        await stage.kill();
        disk.cutPower();
        await stage.recover();
      }
    }),
};

/** Lets the journal lie on another disk while `use` runs; the venue runs before, meanwhile and after. */
async function withDisk<Disk extends SmallDisk | ImageDisk>(
  stage: Stage,
  disk: new (folder: string) => Disk,
  use: (disk: Disk) => Promise<void>,
): Promise<void> {
  await stage.runLoad(0.2);
  await stopAndCheck(stage);
  const mounted = new disk(join(stage.venue.settings.dataDirectory, 'journal'));
  mounted.mount();
  try {
    await stage.recover();
    await use(mounted);
    await stopAndCheck(stage);
  } finally {
    await stage.venue.kill();
    mounted.remove();
  }
  await stage.recover();
}

/** Full load until nothing is acknowledged any more; then health must say why. */
async function awaitSilence(stage: Stage): Promise<void> {
  stage.load.start('full');
  const endMs = performance.now() + FULL_TIMEOUT_MS;
  for (let done = -1; done !== stage.shared.acknowledged; ) {
    if (performance.now() > endMs) {
      stage.findings.add('venue', () => 'it acknowledges orders on and on though the disk is full');
      return;
    }
    done = stage.shared.acknowledged;
    await delay(QUIET_MS);
  }
  const { halted } = (await stage.operator.admin.health()).components.shards;
  if (halted.length > 0 && halted.every(({ code }) => code === 'JOURNAL_FAILED')) return;
  stage.findings.add('venue', () => `with a full disk its health says ${JSON.stringify(halted)}`);
}

export const DISK_FAULTS: readonly Fault[] = [diskFull, powerCut];
