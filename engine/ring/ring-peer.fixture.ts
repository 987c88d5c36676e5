import { parentPort, workerData } from 'node:worker_threads';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { Doorbell } from './doorbell.ts';
import { LinkWriter, type SharedLink } from './link.ts';
import { NumberedFrames } from './numbered-frames.fixture.ts';

/** What the other thread of a ring test is told to do. */
export type PeerTask =
  | {
      readonly role: 'writer';
      readonly link: SharedLink;
      readonly roomBell: SharedArrayBuffer;
      readonly seed: number;
      readonly frames: number;
      readonly fillerMax: number;
    }
  | {
      readonly role: 'echo';
      readonly ownBell: SharedArrayBuffer;
      readonly otherBell: SharedArrayBuffer;
      readonly rounds: number;
    }
  | { readonly role: 'ringer'; readonly bell: SharedArrayBuffer; readonly rounds: number }
  | { readonly role: 'idler'; readonly bell: SharedArrayBuffer; readonly sleeps: number };

export interface PeerReport {
  /** Sleeps that ended because time was up, not because somebody rang. */
  readonly timeouts: number;
  /** Flushes that found too little room. */
  readonly fullCount: number;
  /** CPU time of the whole process, of a clock time, both in ms. */
  readonly cpuMs: number;
  readonly elapsedMs: number;
}

/** Far above any delay of a busy machine: whoever sleeps this long missed a wake. */
export const LOST_WAKE_MS = 20_000;

/** Sleeps; true when nobody rang until the time was up. (A wake may be stale: that is no fault.) */
export function sleepsInVain(bell: Doorbell, seen: number): boolean {
  const start = performance.now();
  bell.sleep(seen, LOST_WAKE_MS);
  return performance.now() - start >= LOST_WAKE_MS;
}

function run(task: PeerTask): PeerReport {
  const report = { timeouts: 0, fullCount: 0, cpuMs: 0, elapsedMs: 0 };
  switch (task.role) {
    case 'writer': {
      const writer = new LinkWriter(task.link, new FrameWriter(1024));
      const room = new Doorbell(task.roomBell);
      const frames = new NumberedFrames(task.seed, task.fillerMax);
      while (frames.count < task.frames) {
        frames.write(writer.frames);
        for (;;) {
          const seen = room.value;
          if (writer.flush()) break;
          report.fullCount++;
          if (sleepsInVain(room, seen)) report.timeouts++;
        }
      }
      break;
    }
    case 'echo': {
      const own = new Doorbell(task.ownBell);
      const other = new Doorbell(task.otherBell);
      for (let seen = 0; seen < task.rounds; seen++) {
        while (own.value === seen) if (sleepsInVain(own, seen)) report.timeouts++;
        other.ring();
      }
      break;
    }
    case 'ringer': {
      const bell = new Doorbell(task.bell);
      for (let round = 0; round < task.rounds; round++) bell.ring();
      break;
    }
    case 'idler': {
      const bell = new Doorbell(task.bell);
      const cpu = process.cpuUsage();
      const start = performance.now();
      for (let count = 0; count < task.sleeps; count++) bell.sleep(bell.value, 100);
      const used = process.cpuUsage(cpu);
      report.cpuMs = (used.user + used.system) / 1000;
      report.elapsedMs = performance.now() - start;
      break;
    }
  }
  return report;
}

parentPort?.postMessage(run(workerData as PeerTask));
