import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import ccxt from 'ccxt';
import { until } from '../../persistence/testing/until.ts';
import { type CcxtClient, type CcxtTrader, useCcxtVenue } from './ccxt-venue.fixture.ts';
import { BTC, ETH, SOL, type TradeRow, trade, tradeRows } from './trading.fixture.ts';

let maker: CcxtTrader;
let taker: CcxtTrader;
/** A new one for each test: what it watched before is part of a client's state. */
let pro: CcxtClient;

const venue = useCcxtVenue(async (venue) => {
  maker = await venue.trader('maker');
  taker = await venue.trader('taker');
  await trade(maker, taker, SOL, 'buy', 1, 100);
});

beforeEach(async () => {
  pro = await venue().client();
});

afterEach(async () => {
  await pro.close();
  for (const { rest } of [maker, taker]) {
    for (const symbol of [SOL, ETH]) await rest.cancelAllOrders(symbol);
  }
});

/** Does something again and again until the watched thing is there: a subscription is not acknowledged. */
async function meanwhile<T>(watched: Promise<T>, act: () => Promise<unknown>): Promise<T> {
  let isOver = false;
  const over = watched.finally(() => {
    isOver = true;
  });
  const acting = (async () => {
    while (!isOver) await act();
  })();
  const result = await over;
  await acting;
  return result;
}

const buy = (symbol: string): Promise<unknown> => trade(maker, taker, symbol, 'buy', 0.1, 100);

test('plain ws needs the agent that ccxt loads by itself for nothing else', async () => {
  const naive = new ccxt.pro.backpack({ urls: pro.urls });
  await assert.rejects(naive.watchTicker(SOL), ccxt.NotSupported);
  const shouting = new ccxt.pro.backpack({ urls: pro.urls });
  shouting.urls.api = { ...pro.urls.api, ws: { public: venue().url.replace('http', 'WS') } };
  assert.equal((await shouting.watchTicker(SOL)).symbol, SOL);
  await shouting.close();
});

test('a watched ticker is the fetched one', async () => {
  const watched = await pro.watchTicker(SOL);
  const fetched = await pro.fetchTicker(SOL);
  for (const field of ['open', 'high', 'low', 'last', 'close', 'baseVolume', 'quoteVolume']) {
    assert.equal(watched[field as 'open'], fetched[field as 'open'], field);
  }
  assert.equal(watched.info.n, Number(fetched.info.trades));
  assert.ok(Math.abs(watched.timestamp! - Date.now()) < 60_000, 'milliseconds of now');
});

test('tickers of several markets come once a second, of traded and untraded ones', async () => {
  await pro.watchTicker(SOL);
  const seen = new Set<string>();
  while (seen.size < 2) {
    for (const symbol of Object.keys(await pro.watchTickers([SOL, BTC]))) seen.add(symbol);
  }
  const untraded = (await pro.watchTickers([BTC]))[BTC]!;
  assert.deepEqual([untraded.symbol, untraded.baseVolume], [BTC, 0]);
});

test('best bids and asks are those of the book', async () => {
  const quote = async (): Promise<void> => {
    await maker.rest.createOrder(SOL, 'limit', 'buy', 1.5, 99);
    await maker.rest.createOrder(SOL, 'limit', 'sell', 2.5, 101);
  };
  await meanwhile(pro.watchBidsAsks([SOL, ETH]), async () => {
    await maker.rest.cancelAllOrders(SOL);
    await quote();
  });
  const { bids, asks, nonce } = await pro.fetchOrderBook(SOL);
  await until('the last change was heard', () => pro.bidsasks[SOL]!.info.u >= nonce!);
  const { bid, bidVolume, ask, askVolume } = pro.bidsasks[SOL]!;
  assert.deepEqual([bid, bidVolume], bids[0]);
  assert.deepEqual([ask, askVolume], asks[0]);
  assert.deepEqual([bid, ask], [99, 101]);

  const emptied = pro.watchBidsAsks([SOL]);
  await maker.rest.cancelAllOrders(SOL);
  await emptied;
  await until('both sides are empty', () => pro.bidsasks[SOL]!.info.a === null);
  const { info } = pro.bidsasks[SOL]!;
  assert.deepEqual([info.a, info.A, info.b, info.B], [null, null, null, null]);
});

test('watched trades are those of the table, each once', async () => {
  await meanwhile(pro.watchTrades(SOL), () => buy(SOL));
  const first = Number(pro.trades[SOL]![0]!.id);
  // Both streams are asked for now, SOL's a second time.
  await meanwhile(pro.watchTradesForSymbols([ETH, SOL]), () => buy(ETH));
  await until('the second subscription is heard', async () => {
    await buy(ETH);
    return ETH in pro.trades;
  });
  await trade(maker, taker, SOL, 'sell', 0.25, 99.5);
  let newest: TradeRow[] = [];
  await until('the last trade is in the table', async () => {
    newest = (await tradeRows(venue(), SOL)).filter(({ tradeId }) => tradeId >= first);
    return newest.at(-1)?.price === 99.5;
  });
  await until('the last trade was heard', () => pro.trades[SOL]!.length >= newest.length);
  const heard = [...pro.trades[SOL]!].map((one) => ({
    ...{ id: one.id, side: one.side, price: one.price, amount: one.amount },
    ...{ timeMs: Math.floor(Number(one.info.T) / 1000) },
  }));
  assert.deepEqual(
    heard,
    newest.map((row) => ({
      ...{ id: String(row.tradeId), side: row.takerSide, price: row.price, amount: row.quantity },
      ...{ timeMs: row.timeMs },
    })),
  );
  const last = pro.trades[SOL]!.at(-1)!;
  assert.equal(last.takerOrMaker, 'taker');
  assert.ok(Math.abs(last.timestamp! - Date.now()) < 60_000, 'milliseconds of now');
});

test('a trade names the orders of both sides', async () => {
  await meanwhile(pro.watchTrades(SOL), () => buy(SOL));
  const { makerOrder, takerOrder } = await trade(maker, taker, SOL, 'sell', 0.3, 99);
  await until('it was heard', () => pro.trades[SOL]!.at(-1)!.price === 99);
  const { info, order, side } = pro.trades[SOL]!.at(-1)!;
  assert.deepEqual([side, order], ['sell', takerOrder.id]);
  assert.deepEqual([info.a, info.b, info.m], [takerOrder.id, makerOrder.id, true]);
});

test('a book that is watched is the fetched one, also of a market in which nobody trades', async () => {
  const watched = await pro.watchOrderBook(BTC);
  assert.deepEqual([watched.symbol, watched.bids.length, watched.asks.length], [BTC, 0, 0]);
  assert.ok(watched.nonce! > 0);

  await maker.rest.createOrder(SOL, 'limit', 'buy', 1, 90);
  await maker.rest.createOrder(SOL, 'limit', 'sell', 2, 110);
  const both = await pro.watchOrderBookForSymbols([SOL, ETH]);
  assert.ok([SOL, ETH].includes(both.symbol!));
  const sol = await pro.watchOrderBook(SOL);
  assert.deepEqual([levelsOf(sol.bids), levelsOf(sol.asks)], [[[90, 1]], [[110, 2]]]);
  await maker.rest.cancelAllOrders(SOL);
  const { nonce } = await pro.fetchOrderBook(SOL);
  await until('the last change was heard', () => pro.orderbooks[SOL]!.nonce! >= nonce!);
  assert.equal(pro.orderbooks[SOL]!.bids.length, 0);
});

test('a quiet market stops saying nothing once its watchers have their book', async () => {
  await pro.watchOrderBook(BTC);
  await until('the last empty event was heard', async () => {
    const { nonce } = await pro.fetchOrderBook(BTC);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return (await pro.fetchOrderBook(BTC)).nonce === nonce;
  });
  const { nonce } = await pro.fetchOrderBook(BTC);
  await until('it has reached the watcher', () => pro.orderbooks[BTC]!.nonce === nonce);
});

test('what is no longer watched is no longer heard', async () => {
  const heardOf = (symbol: string) =>
    [pro.trades, pro.bidsasks, pro.orderbooks, pro.tickers].map((cache) => symbol in cache);
  await pro.watchTickers([SOL, ETH]);
  await pro.watchOrderBookForSymbols([SOL, ETH]);
  await meanwhile(pro.watchTradesForSymbols([SOL, ETH]), () => buy(SOL));
  await meanwhile(pro.watchBidsAsks([SOL, ETH]), () => buy(ETH));
  await until('everything was heard of both', async () => {
    await buy(SOL);
    await buy(ETH);
    return [...heardOf(SOL), ...heardOf(ETH)].every(Boolean);
  });
  await pro.unWatchTicker(SOL);
  await pro.unWatchOrderBook(SOL);
  await pro.unWatchTrades(SOL);
  await pro.unWatchBidsAsks([SOL]);
  // The venue reads this subscription after all of these.
  await pro.watchOrderBook(BTC);
  for (const cache of [pro.trades, pro.bidsasks, pro.orderbooks, pro.tickers]) delete cache[SOL];
  await buy(SOL);
  await buy(ETH);
  const ethTicker = pro.tickers[ETH]!.timestamp!;
  await until('the next ticker has come', () => pro.tickers[ETH]!.timestamp! > ethTicker);
  assert.deepEqual(heardOf(SOL), [false, false, false, false]);
  assert.deepEqual(heardOf(ETH), [true, true, true, true]);

  await pro.unWatchTickers([ETH]);
  await pro.unWatchOrderBookForSymbols([ETH]);
  await pro.unWatchTradesForSymbols([ETH]);
  assert.deepEqual(heardOf(ETH), [false, true, false, false]);
  // A new watch begins again.
  assert.equal((await pro.watchTicker(SOL)).symbol, SOL);
  assert.equal((await pro.watchOrderBook(SOL)).symbol, SOL);
});

test('every pending watch ends when the socket does, and the next one dials again', async () => {
  const pending = pro.watchTrades(BTC);
  await pro.watchTicker(SOL);
  const [client] = Object.values(pro.clients);
  client!.connection.terminate();
  await assert.rejects(pending, ccxt.NetworkError);
  assert.equal((await pro.watchTicker(SOL)).symbol, SOL);
});

test('a stream of a market that is not listed is silent, and harms no other', async () => {
  const url = pro.urls.api.ws.public;
  await pro.loadMarkets();
  const topics = ['ticker.NOPE_USDC', 'ticker.SOL_USDC'];
  const ticker = await pro.watchMultiple(
    url,
    [`ticker:${SOL}`],
    { method: 'SUBSCRIBE', params: topics },
    [`ticker:${SOL}`],
  );
  assert.equal(ticker.symbol, SOL);
});

test('a stream that there is not ends every pending watch with its message', async () => {
  const pending = pro.watchTrades(BTC);
  await pro.watchTicker(SOL);
  const message = { method: 'SUBSCRIBE', params: ['nothing.SOL_USDC'] };
  const failed = pro.watchMultiple(pro.urls.api.ws.public, ['x'], message, ['x']);
  await assert.rejects(failed, /backpack Invalid stream/);
  await assert.rejects(pending, ccxt.ExchangeError);
  assert.equal((await pro.watchTicker(SOL)).symbol, SOL);
});

function levelsOf(side: Iterable<unknown>): number[][] {
  return [...side].map((level) => [...(level as number[])].slice(0, 2));
}
