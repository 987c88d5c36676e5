import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDecimal } from '../engine/protocol/decimal.ts';
import { Side } from '../engine/protocol/enums.ts';
import { AssetListed, MarketListed, Trade } from '../engine/protocol/events.ts';
import { KLINE_INTERVALS } from './kline-intervals.ts';
import { type Kline, ProjectionQueries } from './queries.ts';
import { TEST_MARKET } from './testing/event-feed.ts';
import {
  aggregateMinutes,
  RECORDED_PRICE_SCALE,
  RECORDINGS_ABSENT,
  type RecordedKline,
  recordedKlines,
  recordedTrades,
} from './testing/recorded-klines.ts';
import { useTestServer } from './testing/test-server.ts';
import { startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();

/** Trades that are committed before the next ones are told: candles go on from batch to batch. */
const TRADES_PER_BATCH = 2_500;

const XRP_ETH = {
  ...TEST_MARKET,
  symbol: 'XRP_ETH',
  priceDecimals: 8,
  tickUnits: 1,
  quantityDecimals: 0,
  lotUnits: 1,
  baseUnitsPerLot: 100_000_000,
  quoteUnitsPerTickLot: 1,
};

function shown(kline: Kline): RecordedKline {
  const price = (text: string) => Number(parseDecimal(text, RECORDED_PRICE_SCALE));
  return {
    startMs: kline.start * 1000,
    open: price(kline.open),
    high: price(kline.high),
    low: price(kline.low),
    close: price(kline.close),
    volume: Number(kline.volume),
  };
}

test('the candles in the database of recorded trades equal the recorded ones', {
  skip: RECORDINGS_ABSENT,
}, async (context) => {
  const trades = recordedTrades();
  const { timeUs } = trades[0]!;
  const venue = await startVenue(context, server);
  const { feed } = venue;
  feed.record(0, AssetListed, { assetId: 1, symbol: 'XRP', decimals: 8, timeUs });
  feed.record(0, AssetListed, { assetId: 2, symbol: 'ETH', decimals: 8, timeUs });
  feed.record(0, MarketListed, { ...XRP_ETH, timeUs });
  for (let from = 0; from < trades.length; from += TRADES_PER_BATCH) {
    trades.slice(from, from + TRADES_PER_BATCH).forEach((trade, index) => {
      feed.record(0, Trade, {
        marketId: 1,
        tradeId: from + index + 1,
        priceTicks: trade.priceTicks,
        quantityLots: trade.lots,
        takerSide: trade.takerSide === 'buy' ? Side.Bid : Side.Ask,
        timeUs: trade.timeUs,
      });
    });
    await feed.flush();
    await untilCommitted(venue);
  }
  const queries = new ProjectionQueries(server.url);
  context.after(() => queries.close());
  const stored = async (interval: (typeof KLINE_INTERVALS)[number]) =>
    (await queries.klines(1, interval, timeUs, 4e15, 10_000)).map(shown);
  for (const interval of ['1m', '5m'] as const) {
    const withTrades = recordedKlines(interval).filter(({ volume }) => volume > 0);
    assert.deepEqual(await stored(interval), withTrades, interval);
  }
  const minutes = recordedKlines('1m');
  for (const interval of KLINE_INTERVALS) {
    if (interval === '1s') continue;
    assert.deepEqual(await stored(interval), aggregateMinutes(interval, minutes), interval);
  }
});
