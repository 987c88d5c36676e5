import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Trade } from '../../engine/protocol/events.ts';
import { KLINE_INTERVALS, klineEndUs } from '../../persistence/kline-intervals.ts';
import { BEFORE_MIDNIGHT_US, NaiveTwin } from './candles.fixture.ts';
import { deltaOf, openVenue, RecordingFanOut, seededIntegers } from './market.fixture.ts';
import { AGGREGATES_INTERVAL_MS } from './market-data.ts';

const TICK_US = AGGREGATES_INTERVAL_MS * 1000;

interface KlineData {
  readonly E: number;
  readonly t: string;
  readonly T: string;
  readonly X: boolean;
  readonly o: string;
  readonly h: string;
  readonly l: string;
  readonly c: string;
  readonly n: number;
  readonly v: string;
}

/** A market whose candles are heard, on a clock set by hand. */
function openStreams() {
  const venue = openVenue(new RecordingFanOut());
  const { clock, marketData, fanOut } = venue;
  clock.nowUs = BEFORE_MIDNIGHT_US;
  fanOut.unwanted = (stream) => !stream.startsWith('kline.');
  const tick = () => {
    clock.nowUs += TICK_US;
    marketData.publishAggregates();
  };
  const take = (stream: string): KlineData[] => {
    const ofStream = fanOut.frames.filter((frame) => frame.stream === stream);
    return ofStream.map(({ frame }) => JSON.parse(frame).data);
  };
  return { ...venue, tick, take, twin: new NaiveTwin() };
}

test('a frame of a candle, exact to the byte', () => {
  const { clock, marketData, fanOut, twin, tick } = openStreams();
  marketData.onTrade(twin.trade(2830, 500, clock.nowUs));
  marketData.onTrade(twin.trade(2840, 20, clock.nowUs));
  marketData.onTrade(twin.trade(2825, 3, clock.nowUs));
  tick();
  const frame = fanOut.frames.find(({ stream }) => stream === 'kline.1month.SOL_USDC')!;
  const times = '"T":"2025-09-01T00:00:00","X":false';
  assert.equal(
    frame.frame,
    `{"data":{"E":${clock.nowUs},${times},"c":"141.25","e":"kline","h":"142.00","l":"141.25","n":3,"o":"141.50","s":"SOL_USDC","t":"2025-08-01T00:00:00","v":"0.523"},"stream":"kline.1month.SOL_USDC"}`,
  );
  const streams = fanOut.frames.map(({ stream }) => stream);
  assert.deepEqual(
    streams,
    KLINE_INTERVALS.map((interval) => `kline.${interval}.SOL_USDC`),
  );
});

for (const seed of [1, 2]) {
  test(`every candle is told closed as the trades made it, and while it runs at most once a second: seed ${seed}`, () => {
    const random = seededIntegers(seed);
    const { clock, marketData, twin, tick, take } = openStreams();
    /** Trades that the shard has made and the gateway has not heard yet. */
    const underWay: { trade: Trade; heardUs: number }[] = [];
    let heard = 0;
    /** How many trades were heard at each tick. */
    const heardAt = new Map<number, number>();
    let updateId = 0;
    for (let count = 0; count < 2000; count++) {
      const isBusy = Math.floor(count / 200) % 2 === 1;
      if (random(isBusy ? 2 : 150) === 0) {
        const trade = twin.trade(100 + random(40), 1 + random(90), clock.nowUs + random(TICK_US));
        // Now and then the disk of the shard takes its time.
        const delayUs = random(30) === 0 ? random(2_000_000) : random(3_000);
        const heardUs = Math.max(trade.timeUs + delayUs, underWay.at(-1)?.heardUs ?? 0);
        underWay.push({ trade, heardUs });
      }
      while (underWay[0] !== undefined && underWay[0].heardUs <= clock.nowUs + TICK_US) {
        const { trade } = underWay.shift()!;
        marketData.onTrade(trade);
        heard++;
        if (random(2) === 0) {
          marketData.onBookDelta(deltaOf(++updateId, [], { timeUs: trade.timeUs }));
        }
      }
      tick();
      heardAt.set(clock.nowUs, heard);
    }
    for (let count = 0; count < 15; count++) {
      for (const { trade } of underWay.splice(0)) marketData.onTrade(trade);
      tick();
      heardAt.set(clock.nowUs, twin.trades.length);
    }
    for (const interval of KLINE_INTERVALS) {
      const frames = take(`kline.${interval}.SOL_USDC`);
      const ended = twin
        .filledKlines(interval, clock.nowUs)
        .filter(({ startMs }) => klineEndUs(interval, startMs * 1000) + 1_000_000 < clock.nowUs);
      const closed = frames.filter(({ X }) => X);
      const last = new Map(closed.map((frame) => [startMsOf(frame), frame]));
      const missing = ended.filter(({ startMs }) => !last.has(startMs));
      assert.deepEqual(missing, [], `${interval}: candles that were never told closed`);
      for (const kline of ended) assertShows(last.get(kline.startMs)!, kline, interval);

      const changes = frames.filter(({ X }) => !X);
      assert.ok(changes.length > 0, interval);
      let toldUs = 0;
      for (const frame of changes) {
        assert.ok(frame.E - toldUs >= 1_000_000, `${interval}: twice within a second`);
        toldUs = frame.E;
        const kline = twin.klineAt(interval, startMsOf(frame), heardAt.get(frame.E));
        assertShows(frame, kline, interval);
      }
      assert.ok(frames.every((frame, index) => index === 0 || frame.E >= frames[index - 1]!.E));
    }
  });
}

function startMsOf({ t }: KlineData): number {
  return Date.parse(`${t}Z`);
}

function assertShows(
  frame: KlineData,
  kline: ReturnType<NaiveTwin['klines']>[number],
  interval: (typeof KLINE_INTERVALS)[number],
): void {
  const price = (ticks: number) => (ticks * 0.05).toFixed(2);
  const shown = {
    t: frame.t,
    T: frame.T,
    prices: [frame.o, frame.h, frame.l, frame.c],
    v: frame.v,
    n: frame.n,
  };
  const time = (ms: number) => new Date(ms).toISOString().slice(0, 19);
  assert.deepEqual(
    shown,
    {
      t: time(kline.startMs),
      T: time(klineEndUs(interval, kline.startMs * 1000) / 1000),
      prices: [kline.open, kline.high, kline.low, kline.close].map(price),
      v: (Number(kline.volume) / 1000).toFixed(3),
      n: kline.trades,
    },
    interval,
  );
}

test('before the first trade nothing is told, then every candle is closed, without a trade too', () => {
  const { clock, marketData, fanOut, twin, tick, take } = openStreams();
  for (let count = 0; count < 20; count++) tick();
  assert.deepEqual(fanOut.frames, []);
  marketData.onTrade(twin.trade(2830, 500, clock.nowUs));
  const tradedUs = clock.nowUs;
  for (let count = 0; count < 25; count++) tick();
  const frames = take('kline.1s.SOL_USDC');
  assert.deepEqual(
    frames.map(({ X, t, n, c }) => [X, startMsOf({ t } as KlineData) - tradedUs / 1000, n, c]),
    [
      [false, 0, 1, '141.50'],
      [true, 0, 1, '141.50'],
      [true, 1000, 0, '141.50'],
      [true, 2000, 0, '141.50'],
      [true, 3000, 0, '141.50'],
    ],
  );
  assert.equal(frames[1]!.E - tradedUs, 1_400_000, 'a moment after its end, at the next look');
});

test('an event behind its end closes a candle at once, and a trade that comes later corrects it', () => {
  const { clock, marketData, twin, tick, take } = openStreams();
  const closed = () =>
    take('kline.1s.SOL_USDC')
      .filter(({ X }) => X)
      .map(({ t, n, E }) => [t.slice(-2), n, E - BEFORE_MIDNIGHT_US]);
  marketData.onTrade(twin.trade(2830, 500, clock.nowUs));
  for (let count = 0; count < 5; count++) tick();
  assert.deepEqual(closed(), []);
  marketData.onBookDelta(deltaOf(1, [], { timeUs: clock.nowUs + 1 }));
  tick();
  assert.deepEqual(closed(), [['00', 1, 1_200_000]]);
  for (let count = 0; count < 6; count++) tick();
  assert.deepEqual(closed().slice(1), [['01', 0, 2_400_000]]);
  marketData.onTrade(twin.trade(2831, 1, BEFORE_MIDNIGHT_US + 1_900_000));
  tick();
  assert.deepEqual(closed().slice(2), [['01', 1, 2_600_000]]);
});

test('a gateway that was suspended does not tell of every candle of its sleep', () => {
  const { clock, marketData, twin, tick, take } = openStreams();
  marketData.onTrade(twin.trade(2830, 500, clock.nowUs));
  tick();
  clock.nowUs += 3_600_000_000;
  tick();
  const seconds = take('kline.1s.SOL_USDC').filter(({ X }) => X);
  assert.ok(seconds.length >= 5 && seconds.length <= 11, `${seconds.length} candles`);
  const minutes = take('kline.1h.SOL_USDC').filter(({ X }) => X);
  assert.deepEqual(
    minutes.map(({ t }) => t),
    [],
  );
});

test('a candle nobody hears is not encoded, and one heard from the middle on is told as it is', () => {
  const { clock, marketData, fanOut, twin, tick, take } = openStreams();
  fanOut.unwanted = () => true;
  marketData.onTrade(twin.trade(2830, 500, clock.nowUs));
  for (let count = 0; count < 3; count++) tick();
  assert.deepEqual(fanOut.frames, []);
  fanOut.unwanted = (stream) => stream !== 'kline.1m.SOL_USDC';
  for (let count = 0; count < 10; count++) tick();
  assert.deepEqual(fanOut.frames, [], 'nothing has changed since');
  marketData.onTrade(twin.trade(2840, 1, clock.nowUs));
  tick();
  const frames = take('kline.1m.SOL_USDC');
  assert.deepEqual(
    frames.map(({ o, c, n }) => [o, c, n]),
    [['141.50', '142.00', 2]],
  );
  assert.equal(fanOut.frames.length, 1);
});
