import { US_PER_SECOND } from '../../engine/protocol/time-units.ts';
import { type ShardCounts, SYNC_BUCKETS_US } from '../../engine/shard/shard-counters.ts';
import type { MetricHead } from './metric-head.ts';

/** What the shards' threads have done, and how long the journals' syncs took. */
export function renderShards(
  shards: readonly ShardCounts[],
  hasJournals: boolean,
  lines: string[],
  metric: MetricHead,
): void {
  const counter = (name: string, help: string, value: (counts: ShardCounts) => number): void => {
    metric(name, 'counter', help);
    for (const [shard, counts] of shards.entries()) {
      lines.push(`${name}{shard="${shard}"} ${value(counts)}`);
    }
  };
  counter('ringside_shard_turns_total', 'Rounds that applied something.', ({ turns }) => turns);
  counter('ringside_shard_inputs_total', 'Inputs applied.', ({ inputs }) => inputs);
  if (!hasJournals) return;
  counter('ringside_journal_commits_total', 'Batches committed.', ({ commits }) => commits);
  counter('ringside_journal_inputs_total', 'Inputs in them.', ({ journalInputs }) => journalInputs);
  counter('ringside_journal_bytes_total', 'Bytes of them.', ({ journalBytes }) => journalBytes);
  const sync = 'ringside_journal_sync_seconds';
  metric(sync, 'histogram', 'Time of a sync of a journal.');
  for (const [shard, { syncs, syncUs, syncBuckets }] of shards.entries()) {
    let below = 0;
    for (const [index, boundUs] of SYNC_BUCKETS_US.entries()) {
      below += syncBuckets[index]!;
      lines.push(`${sync}_bucket{shard="${shard}",le="${boundUs / US_PER_SECOND}"} ${below}`);
    }
    lines.push(`${sync}_bucket{shard="${shard}",le="+Inf"} ${syncs}`);
    lines.push(`${sync}_sum{shard="${shard}"} ${syncUs / US_PER_SECOND}`);
    lines.push(`${sync}_count{shard="${shard}"} ${syncs}`);
  }
  metric('ringside_journal_sync_max_seconds', 'gauge', 'Longest sync of this and the last second.');
  for (const [shard, { syncMaxUs }] of shards.entries()) {
    lines.push(`ringside_journal_sync_max_seconds{shard="${shard}"} ${syncMaxUs / US_PER_SECOND}`);
  }
}
