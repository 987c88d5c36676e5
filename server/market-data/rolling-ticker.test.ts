import assert from 'node:assert/strict';
import { test } from 'node:test';
import { US_PER_MINUTE } from '../../engine/protocol/time-units.ts';
import { seededIntegers } from './market.fixture.ts';
import {
  DAY_WINDOW,
  RollingTicker,
  type TickerBucket,
  type TickerStatistics,
  type TickerWindow,
  WEEK_WINDOW,
} from './rolling-ticker.ts';

interface SimpleTrade {
  price: number;
  lots: number;
  quote: number;
  timeUs: number;
}

/** All trades whose bucket is among the window's last, summed from scratch. */
function bruteForce(
  trades: readonly SimpleTrade[],
  nowUs: number,
  window: TickerWindow,
): TickerStatistics {
  const oldest = Math.floor(nowUs / window.bucketUs) - window.bucketCount + 1;
  const inside = trades.filter(({ timeUs }) => Math.floor(timeUs / window.bucketUs) >= oldest);
  const prices = inside.map(({ price }) => price);
  const last = trades.at(-1)?.price ?? 0;
  return {
    firstPriceTicks: prices[0] ?? last,
    lastPriceTicks: last,
    highPriceTicks: prices.length > 0 ? Math.max(...prices) : last,
    lowPriceTicks: prices.length > 0 ? Math.min(...prices) : last,
    volumeLots: inside.reduce((sum, { lots }) => sum + BigInt(lots), 0n),
    quoteVolumeUnits: inside.reduce((sum, { quote }) => sum + BigInt(quote), 0n),
    tradeCount: inside.length,
  };
}

/** The trades of the window as a database would sum them: per bucket, empty ones left out. */
function bucketsOf(
  trades: readonly SimpleTrade[],
  nowUs: number,
  window: TickerWindow,
): TickerBucket[] {
  const { bucketUs, bucketCount } = window;
  const newest = Math.floor(nowUs / bucketUs);
  const indexes = new Set(trades.map(({ timeUs }) => Math.floor(timeUs / bucketUs)));
  return [...indexes]
    .filter((index) => index > newest - bucketCount)
    .map((index) => {
      const inside = trades.filter(({ timeUs }) => Math.floor(timeUs / bucketUs) === index);
      const startUs = index * bucketUs;
      return { ...bruteForce(inside, startUs, { bucketUs, bucketCount: 1 }), startUs };
    });
}

const START_US = 1_737_441_294_691_858;

for (const [name, window] of [
  ['day', DAY_WINDOW],
  ['week', WEEK_WINDOW],
] as const) {
  test(`the ${name} equals brute force over random trades and times`, () => {
    for (const seed of [11, 12, 13]) {
      const random = seededIntegers(seed);
      let ticker = new RollingTicker(window);
      const trades: SimpleTrade[] = [];
      let nowUs = START_US;
      let tradedUs = 0;
      for (let step = 0; step < 3000; step++) {
        const pause = random(100);
        if (pause < 60) nowUs += random(1_000_000);
        else if (pause < 97) nowUs += random(90) * US_PER_MINUTE;
        else nowUs += random(40) * 60 * US_PER_MINUTE;
        if (random(3) > 0) {
          // It comes a moment after its time, and a reading may have been in between.
          tradedUs = Math.max(tradedUs, nowUs - random(2_000_000));
          const trade = {
            price: random(50) + 100,
            lots: random(1000) + 1,
            quote: Number.MAX_SAFE_INTEGER - random(1000),
            timeUs: tradedUs,
          };
          trades.push(trade);
          ticker.add(trade.price, trade.lots, trade.quote, trade.timeUs);
        }
        if (random(50) === 0) {
          // Another one that has heard nothing takes over.
          const { lastPriceTicks } = ticker;
          ticker = new RollingTicker(window, lastPriceTicks);
          ticker.restore(bucketsOf(trades, nowUs, window), lastPriceTicks);
        }
        if (random(4) === 0) {
          const expected = bruteForce(trades, nowUs, window);
          assert.deepEqual(ticker.at(nowUs), expected, `seed ${seed}, step ${step}`);
        }
      }
      assert.ok(bruteForce(trades, nowUs, window).tradeCount < trades.length);
    }
  });
}

test('a market that never traded has zeros', () => {
  const ticker = new RollingTicker(DAY_WINDOW);
  assert.deepEqual(ticker.at(START_US), bruteForce([], START_US, DAY_WINDOW));
  assert.equal(ticker.lastPriceTicks, 0);
});

test('when all trades have left, the prices stay at the last one and the volume is gone', () => {
  const ticker = new RollingTicker(DAY_WINDOW);
  ticker.add(100, 5, 500, START_US);
  ticker.add(90, 5, 450, START_US + 1);
  const lastMinute = Math.floor(START_US / US_PER_MINUTE) + 1439;
  assert.equal(ticker.at(lastMinute * US_PER_MINUTE + US_PER_MINUTE - 1).tradeCount, 2);
  assert.deepEqual(ticker.at((lastMinute + 1) * US_PER_MINUTE), {
    firstPriceTicks: 90,
    lastPriceTicks: 90,
    highPriceTicks: 90,
    lowPriceTicks: 90,
    volumeLots: 0n,
    quoteVolumeUnits: 0n,
    tradeCount: 0,
  });
});

test('a clock that steps back loses nothing', () => {
  const ticker = new RollingTicker(DAY_WINDOW);
  ticker.add(100, 1, 100, START_US);
  ticker.add(101, 1, 101, START_US - 5 * US_PER_MINUTE);
  assert.equal(ticker.at(START_US - 10 * US_PER_MINUTE).tradeCount, 2);
  assert.equal(ticker.at(START_US).lastPriceTicks, 101);
});

test('a last price that the buckets do not know is the last one all the same', () => {
  const bucket = { startUs: START_US, volumeLots: 5n, quoteVolumeUnits: 500n, tradeCount: 2 };
  const prices = { firstPriceTicks: 100, lastPriceTicks: 101, highPriceTicks: 101 };
  const ticker = new RollingTicker(DAY_WINDOW, 90);
  ticker.restore([{ ...bucket, ...prices, lowPriceTicks: 100 }], 90);
  const { lastPriceTicks, lowPriceTicks, tradeCount } = ticker.at(START_US);
  assert.deepEqual([lastPriceTicks, lowPriceTicks, tradeCount], [90, 90, 2]);
});
