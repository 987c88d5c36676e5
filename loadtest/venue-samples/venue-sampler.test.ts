import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { AdminClient } from '../client/admin-client.ts';
import { VenueProcess } from '../client/venue-process.ts';
import type { VenueSample } from '../result/run-result.ts';
import { VenueSampler } from './venue-sampler.ts';

const INTERVAL_MS = 100;

test('a venue under load says all that a sample has room for', async () => {
  const venue = await VenueProcess.start({ shards: 2, demo: true });
  try {
    const { adminUrl } = venue.ready;
    const admin = new AdminClient(adminUrl, venue.adminToken);
    const startMs = performance.now();
    const heard: VenueSample[] = [];
    const onSample = (sample: VenueSample) => void heard.push(sample);
    const sampler = VenueSampler.start(admin, { startMs, intervalMs: INTERVAL_MS, onSample });
    while (heard.length < 20) await delay(INTERVAL_MS);
    const samples = await sampler.stop();
    assert.deepEqual(samples, heard);
    const moments = samples.map(({ atMs }) => atMs);
    assert.deepEqual(
      moments,
      moments.toSorted((a, b) => a - b),
    );
    assert.ok(moments[0]! > 0);
    for (const { databaseLagEvents, residentMemoryBytes, ringFillBytes } of samples) {
      assert.ok(databaseLagEvents! >= 0 && residentMemoryBytes! > 1e6);
      assert.equal(Object.keys(ringFillBytes).length, 6);
    }
    const traded = samples.find(({ batchInputsMean }) => batchInputsMean !== undefined);
    assert.ok(traded !== undefined && traded.batchInputsMean! >= 1);
    assert.ok(traded.syncMeanUs! > 0 && traded.syncMaxUs! > 0);
    const threads = ['gateway', 'persistence', 'shard-0', 'shard-1', 'signatures'];
    const shares = samples.at(-1)!;
    assert.deepEqual(Object.keys(shares.garbageCollectionShare).toSorted(), threads);
    if (!existsSync('/proc/thread-self/schedstat')) return;
    assert.deepEqual(
      Object.keys(shares.threadCpuShare).toSorted(),
      ['others', ...threads].toSorted(),
    );
    assert.ok(samples.some(({ threadCpuShare }) => threadCpuShare.gateway! > 0));
    const wrongToken = VenueSampler.start(new AdminClient(adminUrl, 'wrong'), { startMs });
    assert.deepEqual(await wrongToken.stop(), []);
  } finally {
    assert.equal(await venue.stop(), 0);
  }
});

test('a venue that cannot be reached has no samples, and a stop does not wait for it', async () => {
  const admin = new AdminClient('http://127.0.0.1:1', '');
  const sampling = VenueSampler.start(admin, { startMs: 0, intervalMs: 60_000 });
  await delay(20);
  assert.deepEqual(await sampling.stop(), []);
});
