import type { GeneratorReport } from '../generator/messages.ts';
import { LATE_MS } from '../generator/self-watch.ts';
import type { LatencyCounts } from '../histogram/latency-counts.ts';

/** Of the schedule's last second, this much may be missing at its end. */
const BEHIND_MS_MAX = 50;
/** Where the generator's lateness is held against the latency that is shown. */
const COMPARED_PERCENTILES = [50, 99];
/** Of one request in a thousand, on processors that all share, a moment's pause of the machine decides. */
const TAIL_PERCENTILES = [99.9];
/** No percentile is looked at that fewer sends are beyond: of a hundred requests the p99 is one. */
const BEYOND_LEAST = 10;
/**
 * Of the latency at a percentile, so much may be the generator's own: beyond it, more of what is shown is ours than the
 * venue's. On two cores that both share, a third is usual.
 */
const ERROR_SHARE_MAX = 0.5;
const CPU_SHARE_BUSY = 0.9;

/** A generator's figures, as far as they tell whether it kept its schedule. */
interface Punctuality {
  readonly report: Pick<GeneratorReport, 'watch' | 'notSent' | 'lostConnections'>;
  /** Intended to actual send of the measured part. */
  readonly scheduleError: LatencyCounts;
  /** What is shown as the venue's, of the whole run; undefined where nothing is. */
  readonly latency: LatencyCounts | undefined;
}

/**
 * Why the figures of a run are the generator's and not the venue's; undefined when they are not. It was the
 * bottleneck when
 * - the last send was more than 50 ms behind its moment: the rate was not offered; or
 * - its lateness at p50 or p99 is over a millisecond and more than half of the latency there: what is
 *   shown as the venue's is the generator's for the most part (of p99.9, `lateTailOf` says so). Where less than ten
 *   sends are beyond a percentile, the one that ten are beyond is taken for it. Requests that were not sent since
 *   their connection was lost fail a run as well, but by the venue's doing.
 */
export function bottleneckOf(generator: Punctuality): string | undefined {
  const { report, scheduleError, latency } = generator;
  const { lastSendLateMs, cpuShare, eventLoopDelayMaxMs } = report.watch;
  const cause =
    cpuShare >= CPU_SHARE_BUSY
      ? `it used ${percent(cpuShare)} of a core: more --generators, or a lower rate`
      : `its event loop was held up for as long as ${eventLoopDelayMaxMs.toFixed(0)} ms and it had ${percent(cpuShare)} of a core: the machine is too busy`;
  if (lastSendLateMs > BEHIND_MS_MAX) {
    return `the generator did not offer the rate: its last send was ${lastSendLateMs.toFixed(0)} ms late; ${cause}`;
  }
  const late = latency === undefined ? undefined : lateBy(scheduleError, latency, LATE_MS);
  return late === undefined ? undefined : `the generator sent late, ${late}; ${cause}`;
}

/**
 * Why the last part of the figures, beyond p99, is not the venue's: its reader must know, but all others stand.
 * Undefined when it is.
 */
export function lateTailOf({ scheduleError, latency }: Punctuality): string | undefined {
  if (latency === undefined) return undefined;
  return lateBy(scheduleError, latency, LATE_MS, TAIL_PERCENTILES);
}

/**
 * Where what is our own is over half of what is shown, and by how much; undefined when it is nowhere.
 *
 * @param leastMs what is no longer is not looked at
 */
export function lateBy(
  own: Readonly<LatencyCounts>,
  shown: Readonly<LatencyCounts>,
  leastMs: number,
  percentiles: readonly number[] = COMPARED_PERCENTILES,
): string | undefined {
  for (const percentile of comparedPercentiles(own.count, percentiles)) {
    const ownUs = own.percentileUs(percentile);
    const shownUs = shown.percentileUs(percentile);
    if (ownUs <= leastMs * 1000 || ownUs <= ERROR_SHARE_MAX * shownUs) continue;
    return `p${percentile} ${milliseconds(ownUs)} of the ${milliseconds(shownUs)} that are shown`;
  }
  return undefined;
}

function comparedPercentiles(sends: number, percentiles: readonly number[]): number[] {
  if (sends <= BEYOND_LEAST) return [];
  const highest = Math.floor(1000 * (1 - BEYOND_LEAST / sends)) / 10;
  return [...new Set(percentiles.map((each) => Math.min(each, highest)))];
}

function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
