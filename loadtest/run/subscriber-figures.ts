import { LatencyCounts, type SparseCounts } from '../histogram/latency-counts.ts';
import type { Figure } from '../result/run-result.ts';
import type { SubscribersReport } from '../subscribers/messages.ts';
import { DELAY_RESOLUTION_MS } from '../subscribers/self-delay.ts';
import { heldUpBy } from './held-up.ts';

/** Names of figures. */
export const SLOW_CLOSED = 'slow subscribers closed as slow consumers (1008)';
export const SLOW_LOST = 'slow subscribers that lost their connection otherwise';
const MIB = 2 ** 20;

/** What the subscribers are to be told of besides their spans. */
export function subscriberFigures(report: SubscribersReport, slow: number): Figure[] {
  const delay = countsOf(report.watch.delay);
  const figures = [
    { name: 'processor of the subscribers', value: report.watch.cpuShare, unit: 'cores' },
    {
      ...{ name: 'delay of the subscribers’ own event loop, p99', unit: 'ms' },
      value: delay.percentileUs(99) / 1000,
    },
    {
      ...{ name: 'delay of the subscribers’ own event loop, max', unit: 'ms' },
      value: delay.maxUs / 1000,
    },
    { name: 'gaps at subscribers that keep reading', value: report.gaps, unit: 'gaps' },
  ];
  if (slow === 0) return figures;
  return [
    ...figures,
    { name: 'pauses of slow subscribers', value: report.slow.pauses, unit: 'pauses' },
    { name: 'gaps at slow subscribers', value: report.slow.gaps, unit: 'gaps' },
    {
      ...{ name: SLOW_CLOSED, unit: 'sockets' },
      value: report.slow.closedAsSlow,
    },
    {
      ...{ name: SLOW_LOST, unit: 'sockets' },
      value: report.slow.closedOtherwise,
    },
    {
      ...{ name: 'most that waited for a slow subscriber at the end', unit: 'MiB' },
      value: report.slow.waitedBytesMax / MIB,
    },
  ];
}

/**
 * What of it must not be: a reader that keeps up loses nothing, however slow others are, and what is shown as the time
 * of market data is not that of our own process.
 */
export function subscriberWarnings(report: SubscribersReport): string[] {
  const { gaps, behind, isTailCut, lost, slow, watch, marketData } = report;
  const warnings: string[] = [];
  const shown = countsOf(marketData);
  const delay = countsOf(watch.delay);
  const late = shown.count === 0 ? undefined : heldUpBy(delay, shown, DELAY_RESOLUTION_MS);
  if (late !== undefined) {
    const share = Math.round(watch.cpuShare * 100);
    warnings.push(
      `the subscribers were the bottleneck: their process was held up, ${late}; it used ${share} % of a core`,
    );
  }
  if (lost > 0) warnings.push(`${lost} subscribers that kept reading lost their connection`);
  if (isTailCut && behind === 0)
    warnings.push('market data came for so long that its end was not heard');
  if (behind > 0) {
    warnings.push(`${behind} subscribers that kept reading never heard the last trades`);
  }
  if (slow.gaps > 0) {
    warnings.push(
      `${slow.gaps} gaps in the streams of slow subscribers: what does not fit must end a connection, not be left out`,
    );
  }
  if (gaps > 0) warnings.push(`${gaps} gaps in the streams of subscribers that kept reading`);
  return warnings;
}

function countsOf(sparse: SparseCounts): LatencyCounts {
  const counts = new LatencyCounts();
  counts.add(sparse);
  return counts;
}
