import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Random } from '../../engine/collections/random.ts';
import { TcpProxy } from '../../persistence/testing/tcp-proxy.ts';
import { useTestServer } from '../../persistence/testing/test-server.ts';
import { until } from '../../persistence/testing/until.ts';
import { done, type Json, type RestartingVenue } from './restarting-venue.fixture.ts';
import {
  addTrader,
  LISTINGS,
  openTrading,
  publicAnswers,
  SYMBOLS,
  type Trader,
} from './trading-venue.fixture.ts';

const server = useTestServer();

function open(context: TestContext, options?: Parameters<typeof openTrading>[2]) {
  return openTrading(context, server, options);
}

/** Random orders near each other's prices: the first trader buys, the second sells, and nobody meets himself. */
async function trade(
  venue: RestartingVenue,
  traders: readonly Trader[],
  random: Random,
  count: number,
): Promise<void> {
  const statuses: string[] = [];
  for (let order = 0; order < count; order++) {
    const side = random.below(2);
    const params = {
      symbol: SYMBOLS[random.below(2)]!,
      side: side === 0 ? 'Bid' : 'Ask',
      orderType: 'Limit',
      price: ((2_000 + random.below(30)) * 0.05).toFixed(2),
      quantity: ((1 + random.below(500)) * 0.01).toFixed(2),
    };
    const { accountId } = traders[side]!;
    const refusal = venue.gateway.orders.place(accountId, params, {
      answered: ({ orderId }) => void statuses.push(String(orderId)),
      refused: (code) => assert.fail(`refused with ${code}`),
    });
    assert.equal(refusal, undefined);
    if (order % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await venue.rest();
  assert.equal(statuses.length, count);
}

test('a gateway that has heard nothing answers like the one before, and goes on', async (context) => {
  const { venue, traders } = await open(context);
  const random = new Random(1);
  await trade(venue, traders, random, 3_500);
  for (let life = 1; life <= 2; life++) {
    await venue.settle();
    const before = await publicAnswers(venue);
    await venue.restartGateway();
    assert.deepEqual(await publicAnswers(venue), before, `life ${life}`);
    await trade(venue, traders, random, 400);
    for (const symbol of SYMBOLS) {
      const path = `/api/v1/depth?symbol=${symbol}`;
      const [old, now] = [before[path] as Json, await done(venue.get(path))];
      assert.ok(Number(now.lastUpdateId) > Number(old.lastUpdateId));
    }
  }
  const ids = (await done(venue.get(`/api/v1/trades?symbol=SOL_USDC&limit=1000`))) as unknown as {
    readonly id: number;
  }[];
  assert.equal(ids.length, 1000);
  assert.ok(ids.every(({ id }, index) => index === 0 || id === ids[index - 1]!.id - 1));
});

test('repeated admin requests get the first answer from a later gateway too', async (context) => {
  const { venue, traders } = await open(context);
  const [one, two] = traders as [Trader, Trader];
  const requests = (): Promise<Json>[] => [
    done(venue.admin('POST', '/admin/assets', { symbol: 'BTC', decimals: 8 })),
    ...LISTINGS.map((listing) => done(venue.admin('POST', '/admin/markets', listing))),
    done(venue.admin('POST', '/admin/accounts', { name: 'two' })),
    done(
      venue.admin('POST', `/admin/accounts/${one.accountId}/keys`, {
        publicKey: one.signer.apiKey,
      }),
    ),
    done(
      venue.admin('POST', `/admin/accounts/${one.accountId}/deposits`, {
        ...{ id: 'SOL', asset: 'SOL', quantity: '10000000' },
      }),
    ),
  ];
  const state = { orderBookState: 'PostOnly' };
  await done(venue.admin('POST', '/admin/markets/BTC_USDC/state', state));
  const revoked = `/admin/keys?apiKey=${encodeURIComponent(two.signer.apiKey)}`;
  await done(venue.admin('DELETE', revoked));
  const first = await Promise.all(requests());
  await venue.settle();
  await venue.restartGateway();
  assert.deepEqual(await Promise.all(requests()), first);

  const other = { ...LISTINGS[0]!, makerFeeBps: 4 };
  assert.equal((await venue.admin('POST', '/admin/markets', other)).status, 409);
  assert.equal(
    (await venue.admin('POST', '/admin/assets', { symbol: 'BTC', decimals: 7 })).status,
    409,
  );

  await done(venue.admin('DELETE', revoked));
  const key = { publicKey: two.signer.apiKey };
  const path = `/admin/accounts/${two.accountId}/keys`;
  assert.equal((await venue.admin('POST', path, key)).status, 409, 'a revoked key stays revoked');
  const capital = (trader: Trader) =>
    venue.signedGet(trader.signer, '/api/v1/capital', 'balanceQuery');
  assert.equal((await capital(two)).status, 401);
  assert.equal((await capital(one)).status, 200);

  const three = await addTrader(venue, 'three');
  assert.equal(three.accountId, 3);
  assert.equal((await capital(three)).status, 200);
  const listed = await done(
    venue.admin('POST', '/admin/markets', {
      ...LISTINGS[0]!,
      symbol: 'SOL_BTC',
      quoteSymbol: 'BTC',
    }),
  );
  assert.equal(listed.marketId, 3);
});

/** A way to the database that can be blocked. */
async function openProxy(context: TestContext): Promise<TcpProxy> {
  const proxy = await TcpProxy.start(server.port);
  context.after(() => proxy.close());
  return proxy;
}

const TICKER = '/api/v1/ticker?symbol=SOL_USDC';
const TRADES = '/api/v1/trades?symbol=SOL_USDC&limit=1000';
const HISTORY = '/api/v1/trades/history?symbol=SOL_USDC&limit=1000';
const DEPTH = '/api/v1/depth?symbol=SOL_USDC';

test('a database that lags delays a gateway, and leaves trading whole, and tickers short until it has caught up', async (context) => {
  const proxy = await openProxy(context);
  const { venue, traders } = await open(context, { writer: proxy.through(server.url) });
  const random = new Random(3);
  await trade(venue, traders, random, 200);
  await venue.settle();
  const written = (await done(venue.get(TRADES))) as unknown as Json[];
  proxy.rules = { toServer: () => false };
  await trade(venue, traders, random, 100);
  const [ticker, trades, depth] = (await Promise.all([TICKER, TRADES, DEPTH].map(bodyOf))) as [
    Json,
    Json,
    Json,
  ];
  const nowSeconds = Math.floor(Date.now() / 1000);
  const klines = `/api/v1/klines?symbol=SOL_USDC&interval=1month&startTime=${nowSeconds}`;
  const candles = await bodyOf(klines);
  const [{ trades: tradesOfMonth }] = candles as unknown as [Json];
  assert.equal(tradesOfMonth, ticker.trades, 'a running candle has what the database has not');

  await venue.restartGateway();
  assert.match(venue.lines.join('\n'), /database lags behind/);
  const now = await bodyOf(TICKER);
  assert.deepEqual([now.lastPrice, now.trades], [ticker.lastPrice, String(written.length)]);
  assert.deepEqual((await bodyOf(DEPTH)).bids, depth.bids);
  // No trade is shown whose predecessors might be missing.
  assert.deepEqual(await bodyOf(TRADES), []);
  const { status, body } = await venue.get(klines);
  assert.deepEqual([status, body.code], [503, 'HISTORY_UNAVAILABLE']);
  proxy.rules = {};
  await venue.settle();
  await until('what lagged is learnt', () =>
    venue.lines.some((line) => line.includes('caught up')),
  );
  assert.deepEqual(await Promise.all([TICKER, TRADES, klines].map(bodyOf)), [
    ...[ticker, trades, candles],
  ]);
  assert.deepEqual(await bodyOf(HISTORY), trades);
  await trade(venue, traders, random, 50);
  const history = (await bodyOf(HISTORY)) as unknown as Json[];
  assert.deepEqual(history.slice(-(trades as unknown as Json[]).length), trades);
  assert.ok(history.length > (trades as unknown as Json[]).length);

  function bodyOf(path: string): Promise<Json> {
    return done(venue.get(path));
  }
});

test('a gateway starts without a database that cannot be read', async (context) => {
  const proxy = await openProxy(context);
  const { venue, traders } = await open(context, { queries: proxy.through(server.url) });
  await trade(venue, traders, new Random(4), 200);
  await venue.settle();
  const before = await Promise.all([TICKER, TRADES, DEPTH].map((path) => done(venue.get(path))));
  proxy.rules = { toServer: () => false };
  await venue.restartGateway();
  assert.match(venue.lines.join('\n'), /begin empty/);
  const [ticker, trades, depth] = await Promise.all(
    [TICKER, TRADES, DEPTH].map((path) => done(venue.get(path))),
  );
  assert.deepEqual([ticker!.lastPrice, ticker!.volume], [before[0]!.lastPrice, '0']);
  assert.deepEqual(trades, []);
  assert.deepEqual([depth!.bids, depth!.lastUpdateId], [before[2]!.bids, before[2]!.lastUpdateId]);
  proxy.rules = {};
  assert.deepEqual(await done(venue.get(HISTORY)), before[1]);
});
