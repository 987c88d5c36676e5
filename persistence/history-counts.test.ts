import assert from 'node:assert/strict';
import { test } from 'node:test';
import type pg from 'pg';
import { inTransaction, withClient } from './database.ts';
import { CountFolding, HISTORY_COUNTS } from './history-counts.ts';
import { resetDatabase } from './migrations.ts';
import { useTestServer } from './testing/test-server.ts';

const server = useTestServer();
const ACCOUNTS = 100;

/** As a batch does that has one order and two fills of each account. */
async function addBatch(client: pg.Client, folding: CountFolding): Promise<void> {
  await inTransaction(client, async () => {
    await client.query(`insert into history_count_batches
      select array_agg(n), array_agg(1 + n % 2), array_agg('2026-11-01'::timestamptz), array_agg(1), array_agg(2)
        from generate_series(1, ${ACCOUNTS}) as n`);
    await folding.follow(client, ACCOUNTS);
  });
}

async function countIn(client: pg.Client, table: string): Promise<number> {
  return (await client.query(`select count(*)::integer as count from ${table}`)).rows[0].count;
}

test('the counts of batches are moved together before there are many, and the totals stay right', async () => {
  await resetDatabase(server.url);
  await withClient(server.url, 'ringside test', async (client) => {
    let folding = await CountFolding.read(client);
    let mostBatches = 0;
    for (let batch = 1; batch <= 200; batch++) {
      await addBatch(client, folding);
      // Another writer goes on where this one stopped.
      if (batch % 30 === 0) folding = await CountFolding.read(client);
      mostBatches = Math.max(mostBatches, await countIn(client, 'history_count_batches'));
      const { rows } = await client.query(`select count(distinct account_id)::integer as accounts,
        sum(orders)::integer as orders, sum(fills)::integer as fills from ${HISTORY_COUNTS}`);
      const orders = batch * ACCOUNTS;
      assert.deepEqual(rows, [{ accounts: ACCOUNTS, orders, fills: orders * 2 }]);
    }
    assert.ok(mostBatches > 10 && mostBatches <= 82, `${mostBatches} batches`);
    assert.equal(await countIn(client, 'history_counts'), ACCOUNTS);
  });
});
