import type { GeneratorReport } from '../generator/messages.ts';

/** Of the schedule's last second, this much may be missing at its end. */
const BEHIND_MS_MAX = 50;
const LATE_SHARE_MAX = 0.01;
/** Of fewer late sends nothing is concluded: of a hundred requests one is the p99. */
const LATE_SENDS_LEAST = 10;
/** Of the p99 of `ack`, so much may be the generator's own. */
const ERROR_SHARE_MAX = 0.5;
const CPU_SHARE_BUSY = 0.9;

/** A generator's figures, as far as they tell whether it kept its schedule. */
export interface Punctuality {
  readonly report: Pick<GeneratorReport, 'watch' | 'notSent' | 'lostConnections'>;
  readonly measuredSends: number;
  readonly scheduleErrorP99Us: number;
  /** Of the whole run. */
  readonly ackP99Us: number;
}

/**
 * Why the figures of a run are the generator's and not the venue's; undefined when they are not. It was the
 * bottleneck when
 * - the last send was more than 50 ms behind its moment: the rate was not offered; or
 * - more than 1 % of the sends, and ten of them, were over a millisecond late, and their lateness at p99 is more than
 *   half of the p99 of `ack`: what is shown as the venue's latency is mostly the generator's. Requests that were not
 *   sent since their connection was lost fail a run as well, but by the venue's doing.
 */
export function bottleneckOf(generator: Punctuality): string | undefined {
  const { report, measuredSends, scheduleErrorP99Us, ackP99Us } = generator;
  const { lateSends, lastSendLateMs, cpuShare, eventLoopDelayMaxMs } = report.watch;
  const cause =
    cpuShare >= CPU_SHARE_BUSY
      ? `it used ${percent(cpuShare)} of a core: more --generators, or a lower rate`
      : `its event loop was held up for as long as ${eventLoopDelayMaxMs.toFixed(0)} ms and it had ${percent(cpuShare)} of a core: the machine is too busy`;
  if (lastSendLateMs > BEHIND_MS_MAX) {
    return `the generator did not offer the rate: its last send was ${lastSendLateMs.toFixed(0)} ms late; ${cause}`;
  }
  const lateShare = measuredSends === 0 ? 0 : lateSends / measuredSends;
  const areMany = lateShare > LATE_SHARE_MAX && lateSends >= LATE_SENDS_LEAST;
  if (!areMany || scheduleErrorP99Us <= ERROR_SHARE_MAX * ackP99Us) return undefined;
  return `the generator sent ${percent(lateShare)} of the requests more than 1 ms late, p99 ${(scheduleErrorP99Us / 1000).toFixed(1)} ms of ${(ackP99Us / 1000).toFixed(1)} ms; ${cause}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
