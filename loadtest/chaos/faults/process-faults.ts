import { setTimeout as delay } from 'node:timers/promises';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';

/** What a recovery is taken to last before one was measured. */
const FIRST_RECOVERY_MS = 2_000;

const PAUSE_MS_MAX = 3_000;

/** No fault at all: what is found here is wrong without one. */
const nothing: Fault = {
  name: 'nothing',
  weight: 2,
  async run(stage) {
    await stage.runLoad(1);
    await stage.load.stop();
    await stage.audit();
  },
};

/** A crash in the middle of whatever is under way. */
const killUnderLoad: Fault = {
  name: 'kill under load',
  weight: 50,
  async run(stage) {
    await stage.runLoad(1);
    await stage.kill();
    await stage.recover();
  },
};

/** A crash of a venue at rest: its state must come back hash for hash. */
const killAtRest: Fault = {
  name: 'kill at rest',
  weight: 8,
  async run(stage) {
    await stage.runLoad(0.25);
    const state = await stage.stillState();
    await stage.kill();
    await stage.recover(state);
  },
};

/** Crashes while it starts and recovers, one after the other. */
const killWhileStarting: Fault = {
  name: 'kill while starting',
  weight: 15,
  async run(stage) {
    await stage.runLoad(0.5);
    await stage.kill();
    for (let times = stage.random.integer(1, 3); times > 0; times--) {
      const usualMs = stage.venue.recoveriesMs.at(-1) ?? FIRST_RECOVERY_MS;
      stage.venue.launch();
      await delay(stage.random.next() * usualMs * 1.1);
      await stage.venue.kill();
    }
    await stage.recover();
  },
};

/** A second crash soon after the first, before anybody has looked. */
const killTwice: Fault = {
  name: 'kill twice',
  weight: 8,
  async run(stage) {
    await stage.runLoad(0.5);
    await stage.kill();
    await stage.venue.start();
    await stage.connect();
    await stage.runLoad(0.1);
    await stage.kill();
    await stage.recover();
  },
};

/** A stop in a burst of orders: whatever was taken is finished, and the exit code is 0. */
const stopUnderLoad: Fault = {
  name: 'stop under load',
  weight: 7,
  async run(stage) {
    await stage.runLoad(1);
    await stopAndCheck(stage);
    await stage.recover();
  },
};

/** SIGTERM, and a finding when the process does not end as told. */
export async function stopAndCheck(stage: Stage): Promise<void> {
  const { exitCode, signal } = await stage.venue.stop();
  await stage.load.stop();
  await stage.disconnect();
  if (exitCode === 0) return;
  stage.findings.add('venue', () => `SIGTERM ended it with ${exitCode ?? signal}, not with 0`);
}

/** The whole process stands still for a while, as under a debugger or on a machine that is suspended. */
const pause: Fault = {
  name: 'pause',
  weight: 2,
  async run(stage) {
    await stage.runLoad(0.5);
    stage.venue.signal('SIGSTOP');
    await delay(stage.random.next() * PAUSE_MS_MAX);
    stage.venue.signal('SIGCONT');
    await stage.runLoad(0.2);
    await stage.load.stop();
    await stage.audit();
  },
};

export const PROCESS_FAULTS: readonly Fault[] = [
  nothing,
  killUnderLoad,
  killAtRest,
  killWhileStarting,
  killTwice,
  stopUnderLoad,
  pause,
];
