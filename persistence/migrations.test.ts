import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareDatabase, prepareDatabaseAt, ResetRefused, resetDatabase } from './migrations.ts';
import { useTestServer } from './testing/test-server.ts';

const server = useTestServer();

const tablesOf = async (schema: string) => {
  const sql = 'select tablename as name from pg_tables where schemaname = $1 order by 1';
  return (await server.query(sql, [schema])).map((row) => row.name);
};

test('migrations run once, also when several venues start at the same time', async () => {
  await Promise.all([1, 2, 3].map(() => prepareDatabase(server.url)));
  const before = await server.query('select version, applied_at from schema_migrations');
  assert.deepEqual(
    before.map((row) => row.version),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  await server.query(`insert into accounts values (1, 'kept', now())`);
  await prepareDatabase(server.url);
  assert.deepEqual(await server.query('select version, applied_at from schema_migrations'), before);
  assert.equal((await server.query('select * from accounts')).length, 1);
});

test('a projection of before the resumable ones keeps its rows and gets what is computed with', async () => {
  await resetDatabase(server.url);
  await server.query('drop schema ringside cascade');
  await prepareDatabaseAt(server.url, 3);
  await server.query(`insert into assets values (1, 'BTC', 8, now()), (2, 'USDC', 6, now())`);
  await server.query(`insert into markets (market_id, symbol, base_asset_id, quote_asset_id, tick_size,
      step_size, min_price, max_price, min_quantity, max_quantity, maker_fee_bps, taker_fee_bps, state,
      listed_at, updated_at)
    values (1, 'BTC_USDC', 1, 2, 0.05, 0.001, 0.05, 5, 0.001, 7, 8, 10, 'Open', now(), now())`);
  await prepareDatabase(server.url);
  const markets = await server.query(
    'select symbol, base_units_per_lot, quote_units_per_tick_lot from markets',
  );
  assert.deepEqual(markets, [
    { symbol: 'BTC_USDC', base_units_per_lot: '100000', quote_units_per_tick_lot: '50' },
  ]);
  assert.deepEqual(await server.query('select * from refused_events'), []);
});

test('transfers of before are numbered by account, in their order', async () => {
  await resetDatabase(server.url);
  await server.query('drop schema ringside cascade');
  await prepareDatabaseAt(server.url, 7);
  await server.query(`insert into transfers (account_id, kind, transfer_id, asset_id, amount, moved_at)
    values (1, 'Deposit', 'c', 1, 1, '2026-01-03'), (1, 'Withdrawal', 'a', 1, 1, '2026-01-02'),
      (2, 'Deposit', 'b', 1, 1, '2026-01-02'), (1, 'Deposit', 'a', 1, 1, '2026-01-01')`);
  await prepareDatabase(server.url);
  const numbered = `select account_id::integer as account, kind, transfer_id as id,
    transfer_number as number from transfers order by 1, 4`;
  assert.deepEqual(
    (await server.query(numbered)).map((row) => Object.values(row)),
    [
      [1, 'Deposit', 'a', 1],
      [1, 'Withdrawal', 'a', 2],
      [1, 'Deposit', 'c', 3],
      [2, 'Deposit', 'b', 1],
    ],
  );
});

test('a schema of a later build is left alone', async () => {
  await resetDatabase(server.url);
  await server.query(`insert into schema_migrations (version, name) values (99, 'later')`);
  await assert.rejects(prepareDatabase(server.url), /schema version 99/);
});

test('a reset empties the venue’s schema and touches nothing outside of it', async () => {
  await resetDatabase(server.url);
  await server.query('create table public.mine (id integer)');
  await server.query('create schema other');
  await server.query('create table other.accounts (id integer)');
  await server.query(`insert into accounts values (1, 'gone', now()) on conflict do nothing`);
  await resetDatabase(server.url);
  assert.deepEqual(await server.query('select * from accounts'), []);
  assert.deepEqual(await tablesOf('public'), ['mine']);
  assert.deepEqual(await tablesOf('other'), ['accounts']);
  const tables = await tablesOf('ringside');
  assert.ok(tables.includes('trades') && tables.includes('schema_migrations'));
});

test('a reset that would drop somebody else’s view is refused whole', async () => {
  await resetDatabase(server.url);
  await server.query(`insert into accounts values (1, 'kept', now())`);
  await server.query('create view public.names as select name from ringside.accounts');
  await assert.rejects(resetDatabase(server.url), (error) => {
    assert.ok(error instanceof ResetRefused);
    assert.match(error.message, /view public\.names depends on table/);
    return true;
  });
  assert.deepEqual(await server.query('select name from public.names'), [{ name: 'kept' }]);
  await server.query('drop view public.names');
  await resetDatabase(server.url);
  assert.deepEqual(await server.query('select * from accounts'), []);
});
