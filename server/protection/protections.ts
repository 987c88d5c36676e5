import type { EngineClient } from '../engine/engine-client.ts';
import type { Log } from '../log.ts';
import type { LearnTimer } from '../recovery/learn-accounts.ts';
import type { LearnLatch } from '../recovery/learn-listings.ts';
import { CancelOnDisconnect } from './cancel-on-disconnect.ts';
import { CancelTimers } from './cancel-timers.ts';
import { KillSwitches } from './kill-switches.ts';

/** What keeps the venue and its members from their own mistakes, each part once. */
export interface Protections {
  readonly killSwitches: KillSwitches;
  readonly cancelTimers: CancelTimers;
  readonly cancelOnDisconnect: CancelOnDisconnect;
  /** Of a gateway that starts: hears what the shards have. */
  readonly learnLatch: LearnLatch;
  readonly learnTimer: LearnTimer;
  /** When all was learnt, before anybody is served: sets what a crash left half set, starts and fires what is due. */
  begin(): Promise<void>;
  /** Leaves everything as it is, for the next start. */
  stop(): void;
}

export function makeProtections(engine: EngineClient, log: Log): Protections {
  const killSwitches = new KillSwitches(engine);
  const cancelTimers = new CancelTimers(engine);
  const cancelOnDisconnect = new CancelOnDisconnect(cancelTimers, log);
  return {
    ...{ killSwitches, cancelTimers, cancelOnDisconnect },
    learnLatch: ({ scope, targetId }, shard) => {
      killSwitches.learn(scope as Parameters<KillSwitches['learn']>[0], targetId, shard);
    },
    learnTimer: (timer) => cancelTimers.learn(timer),
    async begin() {
      cancelOnDisconnect.startAll();
      await killSwitches.complete();
    },
    stop() {
      cancelOnDisconnect.stop();
      cancelTimers.stop();
    },
  };
}
