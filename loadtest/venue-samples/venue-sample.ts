import { US_PER_SECOND } from '../../engine/protocol/time-units.ts';
import type { VenueSample } from '../result/run-result.ts';
import type { Metrics } from './prometheus-text.ts';

/** What a venue said at a moment. */
export interface Reading {
  /** On the clock of `performance.now`. */
  readonly atMs: number;
  readonly metrics: Metrics;
}

/**
 * The second reading as a sample, its counters as differences from the first. What the venue does not tell is absent,
 * and so is a difference from a counter that began anew, since a thread was started again.
 *
 * @param startMs of the scenario, on the same clock
 */
export function sampleOf(before: Reading, after: Reading, startMs: number): VenueSample {
  const { metrics } = after;
  const elapsedSeconds = (after.atMs - before.atMs) / 1000;
  const change = (name: string): number | undefined =>
    changeOf(before.metrics.sum(name), metrics.sum(name));
  const share = (name: string): Record<string, number> => {
    const earlier = before.metrics.by(name, 'thread');
    const shares: Record<string, number> = {};
    for (const [thread, seconds] of metrics.by(name, 'thread')) {
      const used = changeOf(earlier.get(thread), seconds);
      if (used !== undefined && elapsedSeconds > 0) shares[thread] = used / elapsedSeconds;
    }
    return shares;
  };
  const threadCpuShare = share('ringside_thread_cpu_seconds_total');
  const shares = Object.values(threadCpuShare);
  const isWhole = shares.length === metrics.by('ringside_thread_cpu_seconds_total', 'thread').size;
  const processSeconds = isWhole ? change('process_cpu_seconds_total') : undefined;
  // The process counts in ticks, its threads in nanoseconds.
  const others =
    processSeconds === undefined
      ? undefined
      : Math.max(0, processSeconds / elapsedSeconds - shares.reduce((all, one) => all + one, 0));
  const inputs = change('ringside_journal_inputs_total');
  const commits = change('ringside_journal_commits_total');
  const syncs = change('ringside_journal_sync_seconds_count');
  const syncSeconds = change('ringside_journal_sync_seconds_sum');
  const syncMaxSeconds = syncs === 0 ? undefined : metrics.max('ringside_journal_sync_max_seconds');
  return {
    atMs: after.atMs - startMs,
    ringFillBytes: Object.fromEntries(metrics.by('ringside_ring_fill_bytes', 'ring')),
    ...named('batchInputsMean', ratioOf(inputs, commits)),
    ...named('syncMeanUs', ratioOf(syncSeconds, syncs), US_PER_SECOND),
    ...named('syncMaxUs', syncMaxSeconds, US_PER_SECOND),
    ...named('databaseLagEvents', metrics.sum('ringside_database_lag_events')),
    threadCpuShare: { ...threadCpuShare, ...named('others', others) },
    garbageCollectionShare: share('ringside_thread_gc_seconds_total'),
    ...named('residentMemoryBytes', metrics.sum('process_resident_memory_bytes')),
  };
}

function changeOf(before: number | undefined, after: number | undefined): number | undefined {
  if (before === undefined || after === undefined || after < before) return undefined;
  return after - before;
}

function ratioOf(sum: number | undefined, count: number | undefined): number | undefined {
  return sum === undefined || count === undefined || count === 0 ? undefined : sum / count;
}

function named<Name extends string>(
  name: Name,
  value: number | undefined,
  factor = 1,
): Partial<Record<Name, number>> {
  return value === undefined ? {} : ({ [name]: value * factor } as Partial<Record<Name, number>>);
}
