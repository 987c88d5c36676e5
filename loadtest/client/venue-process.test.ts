import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { VenueProcess } from './venue-process.ts';

test('a venue that cannot start is an error with its last words', async () => {
  await assert.rejects(
    () => VenueProcess.start({ environment: { RINGSIDE_SHARDS: 'many' } }),
    /ended before it was ready[\s\S]*RINGSIDE_SHARDS/,
  );
});

test('of a venue that was killed nothing goes on: its database ends, and its folder is gone', async () => {
  const venue = await VenueProcess.start({ environment: { RINGSIDE_DURABILITY: 'none' } });
  const pidFile = join(venue.dataDirectory, 'postgres', 'cluster', 'postmaster.pid');
  const server = Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]);
  assert.ok(isRunning(server));
  process.kill(venue.ready.pid, 'SIGKILL');
  assert.equal(await venue.stop(), null);
  assert.ok(!isRunning(server));
  assert.ok(!existsSync(venue.dataDirectory));
});

/** One that has ended, and that nobody has asked how, is still in the table. */
function isRunning(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/\) Z /.test(readFileSync(path, 'utf8'));
}
