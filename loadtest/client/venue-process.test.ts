import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VenueProcess } from './venue-process.ts';

test('a venue that cannot start is an error with its last words', async () => {
  await assert.rejects(
    () => VenueProcess.start({ environment: { RINGSIDE_SHARDS: 'many' } }),
    /ended before it was ready[\s\S]*RINGSIDE_SHARDS/,
  );
});
