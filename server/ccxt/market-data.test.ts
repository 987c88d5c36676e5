import assert from 'node:assert/strict';
import { test } from 'node:test';
import ccxt, { type Market, type OrderBook, type Trade } from 'ccxt';
import { until } from '../../persistence/testing/until.ts';
import { type CcxtClient, type CcxtTrader, useCcxtVenue } from './ccxt-venue.fixture.ts';
import { BTC, ETH, idOf, SOL, type TradeRow, trade, tradeRows } from './trading.fixture.ts';

const TRADES = [
  ['buy', 1, 100],
  ['sell', 2.5, 101.5],
  ['sell', 0.11, 99.25],
  ['buy', 3, 100.75],
  ['buy', 0.01, 100.76],
  ['sell', 40.5, 98.5],
] as const;

/** What rests: two orders on one level, three levels a side. */
const RESTING = [
  ['buy', 1, 98],
  ['buy', 2.25, 98],
  ['buy', 5, 97.5],
  ['buy', 0.01, 90],
  ['sell', 3, 102],
  ['sell', 1.5, 102.01],
  ['sell', 4, 110],
] as const;

let anybody: CcxtClient;
let maker: CcxtTrader;
let taker: CcxtTrader;
let rows: TradeRow[];

const venue = useCcxtVenue(async (venue) => {
  anybody = await venue.client();
  maker = await venue.trader('maker');
  taker = await venue.trader('taker');
  for (const [side, amount, price] of TRADES) await trade(maker, taker, SOL, side, amount, price);
  for (const [index, [side, amount, price]] of RESTING.entries()) {
    const { rest } = index % 2 === 0 ? maker : taker;
    await rest.createOrder(SOL, 'limit', side, amount, price);
  }
  await until('the trades are in the table', async () => {
    rows = await tradeRows(venue, SOL);
    return rows.length === TRADES.length;
  });
});

test('markets are those of the database, with their steps and limits', async () => {
  const listed = await venue().query(
    `select symbol, tick_size::float8, step_size::float8, min_price::float8, max_price::float8,
      min_quantity::float8, max_quantity::float8, state,
      floor(extract(epoch from listed_at) * 1000)::float8 as listed_ms from markets order by 1`,
  );
  const markets = await anybody.fetchMarkets();
  const described = markets.map((market: Market) => ({
    symbol: market!.id,
    tick_size: market!.precision.price,
    step_size: market!.precision.amount,
    min_price: market!.limits.price?.min,
    max_price: market!.limits.price?.max,
    min_quantity: market!.limits.amount?.min,
    max_quantity: market!.limits.amount?.max,
    state: market!.active ? 'Open' : 'not open',
    listed_ms: market!.created,
  }));
  const bySymbol = (a: { symbol: unknown }, b: { symbol: unknown }) =>
    String(a.symbol) < String(b.symbol) ? -1 : 1;
  assert.deepEqual(described.sort(bySymbol), listed);

  await anybody.loadMarkets();
  assert.deepEqual([...anybody.symbols].sort(), [BTC, ETH, SOL]);
  const sol = anybody.market(SOL);
  assert.deepEqual([sol.base, sol.quote, sol.type], ['SOL', 'USDC', 'spot']);
  assert.equal(sol.taker, undefined);
  const one = await anybody.publicGetApiV1Market({ symbol: 'SOL_USDC' });
  assert.deepEqual(one, sol.info);
});

test('a market filter comes in any of three spellings', async () => {
  const all = await anybody.publicGetApiV1Markets();
  assert.equal(all.length, 3);
  for (const marketType of ['SPOT', ['SPOT'], ['PERP', 'SPOT']]) {
    assert.deepEqual(await anybody.publicGetApiV1Markets({ marketType }), all);
  }
  assert.deepEqual(await anybody.publicGetApiV1Markets({ marketType: ['PERP'] }), []);
});

test('currencies are those of the database', async () => {
  const listed = await venue().query('select symbol from assets order by 1');
  const currencies = await anybody.fetchCurrencies();
  const codes = Object.values(currencies).map(({ id, code }) => {
    assert.equal(id, code);
    return { symbol: code };
  });
  assert.deepEqual(
    codes.sort((a, b) => (a.symbol < b.symbol ? -1 : 1)),
    listed,
  );
  for (const { active, deposit, withdraw, fee, networks } of Object.values(currencies)) {
    // ccxt knows `active` of no exchange with this API; false is what it makes of an asset without tokens.
    assert.deepEqual([active, deposit, withdraw, fee], [undefined, false, true, 0]);
    assert.deepEqual(Object.keys(networks), ['SOL']);
  }
  await anybody.loadMarkets();
  assert.deepEqual(
    Object.keys(await anybody.fetchCurrenciesWs()).sort(),
    listed.map(({ symbol }) => symbol),
  );
});

test('a ticker is what the trades of the table add up to', async () => {
  const ticker = await anybody.fetchTicker(SOL);
  const prices = rows.map(({ price }) => price);
  const [open] = prices;
  const last = prices.at(-1)!;
  assert.equal(ticker.open, open);
  assert.equal(ticker.last, last);
  assert.equal(ticker.close, last);
  assert.equal(ticker.high, Math.max(...prices));
  assert.equal(ticker.low, Math.min(...prices));
  assert.ok(close(ticker.change, last - open!));
  assert.ok(close(ticker.percentage, ((last - open!) / open!) * 100, 1e-4));
  assert.ok(close(ticker.baseVolume, sum(rows.map(({ quantity }) => quantity))));
  assert.ok(close(ticker.quoteVolume, sum(rows.map(({ quoteQuantity }) => quoteQuantity))));
  assert.equal(ticker.info.trades, String(rows.length));
});

test('tickers are the tickers of all markets, one that never traded without prices', async () => {
  const tickers = await anybody.fetchTickers();
  assert.deepEqual(Object.keys(tickers).sort(), [BTC, ETH, SOL]);
  assert.deepEqual(tickers[SOL], await anybody.fetchTicker(SOL));
  const untraded = await anybody.fetchTicker(BTC);
  assert.deepEqual(tickers[BTC], untraded);
  assert.deepEqual([untraded.last, untraded.high, untraded.baseVolume], [undefined, undefined, 0]);
  assert.deepEqual(Object.keys(await anybody.fetchTickers([ETH])), [ETH]);
});

test('a book is the sum of the open orders of all accounts', async () => {
  const book = await anybody.fetchOrderBook(SOL);
  const open = [
    ...(await maker.rest.fetchOpenOrders(SOL)),
    ...(await taker.rest.fetchOpenOrders()),
  ];
  assert.equal(open.length, RESTING.length);
  const levels = (side: string): number[][] => {
    const totals = new Map<number, number>();
    for (const order of open.filter((one) => one.side === side)) {
      const price = order.price!;
      totals.set(price, (totals.get(price) ?? 0) + order.remaining!);
    }
    return [...totals].sort(([a], [b]) => (side === 'buy' ? b - a : a - b));
  };
  assert.deepEqual(book.bids, levels('buy'));
  assert.deepEqual(book.asks, levels('sell'));
  assert.ok(book.nonce! > 0);
  assert.ok(Math.abs(book.timestamp! - Date.now()) < 60_000, 'milliseconds of now');

  const same = await anybody.fetchL2OrderBook(SOL);
  assert.deepEqual([same.bids, same.asks, same.nonce], [book.bids, book.asks, book.nonce]);
});

test('the limit of a book goes through as a parameter only', async () => {
  const whole: OrderBook = await anybody.fetchOrderBook(SOL);
  const unlimited = await anybody.fetchOrderBook(SOL, 1);
  assert.equal(unlimited.bids.length, whole.bids.length);
  await maker.rest.createOrders(
    [1, 2, 3, 4].map((price) => ({ symbol: SOL, type: 'limit', side: 'buy', amount: 1, price })),
  );
  const five = await anybody.fetchOrderBook(SOL, undefined, { limit: 5 });
  const { bids, asks } = await anybody.fetchOrderBook(SOL);
  assert.equal(bids.length, 7);
  assert.deepEqual([five.bids, five.asks], [bids.slice(0, 5), asks.slice(0, 5)]);
  for (const order of await maker.rest.fetchOpenOrders(SOL)) {
    if (order.price! < 5) await maker.rest.cancelOrder(idOf(order), SOL);
  }
});

test('trades are those of the table, with the taker as the side', async () => {
  const expected = rows.map(tradeOfRow);
  const trades = (await anybody.fetchTrades(SOL)).map(essence);
  assert.deepEqual(trades, expected);
  const newest = (await anybody.fetchTrades(SOL, undefined, 2)).map(essence);
  assert.deepEqual(newest, expected.slice(-2));
  const since = rows[3]!.timeMs;
  const later = (await anybody.fetchTrades(SOL, since)).map(essence);
  assert.deepEqual(
    later,
    expected.filter(({ timestamp }) => timestamp! >= since),
  );
  assert.deepEqual(await anybody.fetchTrades(BTC), []);
});

test('older trades come page by page', async () => {
  const expected = rows.map(tradeOfRow);
  for (const [limit, offset] of [
    [2, 0],
    [2, 3],
    [10, 4],
    [3, 6],
  ] as const) {
    const page = await anybody.fetchTrades(SOL, undefined, limit, { offset });
    const end = Math.max(0, expected.length - offset);
    assert.deepEqual(page.map(essence), expected.slice(Math.max(0, end - limit), end));
  }
});

test('the venue says that it is up, and what time it is', async () => {
  assert.equal((await anybody.fetchStatus()).status, 'ok');
  assert.equal(await anybody.publicGetApiV1Ping(), 'pong');
  const text = String(await anybody.publicGetApiV1Time());
  assert.match(text, /^\d{13}$/);
  assert.ok(Math.abs(Number(text) - Date.now()) < 60_000);
});

test('ccxt tells the time by its own clock, whatever the venue says', async () => {
  const ahead = new ccxt.backpack({ urls: anybody.urls });
  ahead.milliseconds = () => 123;
  assert.equal(await ahead.fetchTime(), 123);
  assert.equal(await ahead.loadTimeDifference(), 0);
});

test('a spot venue has no perpetuals: ccxt refuses by itself, or gets an empty list', async () => {
  await assert.rejects(anybody.fetchFundingRate(SOL), ccxt.BadRequest);
  await assert.rejects(anybody.fetchOpenInterest(SOL), ccxt.BadRequest);
  assert.deepEqual(await anybody.fetchFundingRateHistory(SOL), []);
  for (const answer of [
    anybody.publicGetApiV1MarkPrices(),
    anybody.publicGetApiV1OpenInterest(),
    anybody.publicGetApiV1FundingRates({ symbol: 'SOL_USDC' }),
    anybody.publicGetApiV1Wallets(),
    anybody.publicGetApiV1Collateral(),
    anybody.publicGetApiV1BorrowLendMarkets(),
    anybody.publicGetApiV1Securities(),
    anybody.publicGetApiV1Prediction(),
  ]) {
    assert.deepEqual(await answer, []);
  }
});

test("ccxt's own limit of requests lets a session through, if slowly", async () => {
  const polite = new ccxt.backpack({ urls: anybody.urls });
  const trades = await Promise.all(
    [1, 2, 3].map((limit) => polite.fetchTrades(SOL, undefined, limit)),
  );
  assert.deepEqual(
    trades.map(({ length }) => length),
    [1, 2, 3],
  );
});

function tradeOfRow(row: TradeRow): ReturnType<typeof essence> {
  return {
    id: String(row.tradeId),
    timestamp: row.timeMs,
    symbol: SOL,
    side: row.takerSide,
    takerOrMaker: 'taker',
    price: row.price,
    amount: row.quantity,
    cost: row.quoteQuantity,
  };
}

function essence(one: Trade) {
  const { id, timestamp, symbol, side, takerOrMaker, price, amount, cost } = one;
  return { id, timestamp, symbol, side, takerOrMaker, price, amount, cost };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function close(actual: number | undefined, expected: number, tolerance = 1e-9): boolean {
  return actual !== undefined && Math.abs(actual - expected) <= tolerance;
}
