import assert from 'node:assert/strict';
import { test } from 'node:test';
import { US_PER_SECOND } from '../protocol/time-units.ts';
import { ShardCounters, SYNC_BUCKETS_US } from './shard-counters.ts';

test('each shard counts for itself, and whoever has the memory reads it', () => {
  const shared = ShardCounters.allocate(2);
  const second = new ShardCounters(shared, 1);
  second.begun(77);
  second.turned(3);
  second.turned(4);
  second.committed(2, 100);
  second.collected(1500);
  const counts = new ShardCounters(shared, 1).read(0);
  const { threadId, turns, inputs, commits, journalInputs, journalBytes } = counts;
  assert.deepEqual([threadId, turns, inputs], [77, 2, 7]);
  assert.deepEqual([commits, journalInputs, journalBytes], [1, 2, 100]);
  assert.deepEqual([counts.collections, counts.collectionUs], [1, 1500]);
  const first = new ShardCounters(shared, 0).read(0);
  const { syncBuckets, ...figures } = first;
  assert.ok([...syncBuckets, ...Object.values(figures)].every((figure) => figure === 0));
});

test('a sync is in the first bucket whose bound it does not exceed', () => {
  const counters = new ShardCounters(ShardCounters.allocate(1), 0);
  const durations = [50, 51, 100, 50_000, 50_001];
  for (const durationUs of durations) counters.synced(durationUs, US_PER_SECOND);
  const { syncs, syncUs, syncBuckets } = counters.read(US_PER_SECOND);
  assert.equal(syncs, durations.length);
  assert.equal(
    syncUs,
    durations.reduce((sum, one) => sum + one, 0),
  );
  assert.equal(syncBuckets.length, SYNC_BUCKETS_US.length + 1);
  assert.deepEqual(syncBuckets, [1, 2, 0, 0, 0, 0, 0, 0, 1, 1]);
});

test('the longest sync is that of this and the last second', () => {
  const counters = new ShardCounters(ShardCounters.allocate(1), 0);
  const longestAt = (seconds: number): number => counters.read(seconds * US_PER_SECOND).syncMaxUs;
  counters.synced(900, 10 * US_PER_SECOND);
  counters.synced(300, 10.5 * US_PER_SECOND);
  assert.deepEqual([longestAt(10.9), longestAt(11.9), longestAt(12)], [900, 900, 0]);
  counters.synced(400, 11.1 * US_PER_SECOND);
  assert.deepEqual([longestAt(11.2), longestAt(12.5), longestAt(13)], [900, 400, 0]);
  counters.synced(200, 15 * US_PER_SECOND);
  assert.equal(longestAt(15), 200);
});
