import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedPath } from '../client/shared-data.ts';
import { VenueProcess } from '../client/venue-process.ts';
import { commandsOf } from './commands.ts';
import { findDayFiles } from './day-files.ts';
import { loadDay } from './day-parser.ts';
import { replayDay } from './replay.ts';

const FIRST_MESSAGES = 5_000;

const dayFolder = sharedPath('data', 'lobster-goog');
const skip = dayFolder === undefined ? 'the recorded day is not beside the repository' : false;

for (const shards of [1, 2]) {
  test(`the first part of the recorded day comes out right with ${shards} shards`, {
    skip,
  }, async () => {
    const day = loadDay(findDayFiles(dayFolder!), FIRST_MESSAGES);
    const list = commandsOf(day);
    const venue = await VenueProcess.start({ shards });
    try {
      const { url, adminUrl, durability } = venue.ready;
      const outcome = await replayDay(
        {
          url,
          adminUrl,
          adminToken: venue.adminToken,
          databaseUrl: venue.databaseUrl!,
          shards,
          durability,
        },
        day,
        list,
        { stock: 'GOOG', pipelineDepth: 64, feeBps: { maker: 1, taker: 3 } },
      );
      assert.deepEqual(outcome.mismatches.details, []);
      assert.equal(outcome.aggressorsExact, list.aggressors);
      assert.equal(outcome.booksCompared, list.checkRow.length);
      assert.equal(outcome.tradeRowsRight, list.fills);
      assert.equal(list.aggressors > 100, true);
    } finally {
      assert.equal(await venue.stop(), 0);
    }
  });
}
