import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from './prometheus-text.ts';
import { sampleOf } from './venue-sample.ts';

/** What a venue with two shards says, with every counter at `count`. */
function text(count: number): string {
  return `
ringside_ring_fill_bytes{ring="gateway-shard-0"} ${count}
ringside_journal_inputs_total{shard="0"} ${count * 20}
ringside_journal_inputs_total{shard="1"} ${count * 10}
ringside_journal_commits_total{shard="0"} ${count * 2}
ringside_journal_commits_total{shard="1"} ${count}
ringside_journal_sync_seconds_sum{shard="0"} ${count * 0.25}
ringside_journal_sync_seconds_count{shard="0"} ${count * 4}
ringside_journal_sync_max_seconds{shard="0"} 0.25
ringside_journal_sync_max_seconds{shard="1"} 0.5
ringside_database_lag_events 12
ringside_thread_cpu_seconds_total{thread="gateway"} ${count * 0.5}
ringside_thread_cpu_seconds_total{thread="shard-0"} ${10 - count}
ringside_thread_gc_seconds_total{thread="gateway"} ${count * 0.125}
process_cpu_seconds_total ${count * 0.75}
process_resident_memory_bytes 5e6
`;
}

const reading = (atMs: number, said: string) => ({ atMs, metrics: Metrics.parse(said) });

test('counters become what happened between two readings', () => {
  const sample = sampleOf(reading(1000, text(1)), reading(3000, text(3)), 500);
  assert.deepEqual(sample, {
    atMs: 2500,
    ringFillBytes: { 'gateway-shard-0': 3 },
    batchInputsMean: 10,
    syncMeanUs: 62_500,
    syncMaxUs: 500_000,
    databaseLagEvents: 12,
    // The counter of the shard's thread began anew.
    threadCpuShare: { gateway: 0.5 },
    garbageCollectionShare: { gateway: 0.125 },
    residentMemoryBytes: 5e6,
  });
});

test('what the process used beyond its threads is that of others, once all of them are known', () => {
  const ofThread = (count: number): string => text(count).replace(/.*"shard-0"} [\d.]+\n/, '');
  const { threadCpuShare } = sampleOf(reading(0, ofThread(1)), reading(2000, ofThread(3)), 0);
  assert.deepEqual(threadCpuShare, { gateway: 0.5, others: 0.25 });
});

test('without commits there is no batch, and what is not told is absent', () => {
  const same = reading(1000, text(1));
  const { batchInputsMean, syncMeanUs, syncMaxUs } = sampleOf(same, { ...same, atMs: 2000 }, 0);
  assert.deepEqual([batchInputsMean, syncMeanUs, syncMaxUs], [undefined, undefined, undefined]);
  assert.deepEqual(sampleOf(reading(0, ''), reading(1000, 'up 1'), 0), {
    atMs: 1000,
    ringFillBytes: {},
    threadCpuShare: {},
    garbageCollectionShare: {},
  });
});
