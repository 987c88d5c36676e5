import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { AdminClient } from '../client/admin-client.ts';
import { VenueProcess } from '../client/venue-process.ts';
import { RecorderProcess } from './recorder-process.ts';
import { StreamRecorder } from './stream-recorder.ts';

async function symbolsOf(venue: VenueProcess): Promise<string[]> {
  const { markets } = await new AdminClient(venue.ready.adminUrl, venue.adminToken).state();
  return markets.map(({ symbol }) => symbol);
}

test('a recorder that starts amid trading joins the streams to the books', async () => {
  const venue = await VenueProcess.start({ demo: true });
  try {
    const { url } = venue.ready;
    const recorder = await StreamRecorder.start({ url }, await symbolsOf(venue));
    await delay(1500);
    const { incomplete, markets } = await recorder.finish();
    assert.equal(incomplete, undefined);
    assert.ok(markets.length > 1);
    for (const market of markets) {
      const { depthFrames, gapCount, differenceCount, levelsCompared } = market;
      assert.ok(depthFrames > 0 && levelsCompared > 2, JSON.stringify(market));
      assert.deepEqual([gapCount, differenceCount], [0, 0], JSON.stringify(market));
    }
    assert.ok(markets.some(({ trades, quantity }) => trades > 0 && Number(quantity) > 0));
    await assert.rejects(() => StreamRecorder.start({ url }, ['NO_SUCH']), /no market NO_SUCH/);
    await assert.rejects(() => RecorderProcess.start({ url }, ['NO_SUCH']), /no market NO_SUCH/);
  } finally {
    assert.equal(await venue.stop(), 0);
  }
});

test('a recorder that is cut off, or killed, says so', async () => {
  const venue = await VenueProcess.start({ demo: true });
  const { url } = venue.ready;
  const symbols = await symbolsOf(venue);
  const killed = await RecorderProcess.start({ url }, symbols);
  killed.kill();
  assert.match((await killed.finish()).incomplete!, /its process ended \(SIGTERM\)/);
  const cutOff = await RecorderProcess.start({ url }, symbols);
  assert.equal(await venue.stop(), 0);
  const { incomplete, markets } = await cutOff.finish();
  assert.match(incomplete!, /the venue closed its socket during the run: 1001 server_shutdown/);
  assert.equal(markets.length, symbols.length);
});
