import type { GeneratorReport } from '../generator/messages.ts';
import { LATE_MS } from '../generator/self-watch.ts';
import type { LatencyCounts } from '../histogram/latency-counts.ts';
import type { OwnLateness } from '../result/run-result.ts';
import { comparedPercentiles } from './compared-percentiles.ts';

/** Of the schedule's last second, this much may be missing at its end. */
export const BEHIND_MS_MAX = 50;
/**
 * Up to here a run fails by it. Of one request in a thousand, on processors that all share, a moment's pause decides.
 */
const FAILING_PERCENTILE_MAX = 99;
const PERCENTILES = [50, 99, 99.9];
/**
 * Of what is shown at a percentile, so much may be gone when the same requests are looked at from their actual sends:
 * a quarter makes what is shown a third too high. A run cannot tell less: of three runs of one build on two shared
 * cores the greatest p99 was 1.1 to 2.7 times the least (four such threes of steady-mix and fan-out, 1.4 in their
 * median). Of 46 runs of all scenarios there, none is beyond it by more than `LATE_MS`; the most had 23 %.
 */
const OWN_SHARE_MAX = 0.25;
const CPU_SHARE_BUSY = 0.9;

/** A generator's figures, as far as they tell whether it kept its schedule. */
interface Punctuality {
  readonly report: { readonly watch: Omit<GeneratorReport['watch'], 'delay'> };
  readonly ownLateness: readonly OwnLateness[];
  /** What `heldUpBy` says of the replies that waited for its event loop. */
  readonly heldUp?: string | undefined;
}

/**
 * How much of what is shown is the generator's own, at p50, p99 and p99.9. From the intended send a request takes as
 * much longer as it was sent late; so what a percentile falls by, when the same requests are looked at from their
 * actual sends, is what it has by lateness. Percentiles of lateness itself say less: the requests that were sent late
 * need not be those that took long. What is left out: a burst of late sends makes the venue busy, and that is in
 * both. Where less than ten requests are beyond a percentile, the one that ten are beyond is taken for it.
 *
 * @param shown of one process: from the intended sends
 * @param fromSend of the same requests: from their actual sends
 */
export function ownLatenessOf(
  shown: Readonly<LatencyCounts>,
  fromSend: Readonly<LatencyCounts>,
): OwnLateness[] {
  return comparedPercentiles(shown.count, PERCENTILES).map((percentile) => ({
    percentile,
    shownUs: shown.percentileUs(percentile),
    fromSendUs: fromSend.percentileUs(percentile),
  }));
}

/**
 * Why the figures of a run are the generator's and not the venue's; undefined when they are not. It was the
 * bottleneck when
 * - the last send was more than 50 ms behind its moment: the rate was not offered; or
 * - what is shown at p50 or p99 is later than the same from the actual send by over a millisecond and by more than a
 *   quarter of it (of p99.9, `lateTailOf` says so); or
 * - replies waited for its event loop for over half of what is shown at p50 or p99: that is in what is taken from the
 *   actual send, too.
 *
 * Requests that were not sent since their connection was lost fail a run as well, but by the venue's doing.
 */
export function bottleneckOf({ report, ownLateness, heldUp }: Punctuality): string | undefined {
  const { lastSendLateMs, cpuShare, eventLoopDelayMaxMs } = report.watch;
  const cause =
    cpuShare >= CPU_SHARE_BUSY
      ? `it used ${percent(cpuShare)} of a core: more --generators, or a lower rate`
      : `its event loop was held up for as long as ${eventLoopDelayMaxMs.toFixed(0)} ms and it had ${percent(cpuShare)} of a core: the machine is too busy`;
  if (lastSendLateMs > BEHIND_MS_MAX) {
    return `the generator did not offer the rate: its last send was ${lastSendLateMs.toFixed(0)} ms late; ${cause}`;
  }
  const late = ownLateness.find(
    (each) => each.percentile <= FAILING_PERCENTILE_MAX && isTooLate(each),
  );
  if (late !== undefined) return `the generator sent late, ${wordsOf(late)}; ${cause}`;
  return heldUp && `replies waited for the generator, ${heldUp}; ${cause}`;
}

/**
 * Why the last part of the figures, beyond p99, is not the venue's: its reader must know, but all others stand.
 * Undefined when it is.
 */
export function lateTailOf(ownLateness: readonly OwnLateness[]): string | undefined {
  const late = ownLateness.find(
    (each) => each.percentile > FAILING_PERCENTILE_MAX && isTooLate(each),
  );
  return late && wordsOf(late);
}

function isTooLate({ shownUs, fromSendUs }: OwnLateness): boolean {
  const laterUs = shownUs - fromSendUs;
  return laterUs > LATE_MS * 1000 && laterUs > OWN_SHARE_MAX * shownUs;
}

function wordsOf({ percentile, shownUs, fromSendUs }: OwnLateness): string {
  return `p${percentile} ${milliseconds(shownUs)} as shown, ${milliseconds(fromSendUs)} from the actual send`;
}

function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
