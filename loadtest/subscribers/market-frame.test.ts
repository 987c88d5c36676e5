import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import { FanOutSpread } from './fan-out-spread.ts';
import { MarketFrame } from './market-frame.ts';

const E = 1_795_358_835_119_123;
const T = 1_795_358_835_119_001;
const TRADE = `{"data":{"E":${E},"T":${T},"a":"12","b":"9","e":"trade","m":true,"p":"1.0","q":"0.5","s":"A_B","t":77},"stream":"trade.A_B"}`;
const DEPTH = `{"data":{"E":${E},"T":${T},"U":501,"a":[["1.0","2"]],"b":[],"e":"depth","s":"A_B","u":501},"stream":"depth.A_B"}`;
const TICKER = `{"data":{"A":"1","B":null,"E":${E},"T":${T},"a":"1.0","b":null,"e":"bookTicker","s":"A_B","u":5},"stream":"bookTicker.A_B"}`;

const EXPECTED = new Map([
  [TRADE, ['trade', T, 77, 77]],
  [DEPTH, ['depth', T, 501, 501]],
  [TICKER, ['other', 0, 0, 0]],
  // Another venue may have another order of members, and depth frames of several updates.
  [`{"stream":"trade.A_B","data":{"t":78,"e":"trade","T":${T}}}`, ['trade', T, 78, 78]],
  [`{"data":{"e":"depth","U":5,"u":9,"T":${T},"a":[],"b":[]}}`, ['depth', T, 5, 9]],
  ['{"data":{"e":"ticker"},"stream":"ticker.A_B"}', ['other', 0, 0, 0]],
]);

test('frames say what they are, when the engine caused them, and their number', () => {
  const frame = new MarketFrame();
  for (const [text, expected] of [...EXPECTED, ...[...EXPECTED].toReversed()]) {
    const buffer = Buffer.from(`....${text}"t":5....`);
    frame.read(buffer, 4, 4 + text.length);
    const { kind, engineTimeUs, first, last } = frame;
    if (kind === 'other') assert.equal(expected[0], 'other', text);
    else assert.deepEqual([kind, engineTimeUs, first, last], expected, text);
  }
});

test('the spread of a trade is from the first that hears it to the last', () => {
  const spread = new LatencyCounts();
  const market = new FanOutSpread(3, spread);
  market.heard(5, 10);
  market.heard(6, 11);
  market.heard(5, 12);
  assert.equal(spread.count, 0);
  market.heard(5, 14);
  assert.deepEqual([spread.count, spread.maxUs], [1, 4_000]);
  // One that only some hear, of which the place is needed again.
  market.heard(6 + 2 ** 14, 20);
  market.heard(6, 30);
  market.heard(6, 31);
  assert.equal(spread.count, 1);
});
