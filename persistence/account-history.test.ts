import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type HistoryPage, type HistoryRange, WHOLE_HISTORY } from './account-history.ts';
import { HISTORY_COUNTS } from './history-counts.ts';
import { ProjectionQueries } from './queries.ts';
import { Random } from './testing/random.ts';
import { RandomHistory } from './testing/random-history.ts';
import { useTestServer } from './testing/test-server.ts';
import { startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();
const ACCOUNTS = 12;
const MARKETS = 4;
/** As many as orders are called by, and one that none is. */
const CLIENT_IDS = 21;
const RANGES = 600;
/** So that the events are of a year. */
const LONGEST_PAUSE_US = 4e11;

async function startQueries(context: TestContext): Promise<ProjectionQueries> {
  const venue = await startVenue(context, server, { shardCount: 2 });
  const history = new RandomHistory(venue.feed, 5, LONGEST_PAUSE_US);
  for (let part = 0; part < 8; part++) {
    history.record(400);
    await venue.feed.flush();
  }
  await untilCommitted(venue);
  const queries = new ProjectionQueries(server.url);
  context.after(() => queries.close());
  return queries;
}

type Item = Record<string, unknown>;

interface StoredRow {
  readonly account: number;
  readonly market: number;
  readonly order: number;
  readonly client: number | null;
  /** What names the row among all. */
  readonly name: string;
  readonly timeUs: number;
}

const COLUMNS = `account_id::float8 as account, market_id::float8 as market, order_id::float8 as order,
  client_id::float8 as client`;
const STORED = {
  orders: `select ${COLUMNS}, order_id::text as name,
      (extract(epoch from created_at) * 1000000)::float8 as "timeUs"
    from orders order by created_at, order_id`,
  fills: `select ${COLUMNS}, order_id || '/' || trade_id as name,
      (extract(epoch from filled_at) * 1000000)::float8 as "timeUs"
    from fills order by filled_at, trade_id, market_id, order_id`,
};

interface NamedPage {
  readonly rows: readonly string[];
  readonly total: number;
}

/** The page of a range, by filtering all that is stored. */
function naivePage(stored: readonly StoredRow[], range: HistoryRange): NamedPage {
  const { accountId, marketId, orderId, clientId, fromUs, toUs, isAscending } = range;
  const { limit, offset } = range;
  const matching = stored.filter(
    ({ account, market, order, client, timeUs }) =>
      account === accountId &&
      (marketId === null || market === marketId) &&
      (orderId === null || order === orderId) &&
      (clientId === null || client === clientId) &&
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
    clientId: sometimes(row.client ?? random.below(CLIENT_IDS), 3),
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
      const { items, total } = await accountHistory[table](range);
      const rows = JSON.parse(items).map(({ id, orderId, tradeId }: Item) =>
        table === 'orders' ? id : `${orderId}/${tradeId}`,
      );
      const found = { rows, total };
      assert.deepEqual(found, naivePage(stored, range), JSON.stringify({ table, range }));
    }
  }
});

test('the kept totals are those of the rows', async (context) => {
  await startQueries(context);
  const kept =
    await server.query(`select account_id, market_id, month, sum(orders)::bigint as orders,
    sum(fills)::bigint as fills from ${HISTORY_COUNTS} group by 1, 2, 3 order by 1, 2, 3`);
  assert.ok(kept.length > ACCOUNTS * MARKETS * 6);
  const counted = await server.query(`select account_id, market_id, month,
      sum(orders)::bigint as orders, sum(fills)::bigint as fills from (
        select account_id, market_id, date_trunc('month', created_at) as month, 1 as orders, 0 as fills from orders
        union all select account_id, market_id, date_trunc('month', filled_at), 0, 1 from fills) as rows
    group by 1, 2, 3 order by 1, 2, 3`);
  assert.deepEqual(kept, counted);
});

/** A page with its items read. */
function readItems({ items, total }: HistoryPage): { items: Item[]; total: number } {
  return { items: JSON.parse(items), total };
}

const RANGE: HistoryRange = { ...WHOLE_HISTORY, accountId: 1, limit: 10 };

test('deposits and withdrawals have one numbering, and withdrawals further names', async (context) => {
  const { accountHistory } = await startQueries(context);
  await server.query('delete from transfers');
  await server.query(`insert into transfers (account_id, kind, transfer_id, asset_id, amount, moved_at,
      transfer_number, client_id)
    select 1, 'Deposit', 'd' || n, 1, n + 0.50, '2026-01-01'::timestamptz + n * interval '1 millisecond', n, null
      from generate_series(1, 30) as n
    union all select 1, 'Withdrawal', 'w', 2, 7, '2026-01-02', 31, 'mine'
    union all select 1, 'Withdrawal', 'v', 2, 8, '2026-01-02', 32, null
    union all select 2, 'Deposit', 'd', 2, 8, '2025-01-02', 1, null`);
  const paged = await accountHistory.deposits({ ...RANGE, isAscending: true, offset: 28 });
  const last = readItems(paged).items.map(({ id, quantity, createdAt }) => [
    id,
    quantity,
    createdAt,
  ]);
  assert.deepEqual(last, [
    [29, '29.5', '2026-01-01T00:00:00.029'],
    [30, '30.5', '2026-01-01T00:00:00.030'],
  ]);
  assert.equal(paged.total, 30);
  const startUs = Date.UTC(2026, 0, 1) * 1000;
  const some = { fromUs: startUs + 3000, toUs: startUs + 6000, limit: 2 };
  const { items, total } = readItems(await accountHistory.deposits({ ...RANGE, ...some }));
  assert.deepEqual([items.map(({ id }) => id), total], [[5, 4], 3]);
  const named = async (name?: Parameters<typeof accountHistory.withdrawals>[1]) => {
    return readItems(await accountHistory.withdrawals(RANGE, name)).items.map(({ id }) => id);
  };
  assert.deepEqual(await named(), [32, 31]);
  assert.deepEqual(await named({ clientId: 'mine' }), [31]);
  assert.deepEqual(await named({ transferId: 'v' }), [32]);
  assert.deepEqual(await named({ number: 31 }), [31]);
  assert.deepEqual(await named({ number: 31, clientId: 'x' }), []);
  assert.deepEqual(await named({ number: 30 }), [], 'a deposit');
});

test('amounts are exact and without trailing zeros, however large or small', async (context) => {
  const { accountHistory } = await startQueries(context);
  await server.query(`insert into orders (order_id, account_id, market_id, client_id, side, order_type,
      time_in_force, post_only, self_trade_prevention, status, price, quantity, executed_quantity,
      executed_quote_quantity, created_at, updated_at, trigger_price, triggered_at)
    values (6400000, 99, 1, 7, 'Bid', 'Limit', 'GTC', true, 'Allow', 'Filled', 0.000000010, 9007199254740991.00,
      90071992547409910, 90071992.54740991, '2026-01-01 00:00:00.999999', now(), 11, now())`);
  await server.query(`insert into fills (market_id, trade_id, order_id, account_id, client_id, side, price,
      quantity, quote_quantity, fee, fee_asset_id, is_maker, filled_at)
    values (1, 9007199254740991, 6400000, 99, 7, 'Bid', 100, 0.000, 21.0, 0.0000000100, 2, true,
      '2026-01-01 00:00:02')`);
  const range = { ...RANGE, accountId: 99, orderId: 6_400_000 };
  const [order] = readItems(await accountHistory.orders(range)).items;
  const { price, quantity, quoteQuantity, executedQuantity, triggerPrice, createdAt } = order!;
  assert.deepEqual(
    { price, quantity, quoteQuantity, executedQuantity, triggerPrice, createdAt },
    {
      price: '0.00000001',
      quantity: '9007199254740991',
      quoteQuantity: '90071992.54740991',
      executedQuantity: '90071992547409910',
      triggerPrice: '11',
      createdAt: '2026-01-01T00:00:00.999',
    },
  );
  const [fill] = readItems(await accountHistory.fills(range)).items;
  assert.deepEqual(
    [fill!.price, fill!.quantity, fill!.fee, fill!.tradeId],
    ['100', '0', '0.00000001', Number.MAX_SAFE_INTEGER],
  );
});
