import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDecimal } from '../../engine/protocol/decimal.ts';
import { KLINE_INTERVALS, type KlineInterval } from '../../persistence/kline-intervals.ts';
import { ApiError } from '../api-error.ts';
import type { Market } from '../registry/registry.ts';
import { KEPT_CANDLES } from './candle-series.ts';
import { BEFORE_MIDNIGHT_US, NaiveTwin } from './candles.fixture.ts';
import { formatSum } from './format-sum.ts';
import { type KlineRow, type KlineSource, klineRange, readKlines } from './kline-series.ts';
import { openVenue, RecordingFanOut, seededIntegers } from './market.fixture.ts';
import { MarketData } from './market-data.ts';

type NaiveKline = ReturnType<NaiveTwin['klines']>[number];

function rowOf(kline: NaiveKline, { priceScale, quantityScale, quote }: Market): KlineRow {
  return {
    startSeconds: kline.startMs / 1000,
    open: formatDecimal(kline.open, priceScale),
    high: formatDecimal(kline.high, priceScale),
    low: formatDecimal(kline.low, priceScale),
    close: formatDecimal(kline.close, priceScale),
    volume: formatSum(kline.volume, quantityScale),
    quoteVolume: formatSum(kline.quoteVolume, quote.scale),
    trades: kline.trades,
  };
}

/** A gateway over a database that trails it, beside the naive twin of both. Time and trades go on by hand. */
class TrailedVenue {
  readonly twin = new NaiveTwin();
  readonly registry = openVenue(new RecordingFanOut()).registry;
  readonly market = this.registry.market(1);
  nowUs = BEFORE_MIDNIGHT_US;
  /** Trades that the database has; the sequence of a trade's event is its id. */
  stored = 0;
  marketData = this.#newGateway();

  constructor() {
    this.marketData.onMarketListed(this.market);
  }

  #newGateway(): MarketData {
    return new MarketData({
      registry: this.registry,
      fanOut: new RecordingFanOut(),
      nowUs: () => this.nowUs,
      sequenceOf: () => this.twin.trades.length,
    });
  }

  trade(priceTicks: number, quantityLots: number): void {
    this.marketData.onTrade(this.twin.trade(priceTicks, quantityLots, this.nowUs));
  }

  /** Another gateway takes over; it learns what the database has, unless that is to stay unknown. */
  restart(isKnown: boolean, heardMeanwhile: number): void {
    const { twin, market } = this;
    const lastTradeId = twin.trades.length;
    const lastPriceTicks = twin.trades.at(-1)?.priceTicks ?? 0;
    this.marketData = this.#newGateway();
    this.marketData.onMarketDescribed(market, { updateId: 0, lastTradeId, lastPriceTicks });
    for (let count = 0; count < heardMeanwhile; count++) this.trade(700 + count, 3 + count);
    // Of what is heard meanwhile the database may have some already.
    if (isKnown) this.stored = lastTradeId + Math.floor(heardMeanwhile / 2);
    this.marketData.onPastLearnt(1, isKnown ? twin.past(this.nowUs, this.stored) : null);
  }

  /** What REST answers. */
  read(interval: KlineInterval, fromSeconds: number, toSeconds: number): Promise<KlineRow[]> {
    const { marketData } = this;
    const untilStored = async (_marketId: number, sequence: number) => this.stored >= sequence;
    const range = klineRange(interval, fromSeconds, toSeconds);
    return readKlines({ marketData, stored: this.#database(), untilStored }, 1, interval, range);
  }

  expected(interval: KlineInterval, fromSeconds: number, toSeconds: number): KlineRow[] {
    const { startSeconds, endSeconds } = klineRange(interval, fromSeconds, toSeconds);
    return this.twin
      .filledKlines(interval, this.nowUs)
      .map((kline) => rowOf(kline, this.market))
      .filter((row) => row.startSeconds >= startSeconds && row.startSeconds < endSeconds);
  }

  #database(): KlineSource {
    const rows = (interval: KlineInterval) =>
      this.twin.klines(interval, this.stored).map((kline) => rowOf(kline, this.market));
    return {
      klines: async (_marketId, interval, start, end) =>
        rows(interval).filter((row) => row.startSeconds >= start && row.startSeconds < end),
      lastCloseBefore: async (_marketId, interval, start) =>
        rows(interval).findLast((row) => row.startSeconds < start)?.close ?? null,
    };
  }
}

for (const seed of [1, 2, 3, 4]) {
  test(`candles of memory and of a database that trails it are those of the trades: seed ${seed}`, async () => {
    const random = seededIntegers(seed);
    const venue = new TrailedVenue();
    let refused = 0;
    for (let step = 0; step < 600; step++) {
      const pause = random(300);
      if (pause < 210) venue.nowUs += random(700_000);
      else if (pause < 297) venue.nowUs += random(100) * 1_000_000;
      else venue.nowUs += random(40) * 3_600_000_000;
      if (random(4) > 0) venue.trade(100 + random(50), 1 + random(1000));
      if (random(6) === 0) venue.stored += random(venue.twin.trades.length - venue.stored + 1);
      if (random(60) === 0) venue.restart(random(3) > 0, random(5));
      if (random(5) > 0) continue;
      const interval = KLINE_INTERVALS[random(KLINE_INTERVALS.length)]!;
      const nowSeconds = Math.floor(venue.nowUs / 1e6);
      const fromSeconds = nowSeconds - random(random(2) === 0 ? 60 : 40_000);
      const toSeconds = nowSeconds + 1 - (random(3) === 0 ? random(50) : 0);
      if (toSeconds <= fromSeconds) continue;
      const text = `${interval} from ${fromSeconds} at step ${step}`;
      const answer = await venue.read(interval, fromSeconds, toSeconds).catch((error: unknown) => {
        assert.ok(error instanceof ApiError && error.code === 'HISTORY_UNAVAILABLE', text);
        assert.ok(venue.stored < venue.twin.trades.length, `${text}: refused without need`);
        refused++;
        return null;
      });
      if (answer === null) {
        venue.stored = venue.twin.trades.length;
        const later = await venue.read(interval, fromSeconds, toSeconds);
        assert.deepEqual(later, venue.expected(interval, fromSeconds, toSeconds), text);
      } else {
        assert.deepEqual(answer, venue.expected(interval, fromSeconds, toSeconds), text);
      }
    }
    assert.ok(refused > 0, 'the database was never behind');
  });
}

test('a running candle has the trades that the database has not, from the first one on', async () => {
  const venue = new TrailedVenue();
  const nowSeconds = venue.nowUs / 1e6;
  assert.deepEqual(await venue.read('1month', nowSeconds, nowSeconds + 1), []);
  venue.trade(100, 5);
  venue.trade(90, 7);
  for (const interval of KLINE_INTERVALS) {
    const rows = await venue.read(interval, nowSeconds, nowSeconds + 1);
    assert.deepEqual(
      rows.map(({ open, close, volume, trades }) => [open, close, volume, trades]),
      [['5', '4.5', '0.012', 2]],
      interval,
    );
  }
});

test('what memory no longer keeps comes of the database, or is refused while that is behind', async () => {
  const venue = new TrailedVenue();
  const fromSeconds = venue.nowUs / 1e6;
  for (let second = 0; second < KEPT_CANDLES; second++) {
    venue.trade(100 + (second % 7), 1);
    venue.nowUs += 1_000_000;
  }
  const toSeconds = venue.nowUs / 1e6;
  const read = () => venue.read('1s', fromSeconds, toSeconds);
  const all = await read();
  assert.equal(all.length, KEPT_CANDLES);
  assert.deepEqual(all, venue.expected('1s', fromSeconds, toSeconds));
  venue.trade(99, 1);
  await assert.rejects(read, { code: 'HISTORY_UNAVAILABLE', status: 503 });
  assert.equal((await venue.read('1s', fromSeconds + 1, toSeconds)).length, KEPT_CANDLES - 1);
  venue.stored = 1;
  assert.deepEqual(await read(), all);
});

test('a past that is learnt again is taken with what was heard meanwhile, and shown all along', async () => {
  const venue = new TrailedVenue();
  for (let count = 0; count < 30; count++) {
    venue.trade(100 + count, 1 + count);
    venue.nowUs += 700_000;
  }
  venue.restart(false, 0);
  venue.trade(500, 1);
  const { marketData, twin } = venue;
  assert.equal(marketData.ticker(1).tradeCount, 1);
  const standing = marketData.learnPastAgain(1);
  assert.deepEqual(standing, { updateId: 0, lastTradeId: 31, lastPriceTicks: 500 });
  venue.trade(501, 2);
  venue.trade(502, 3);
  assert.equal(marketData.ticker(1).tradeCount, 3, 'shown meanwhile');
  marketData.onPastLearnt(1, twin.past(venue.nowUs, 32));
  venue.trade(503, 4);
  assert.equal(marketData.ticker(1).tradeCount, 34);
  assert.equal(marketData.ticker(1, '1w').tradeCount, 34);
  assert.equal(marketData.trades(1, 1000).length, 34);
  const nowSeconds = Math.floor(venue.nowUs / 1e6);
  for (const interval of KLINE_INTERVALS) {
    const expected = venue.expected(interval, nowSeconds, nowSeconds + 1);
    assert.deepEqual(await venue.read(interval, nowSeconds, nowSeconds + 1), expected, interval);
  }
});
