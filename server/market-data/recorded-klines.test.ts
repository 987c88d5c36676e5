import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDecimal } from '../../engine/protocol/decimal.ts';
import {
  KLINE_INTERVALS,
  type KlineInterval,
  klineStartUs,
} from '../../persistence/kline-intervals.ts';
import {
  aggregateMinutes,
  RECORDED_PRICE_SCALE,
  RECORDINGS_ABSENT,
  type RecordedKline,
  recordedKlines,
  recordedTrades,
} from '../../persistence/testing/recorded-klines.ts';
import { openVenue, RecordingFanOut, SOL_USDC, tradeOf } from './market.fixture.ts';
import { MarketData } from './market-data.ts';

const XRP_ETH = {
  ...SOL_USDC,
  marketId: 3,
  symbol: 'XRP_ETH',
  priceDecimals: 8,
  tickUnits: 1,
  quantityDecimals: 0,
  baseUnitsPerLot: 1_000_000_000,
  quoteUnitsPerTickLot: 1,
};

/** Time goes on in steps of this; candles that end within one are told in order. */
const STEP_US = 5_000_000;

const MINUTES_AND_MORE = KLINE_INTERVALS.filter((interval) => interval !== '1s');

/** What the kline streams told of candles when they closed, and last of the running ones. */
function replay(): Map<KlineInterval, { closed: RecordedKline[]; running: RecordedKline | null }> {
  const clock = { nowUs: 0 };
  const { registry, fanOut } = openVenue(new RecordingFanOut());
  fanOut.unwanted = (stream) => stream.startsWith('kline.1s.') || !stream.startsWith('kline.');
  const marketData = new MarketData({ registry, fanOut, nowUs: () => clock.nowUs });
  marketData.onMarketListed(registry.addMarket(XRP_ETH, 0));
  const trades = recordedTrades();
  clock.nowUs = klineStartUs('5m', trades[0]!.timeUs);
  let heard = 0;
  const [endMs] = recordedKlines('1m')
    .slice(-1)
    .map(({ startMs }) => startMs + 60_000);
  while (clock.nowUs < endMs! * 1000 + STEP_US) {
    clock.nowUs += STEP_US;
    for (; heard < trades.length && trades[heard]!.timeUs < clock.nowUs; heard++) {
      const { timeUs, priceTicks, lots } = trades[heard]!;
      const trade = { marketId: 3, tradeId: heard + 1, priceTicks, quantityLots: lots, timeUs };
      marketData.onTrade(tradeOf(trade));
    }
    marketData.publishAggregates();
  }
  const told = new Map(
    MINUTES_AND_MORE.map((interval) => {
      const nothing = { closed: [] as RecordedKline[], running: null as RecordedKline | null };
      return [interval as KlineInterval, nothing];
    }),
  );
  for (const { stream, frame } of fanOut.frames) {
    const { data } = JSON.parse(frame);
    const ofInterval = told.get(stream.split('.')[1] as KlineInterval)!;
    if (data.X) ofInterval.closed.push(shown(data));
    else ofInterval.running = shown(data);
  }
  return told;
}

function shown(data: Record<'t' | 'o' | 'h' | 'l' | 'c' | 'v', string>): RecordedKline {
  const price = (text: string) => Number(parseDecimal(text, RECORDED_PRICE_SCALE));
  const prices = {
    open: price(data.o),
    high: price(data.h),
    low: price(data.l),
    close: price(data.c),
  };
  return { startMs: Date.parse(`${data.t}Z`), ...prices, volume: Number(data.v) };
}

test('the kline streams tell of recorded trades the candles that an exchange published', {
  skip: RECORDINGS_ABSENT,
}, () => {
  const told = replay();
  for (const interval of ['1m', '5m'] as const) {
    const { closed } = told.get(interval)!;
    const recorded = recordedKlines(interval);
    assert.deepEqual(closed, recorded.slice(0, closed.length), interval);
    assert.ok(recorded.length - closed.length <= 1, `${interval}: ${closed.length} candles`);
  }
  const minutes = recordedKlines('1m');
  for (const interval of MINUTES_AND_MORE) {
    const { closed, running } = told.get(interval)!;
    const aggregated = aggregateMinutes(interval as Exclude<KlineInterval, '1s'>, minutes);
    const last = closed.at(-1)?.startMs ?? 0;
    const shownOnes = [...closed.filter(({ volume }) => volume > 0)];
    if (running !== null && running.startMs > last) shownOnes.push(running);
    assert.deepEqual(shownOnes, aggregated, interval);
  }
});
