import type { GeneratorReport, OutcomeCounts } from '../generator/messages.ts';
import { noOutcomes } from '../generator/recorder.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import { spanResult } from '../histogram/span-summary.ts';
import type { GeneratorResult, RequestCounts, SpanName, SpanResult } from '../result/run-result.ts';
import { SPAN_NAMES, SPAN_TITLES } from '../result/span-names.ts';
import { DELAY_RESOLUTION_MS } from '../subscribers/self-delay.ts';
import { bottleneckOf, lateTailOf, ownLatenessOf } from './bottleneck.ts';
import { heldUpBy } from './held-up.ts';

/** Spans of requests that are looked at only when the one before is answered. */
const CLOSED_LOOP: ReadonlySet<SpanName> = new Set(['ack-closed-loop', 'rest']);

/** Histograms of one run by span, whichever process they came from. */
export class SpanCounts {
  readonly #counts = new Map<SpanName, LatencyCounts>();

  of(name: SpanName): LatencyCounts {
    let counts = this.#counts.get(name);
    if (counts === undefined) {
      counts = new LatencyCounts();
      this.#counts.set(name, counts);
    }
    return counts;
  }

  /**
   * Those that have values: what the scenario is about first, then the others in the order of a report.
   *
   * @param main the span that has the unanswered requests, too
   * @param unanswered how many of its values are theirs
   */
  results(main: SpanName, unanswered: number): SpanResult[] {
    const names = [main, ...SPAN_NAMES.filter((name) => name !== main)];
    return names
      .filter((name) => (this.#counts.get(name)?.count ?? 0) > 0)
      .map((name) => {
        const span = spanResult(name, !CLOSED_LOOP.has(name), this.of(name));
        return name === main && unanswered > 0 ? { ...span, unanswered } : span;
      });
  }
}

export function spanCountsOf(reports: readonly GeneratorReport[]): SpanCounts {
  const spans = new SpanCounts();
  for (const report of reports) {
    for (const { name, counts } of report.spans) spans.of(name).add(counts);
  }
  return spans;
}

/** The counts of all processes together, of the measured part or of everything that was sent. */
export function requestCounts(
  reports: readonly GeneratorReport[],
  part: 'measured' | 'all',
  marketDataFrames: number,
): RequestCounts {
  const total: OutcomeCounts = noOutcomes();
  for (const report of reports) {
    const counts = report[part];
    total.sent += counts.sent;
    total.acknowledged += counts.acknowledged;
    total.unknown += counts.unknown;
    total.orders += counts.orders;
    total.cancels += counts.cancels;
    total.replaces += counts.replaces;
    total.fills += counts.fills;
    total.cancelled += counts.cancelled;
    total.cancelsTooLate += counts.cancelsTooLate;
    for (const [code, count] of Object.entries(counts.refused)) {
      total.refused[code] = (total.refused[code] ?? 0) + count;
    }
  }
  const notSent = reports.reduce((sum, report) => sum + report.notSent, 0);
  const counts = { ...total, ...(notSent === 0 ? {} : { notSent }), marketDataFrames };
  if (part === 'all') return counts;
  const acknowledgedInTime = reports.reduce((sum, report) => sum + report.acknowledgedInTime, 0);
  return { ...counts, acknowledgedInTime };
}

/**
 * How each process did, and whether it kept up.
 *
 * @param main what is shown as the venue's; undefined where nothing is
 */
export function generatorResults(
  reports: readonly GeneratorReport[],
  main: 'ack' | 'connect' | undefined,
): GeneratorResult[] {
  return reports.map((report, process) => {
    const spans = spanCountsOf([report]);
    const ownLateness =
      main === undefined ? [] : ownLatenessOf(spans.of(main), spans.of(`${main}-from-send`));
    const bottleneck = bottleneckOf({ report, ownLateness, heldUp: heldUpOf(report, main) });
    const lateTail = lateTailOf(ownLateness);
    const { lateSends, lastSendLateMs, cpuShare } = report.watch;
    const { eventLoopDelayMaxMs, eventLoopDelayP99Ms } = report.watch;
    return {
      process,
      connections: report.connections.length,
      sent: report.measured.sent,
      lateSends,
      scheduleErrorP99Us: spans.of('schedule-error').percentileUs(99),
      lastSendLateMs,
      cpuShare,
      eventLoopDelayMaxMs,
      eventLoopDelayP99Ms,
      ...(bottleneck === undefined ? {} : { bottleneck }),
      ...(lateTail === undefined ? {} : { lateTail }),
      ...(ownLateness.length === 0 ? {} : { ownLateness }),
    };
  });
}

/** By how much of what is shown the process was held up, while replies waited for it. */
function heldUpOf(
  report: GeneratorReport,
  main: 'ack' | 'connect' | undefined,
): string | undefined {
  if (main === undefined) return undefined;
  const waits = new LatencyCounts();
  waits.add(report.watch.delay);
  return heldUpBy(waits, spanCountsOf([report]).of(main), DELAY_RESOLUTION_MS);
}

/** What a reader must hear before any figure. */
export function warningsOf(
  generators: readonly GeneratorResult[],
  reports: readonly GeneratorReport[],
): string[] {
  const warnings = generators.flatMap(({ process, bottleneck }) =>
    bottleneck === undefined ? [] : [`generator ${process} was the bottleneck: ${bottleneck}`],
  );
  const lost = reports.reduce((sum, report) => sum + report.lostConnections, 0);
  const notSent = reports.reduce((sum, report) => sum + report.notSent, 0);
  if (lost > 0) {
    warnings.push(
      `${lost} connection${lost === 1 ? ' was' : 's were'} lost, and ${notSent} requests were not sent for it`,
    );
  }
  return warnings;
}

/** Of spans that begin by one clock and end by another. */
export function clockWarnings(spans: readonly SpanResult[]): string[] {
  return spans.flatMap(({ name, count, negative }) =>
    negative === undefined
      ? []
      : [
          `${negative.toLocaleString('en-US')} of ${count.toLocaleString('en-US')} values of “${SPAN_TITLES[name]}” (${name}) were below zero: the clocks of two processes differ`,
        ],
  );
}

/** What a run may not pass with, however good its percentiles are. */
export function requestWarnings({ acknowledged, unknown }: RequestOutcome): string[] {
  const warnings: string[] = [];
  if (acknowledged === 0) warnings.push('not one request was acknowledged');
  if (unknown > 0) {
    warnings.push(`${unknown} request${unknown === 1 ? ' was' : 's were'} never answered`);
  }
  return warnings;
}

type RequestOutcome = Pick<RequestCounts, 'acknowledged' | 'unknown'>;
