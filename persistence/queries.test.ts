import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Side } from '../engine/protocol/enums.ts';
import { US_PER_SECOND } from '../engine/protocol/time-units.ts';
import { KLINE_INTERVALS } from './kline-intervals.ts';
import { ProjectionQueries } from './queries.ts';
import { START_US } from './testing/event-feed.ts';
import { useTestServer } from './testing/test-server.ts';
import { startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();
const START_S = START_US / US_PER_SECOND;

test('reads candles, the close before them and recent trades', async (context) => {
  const venue = await startVenue(context, server);
  const queries = new ProjectionQueries(server.url);
  context.after(() => queries.close());
  venue.feed.recordListings();
  // Seconds after the start, and ticks of 0.05; a lot is 0.001.
  const trades: [number, number][] = [
    [10, 2000],
    [59.999999, 2001],
    [60, 1990],
    [200, 2010],
  ];
  trades.forEach(([second, priceTicks], index) => {
    const timeUs = START_US + Math.round(second * US_PER_SECOND);
    const orders = { makerOrderId: index * 2 + 1, takerOrderId: index * 2 + 2 };
    const trade = { marketId: 1, tradeId: index + 1, priceTicks, quantityLots: 100, timeUs };
    venue.feed.recordTrade(0, { ...trade, ...orders, takerSide: Side.Ask });
  });
  await venue.feed.flush();
  await untilCommitted(venue);

  const end = START_US + 300 * US_PER_SECOND;
  const minutes = await queries.klines(1, '1m', START_US + 30 * US_PER_SECOND, end, 1000);
  assert.deepEqual(
    minutes.map((kline) =>
      Object.values({ ...kline, start: kline.start - START_S, end: kline.end - START_S }),
    ),
    [
      [0, '100', '100.05', '100', '100.05', '0.2', '20.005', '2', 60],
      [60, '99.5', '99.5', '99.5', '99.5', '0.1', '9.95', '1', 120],
      [180, '100.5', '100.5', '100.5', '100.5', '0.1', '10.05', '1', 240],
    ],
  );
  const limited = await queries.klines(1, '1m', START_US + 60 * US_PER_SECOND, end, 1);
  assert.deepEqual(
    limited.map((kline) => kline.start - START_S),
    [60],
  );
  const bounded = await queries.klines(1, '1m', START_US, START_US + 60 * US_PER_SECOND, 1000);
  assert.equal(bounded.length, 1, 'a candle that starts at the end is not part of the answer');

  assert.equal(await queries.lastCloseBefore(1, '1m', START_US + 150 * US_PER_SECOND), '99.5');
  assert.equal(await queries.lastCloseBefore(1, '1m', START_US), null);
  assert.deepEqual(
    (await queries.recentTrades(1, 2, 1)).map((trade) => [trade.tradeId, trade.timeUs - START_US]),
    [
      [3, 60 * US_PER_SECOND],
      [2, 59_999_999],
    ],
  );
  assert.deepEqual((await queries.recentTrades(1, 1))[0], {
    tradeId: 4,
    price: '100.5',
    quantity: '0.1',
    quoteQuantity: '10.05',
    takerSide: 'Ask',
    timeUs: START_US + 200 * US_PER_SECOND,
  });

  const past = await queries.marketPast(1, 3, START_US + 60 * US_PER_SECOND, START_US);
  assert.deepEqual(past.trades, await queries.recentTrades(1, 3));
  assert.deepEqual(past.minutes, minutes.slice(1));
  assert.deepEqual(past.hours, await queries.klines(1, '1h', START_US, end, 1000));
  assert.equal(past.hours[0]!.trades, '4');
  assert.deepEqual([...past.latest.keys()].sort(), [...KLINE_INTERVALS].sort());
  for (const [interval, kline] of past.latest) {
    const all = await queries.klines(1, interval, START_US, end, 1000);
    assert.deepEqual(kline, all.at(-1), interval);
  }
  const nothing = { trades: [], minutes: [], hours: [], latest: new Map() };
  assert.deepEqual(await queries.marketPast(2, 3, 0, 0), nothing);
});
