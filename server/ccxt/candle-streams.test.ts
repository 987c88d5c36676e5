import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { OHLCV } from 'ccxt';
import { until } from '../../persistence/testing/until.ts';
import { type CcxtClient, type CcxtTrader, useCcxtVenue } from './ccxt-venue.fixture.ts';
import { BTC, ETH, SOL, trade } from './trading.fixture.ts';

let maker: CcxtTrader;
let taker: CcxtTrader;
let pro: CcxtClient;
let price = 100;

const venue = useCcxtVenue(async (venue) => {
  maker = await venue.trader('maker');
  taker = await venue.trader('taker');
});

beforeEach(async () => {
  pro = await venue().client();
});

afterEach(() => pro.close());

/** Each at another price, so that every trade changes the candle. */
function tradeOnce(symbol: string): Promise<unknown> {
  price = price === 100 ? 101 : 100;
  return trade(maker, taker, symbol, 'buy', 0.1, price);
}

/** Trades until the candle is there. */
async function tradingUntil<T>(watched: Promise<T>, symbol: string): Promise<T> {
  let isOver = false;
  const over = watched.finally(() => {
    isOver = true;
  });
  while (!isOver) await tradeOnce(symbol);
  return over;
}

/** The candles that ccxt has put together of one interval, of the exchange's name. */
function kept(symbol: string, interval: string): OHLCV[] {
  return [...((pro.ohlcvs[symbol]?.[interval] ?? []) as OHLCV[])];
}

test('a watched candle is the fetched one, by the time of its end instead of its start', async () => {
  const watched = await tradingUntil(pro.watchOHLCV(SOL, '1h'), SOL);
  assert.ok(watched.length > 0);
  await tradeOnce(SOL);
  await until('the last trade is in both', async () => {
    const fetched = (await pro.fetchOHLCV(SOL, '1h', undefined, 1)).at(-1)!;
    const [end, ...figures] = kept(SOL, '1h').at(-1)!;
    if (figures.at(-1) !== fetched.at(-1)) return false;
    assert.deepEqual([end! - 3_600_000, ...figures], fetched);
    return true;
  });
});

test('a candle that has closed says so, and the next one follows', async () => {
  const frames: Record<string, unknown>[] = [];
  const handle = pro.handleOHLCV.bind(pro);
  pro.handleOHLCV = (socket, message) => {
    frames.push(message.data);
    handle(socket, message);
  };
  await tradingUntil(pro.watchOHLCV(SOL, '1s'), SOL);
  await until('a candle has closed that had trades', async () => {
    await tradeOnce(SOL);
    return frames.some(({ X, n }) => X === true && Number(n) > 0);
  });
  const closed = frames.find(({ X, n }) => X === true && Number(n) > 0)!;
  assert.equal(Date.parse(`${closed.T}Z`) - Date.parse(`${closed.t}Z`), 1000);
  await until('the table has it', async () => {
    const since = Date.parse(`${closed.t}Z`);
    const [fetched] = await pro.fetchOHLCV(SOL, '1s', since, 1);
    if (fetched === undefined || fetched[5] !== Number(closed.v)) return false;
    const { o, h, l, c, v } = closed;
    assert.deepEqual(fetched, [since, ...[o, h, l, c, v].map(Number)]);
    return true;
  });
});

test('candles of several markets and intervals come over one subscription', async () => {
  const wanted = [
    [SOL, '1m'],
    [SOL, '5m'],
    [ETH, '1d'],
  ] as const;
  const candles = await tradingUntil(pro.watchOHLCVForSymbols(wanted.map((one) => [...one])), SOL);
  const [symbol] = Object.keys(candles);
  assert.ok(symbol === SOL || symbol === ETH);
  // Of frames that arrive together, ccxt answers the first one's candles and keeps those of all.
  await until('all three are there', async () => {
    await tradeOnce(ETH);
    await tradeOnce(SOL);
    return wanted.every(([of, interval]) => kept(of, interval).length > 0);
  });
});

test('candles of every interval are streamed; ccxt answers two of them under a name it does not look for', async () => {
  for (const timeframe of [...Object.keys(pro.timeframes), '15m', '30m', '1s']) {
    const interval = String(pro.timeframes[timeframe] ?? timeframe);
    const candles = await tradingUntil(pro.watchOHLCV(SOL, timeframe), SOL);
    assert.ok(kept(SOL, interval).length > 0, interval);
    if (interval === timeframe) assert.ok(candles.length > 0, interval);
    else assert.equal(candles, undefined);
  }
});

test('candles that are no longer watched are no longer heard', async () => {
  await tradingUntil(pro.watchOHLCV(SOL, '1m'), SOL);
  await tradingUntil(pro.watchOHLCV(ETH, '1m'), ETH);
  await tradingUntil(pro.watchOHLCV(ETH, '5m'), ETH);
  await pro.unWatchOHLCV(SOL, '1m');
  await pro.unWatchOHLCVForSymbols([[ETH, '5m']]);
  // The venue reads this subscription after these.
  await pro.watchOrderBook(BTC);
  pro.ohlcvs = {};
  await tradeOnce(SOL);
  await tradeOnce(ETH);
  await until('the candle that is watched has changed', () => kept(ETH, '1m').length > 0);
  assert.deepEqual([kept(SOL, '1m'), kept(ETH, '5m')], [[], []]);
});
