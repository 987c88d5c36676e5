import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { HistoryPage, HistoryRange } from './account-history.ts';
import { ProjectionQueries } from './queries.ts';
import { Random } from './testing/random.ts';
import { RandomHistory } from './testing/random-history.ts';
import { useTestServer } from './testing/test-server.ts';
import { startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();
const ACCOUNTS = 12;
const MARKETS = 4;
const RANGES = 400;

async function startQueries(context: TestContext): Promise<ProjectionQueries> {
  const venue = await startVenue(context, server, { shardCount: 2 });
  const history = new RandomHistory(venue.feed, 5);
  for (let part = 0; part < 8; part++) {
    history.record(400);
    await venue.feed.flush();
  }
  await untilCommitted(venue);
  const queries = new ProjectionQueries(server.url);
  context.after(() => queries.close());
  return queries;
}

interface StoredRow {
  readonly account: number;
  readonly market: number;
  readonly order: number;
  /** What names the row among all. */
  readonly name: string;
  readonly timeUs: number;
}

const STORED = {
  orders: `select account_id::float8 as account, market_id::float8 as market, order_id::float8 as order,
      order_id::text as name, (extract(epoch from created_at) * 1000000)::float8 as "timeUs"
    from orders order by created_at, order_id`,
  fills: `select account_id::float8 as account, market_id::float8 as market, order_id::float8 as order,
      order_id || '/' || trade_id as name, (extract(epoch from filled_at) * 1000000)::float8 as "timeUs"
    from fills order by filled_at, trade_id, market_id, order_id`,
};

/** The page of a range, by filtering all that is stored. */
function naivePage(stored: readonly StoredRow[], range: HistoryRange): HistoryPage<string> {
  const { accountId, marketId, orderId, fromUs, toUs, isAscending, limit, offset } = range;
  const matching = stored.filter(
    ({ account, market, order, timeUs }) =>
      account === accountId &&
      (marketId === null || market === marketId) &&
      (orderId === null || order === orderId) &&
      (fromUs === null || timeUs >= fromUs) &&
      (toUs === null || timeUs < toUs),
  );
  const sorted = isAscending ? matching : matching.toReversed();
  const rows = sorted.slice(offset, offset + limit).map(({ name }) => name);
  return { rows, total: matching.length };
}

/** With each filter now and then; its times are those of rows, or one microsecond beside them. */
function randomRange(random: Random, stored: readonly StoredRow[]): HistoryRange {
  const row = stored[random.below(stored.length)]!;
  const time = () => stored[random.below(stored.length)]!.timeUs + random.below(3) - 1;
  const sometimes = (value: number, outOf: number) => (random.below(outOf) === 0 ? value : null);
  return {
    accountId: random.below(8) === 0 ? 1 + random.below(ACCOUNTS) : row.account,
    marketId: sometimes(1 + random.below(MARKETS), 3),
    orderId: sometimes(row.order, 6),
    fromUs: sometimes(time(), 2),
    toUs: sometimes(time(), 2),
    isAscending: random.below(2) === 0,
    limit: random.below(60),
    offset: random.below(3) === 0 ? 0 : random.below(200),
  };
}

test('every page of orders and fills is what filtering all of them gives', async (context) => {
  const { accountHistory } = await startQueries(context);
  const random = new Random(1);
  for (const table of ['orders', 'fills'] as const) {
    const stored = (await server.query(STORED[table])) as unknown as StoredRow[];
    assert.ok(stored.length > 500);
    for (let index = 0; index < RANGES; index++) {
      const range = randomRange(random, stored);
      const name = (row: object): string => {
        const { orderId, tradeId } = row as { orderId: number; tradeId?: number };
        return tradeId === undefined ? String(orderId) : `${orderId}/${tradeId}`;
      };
      const { rows, total } = await accountHistory[table](range);
      const found = { rows: rows.map(name), total };
      assert.deepEqual(found, naivePage(stored, range), JSON.stringify({ table, range }));
    }
  }
});

const EVERYTHING: HistoryRange = {
  ...{ accountId: 1, marketId: null, orderId: null, fromUs: null, toUs: null },
  ...{ isAscending: true, limit: 10, offset: 0 },
};

test('deposits and withdrawals are numbered by time, each kind for itself', async (context) => {
  const { accountHistory } = await startQueries(context);
  await server.query('delete from transfers');
  await server.query(`insert into transfers (account_id, kind, transfer_id, asset_id, amount, moved_at)
    select 1, 'Deposit', 'd' || n, 1, n + 0.50, '2026-01-01'::timestamptz + n * interval '1 microsecond'
      from generate_series(1, 30) as n
    union all select 1, 'Withdrawal', 'w', 2, 7, '2026-01-02'
    union all select 2, 'Deposit', 'd', 2, 8, '2025-01-02'`);
  const deposits = await accountHistory.transfers({ ...EVERYTHING, offset: 28 }, 'Deposit');
  const startUs = Date.UTC(2026, 0, 1) * 1000;
  assert.deepEqual(deposits, {
    rows: [
      { number: 29, transferId: 'd29', assetId: 1, quantity: '29.5', timeUs: startUs + 29 },
      { number: 30, transferId: 'd30', assetId: 1, quantity: '30.5', timeUs: startUs + 30 },
    ],
    total: 30,
  });
  const some = { fromUs: startUs + 3, toUs: startUs + 6, isAscending: false, limit: 2 };
  const { rows, total } = await accountHistory.transfers({ ...EVERYTHING, ...some }, 'Deposit');
  assert.deepEqual([rows.map(({ number }) => number), total], [[5, 4], 3]);
  const withdrawals = await accountHistory.transfers(EVERYTHING, 'Withdrawal');
  assert.deepEqual([withdrawals.rows.map(({ number }) => number), withdrawals.total], [[1], 1]);
});

test('an order and its fills are told with all that is known of them', async (context) => {
  const { accountHistory } = await startQueries(context);
  await server.query(`insert into orders (order_id, account_id, market_id, client_id, side, order_type,
      time_in_force, post_only, self_trade_prevention, status, price, quantity, executed_quantity,
      executed_quote_quantity, created_at, updated_at, trigger_price, triggered_at)
    values (6400000, 99, 1, 7, 'Bid', 'Limit', 'GTC', true, 'Allow', 'Filled', 10.50, 2.000, 2.000, 21.0,
      '2026-01-01 00:00:00.000001', '2026-01-01 00:00:02', 11, '2026-01-01 00:00:01')`);
  await server.query(`insert into fills (market_id, trade_id, order_id, account_id, client_id, side, price,
      quantity, quote_quantity, fee, fee_asset_id, is_maker, filled_at)
    values (1, 9, 6400000, 99, 7, 'Bid', 10.50, 2.000, 21.0, 0.0100, 2, true, '2026-01-01 00:00:02')`);
  const startUs = Date.UTC(2026, 0, 1) * 1000;
  const range = { ...EVERYTHING, accountId: 99, orderId: 6_400_000 };
  assert.deepEqual((await accountHistory.orders(range)).rows, [
    {
      ...{ orderId: 6_400_000, marketId: 1, clientId: 7, side: 'Bid', orderType: 'Limit' },
      ...{ timeInForce: 'GTC', postOnly: true, selfTradePrevention: 'Allow', status: 'Filled' },
      ...{ expiryReason: null, rejectReason: null, price: '10.5', quantity: '2' },
      ...{ quoteQuantity: null, executedQuantity: '2', executedQuoteQuantity: '21' },
      ...{ triggerPrice: '11', triggeredAtUs: startUs + 1e6, createdAtUs: startUs + 1 },
      updatedAtUs: startUs + 2e6,
    },
  ]);
  assert.deepEqual((await accountHistory.fills(range)).rows, [
    {
      ...{ tradeId: 9, orderId: 6_400_000, marketId: 1, clientId: 7, side: 'Bid', price: '10.5' },
      ...{ quantity: '2', quoteQuantity: '21', fee: '0.01', feeAssetId: 2, isMaker: true },
      timeUs: startUs + 2e6,
    },
  ]);
});
