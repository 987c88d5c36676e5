import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { TestServer } from '../persistence/testing/test-server.ts';
import { until } from '../persistence/testing/until.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';

const postgres = new TestServer();
let venue: VenueUnderTest;
let adminUrl = '';

before(async () => {
  await postgres.start();
  const settings = { RINGSIDE_SHARDS: '2', RINGSIDE_DEMO: '1', DATABASE_URL: postgres.url };
  venue = new VenueUnderTest(settings);
  ({ adminUrl } = (await venue.ready()) as { adminUrl: string });
});

after(async () => {
  await venue.cleanUp();
  await postgres.remove();
});

/** What `/metrics` says, by name and labels as they are written. */
async function read(): Promise<(name: string) => number> {
  const headers = { Authorization: `Bearer ${venue.read('admin-token')}` };
  const text = await (await fetch(`${adminUrl}/metrics`, { headers })).text();
  const values = new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(' ') as [string, string]),
  );
  return (name) => Number(values.get(name) ?? assert.fail(`no ${name} in ${text}`));
}

test('a trading venue says what its journals do', async () => {
  const first = await read();
  await until('both shards commit', async () => {
    const now = await read();
    return ['0', '1'].every((shard) => {
      const name = `ringside_journal_commits_total{shard="${shard}"}`;
      return now(name) > first(name);
    });
  });
  const now = await read();
  for (const shard of ['0', '1']) {
    const of = (name: string): number => now(`ringside_${name}{shard="${shard}"}`);
    assert.ok(of('journal_inputs_total') >= of('journal_commits_total'));
    assert.ok(of('shard_turns_total') >= of('journal_commits_total'));
    assert.ok(of('shard_inputs_total') >= of('journal_inputs_total'));
    assert.ok(of('journal_bytes_total') > 8 * of('journal_inputs_total'));
    const syncs = of('journal_sync_seconds_count');
    assert.ok(syncs >= of('journal_commits_total'));
    const mean = of('journal_sync_seconds_sum') / syncs;
    assert.ok(mean > 0 && mean < 1, `a sync took ${mean} s in the mean`);
    const bucket = (bound: string): number => {
      return now(`ringside_journal_sync_seconds_bucket{shard="${shard}",le="${bound}"}`);
    };
    assert.equal(bucket('+Inf'), syncs);
    assert.ok(bucket('0.0005') <= bucket('0.05') && bucket('0.05') <= syncs);
  }
});

test('every thread has its share of the processor, where the operating system tells', {
  skip: existsSync('/proc/thread-self/schedstat') ? false : 'no schedstat here',
}, async () => {
  const now = await read();
  const threads = ['gateway', 'shard-0', 'shard-1', 'persistence'];
  const shares = threads.map((thread) => {
    return now(`ringside_thread_cpu_seconds_total{thread="${thread}"}`);
  });
  for (const share of shares) assert.ok(share > 0, `shares ${shares}`);
  const total = (await read())('process_cpu_seconds_total');
  const sum = shares.reduce((all, share) => all + share, 0);
  // The process's own figure is counted in ticks.
  assert.ok(sum < total + 0.1, `threads ${sum}, process ${total}`);
});

test('every thread counts its garbage collections', async () => {
  const threads = ['gateway', 'shard-0', 'shard-1', 'persistence'];
  const first = await read();
  for (const thread of threads) {
    assert.ok(first(`ringside_thread_gc_total{thread="${thread}"}`) >= 0);
  }
  await until('the gateway has collected', async () => {
    const now = await read();
    return (
      now('ringside_thread_gc_total{thread="gateway"}') > 0 &&
      now('ringside_thread_gc_seconds_total{thread="gateway"}') > 0
    );
  });
});
