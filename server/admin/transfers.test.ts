import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { QueryBalances } from '../../engine/protocol/commands.ts';
import { BalanceSnapshot } from '../../engine/protocol/events.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import { TestVenue } from '../orders/venue.fixture.ts';
import { AccountDirectory } from '../registry/account-directory.ts';
import { askShards, partsOf } from './shard-request.ts';
import { transferRoutes } from './transfers.ts';

const SHARDS = 2;
/** Of every trader's funds, see `TestVenue.addTrader`. */
const SOL_FUNDS = 1_000;
let venue: TestVenue;
const accounts = new AccountDirectory();
before(async () => {
  venue = await TestVenue.open(SHARDS);
});
after(() => venue.close());

async function newAccount(): Promise<number> {
  const { accountId } = await venue.addTrader();
  accounts.add(accountId, `trader ${accountId}`);
  return accountId;
}

async function transfer(body: object): Promise<unknown> {
  const routes = transferRoutes(venue.engine, venue.registry, accounts);
  const route = routes.find(({ path }) => path === '/admin/transfers')!;
  const request = { method: 'post', path: route.path, query: '', header: () => '' } as const;
  const reply = await route.handle(
    { ...request, body: JSON.stringify(body), remoteAddress: '', receivedUs: 0 },
    {},
  );
  return JSON.parse(reply.body);
}

async function solOf(accountId: number): Promise<number> {
  const shard = homeShardOfAccount(accountId, SHARDS);
  const parts = await askShards(venue.engine, QueryBalances, { requestId: 0, accountId }, shard);
  const balance = partsOf(parts, BalanceSnapshot).find(({ assetId }) => assetId === 1)!;
  return balance.availableUnits / 1e9;
}

/** The receiving side is told by its own shard: a moment later when that is another one. */
async function untilSol(accountId: number, quantity: number): Promise<void> {
  while ((await solOf(accountId)) < quantity) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await solOf(accountId), quantity);
}

test('what is available moves to an account of the same shard, or of another, once', async () => {
  const from = await newAccount();
  const others = [await newAccount(), await newAccount()];
  assert.deepEqual(new Set(others.map((id) => (id - from) % SHARDS)).size, 2);
  let left = SOL_FUNDS;
  for (const [index, to] of others.entries()) {
    const body = { id: `to ${index}`, fromAccountId: from, toAccountId: to, asset: 'SOL' };
    left -= 250.5;
    const moved = { asset: 'SOL', available: String(left), locked: '0' };
    assert.deepEqual(await transfer({ ...body, quantity: '250.5' }), moved);
    assert.deepEqual(await transfer({ ...body, quantity: '250.5' }), moved, 'the first answer');
    await untilSol(to, SOL_FUNDS + 250.5);
    assert.equal(await solOf(from), left);
    const conflict = { status: 409, code: 'ALREADY_EXISTS' };
    await assert.rejects(transfer({ ...body, quantity: '1' }), conflict);
    const elsewhere = { ...body, toAccountId: others[1 - index], quantity: '250.5' };
    await assert.rejects(transfer(elsewhere), conflict);
  }
  // The same id of another account is another transfer.
  const back = { id: 'to 0', fromAccountId: others[0], toAccountId: from, asset: 'SOL' };
  await transfer({ ...back, quantity: '0.5' });
  await untilSol(from, left + 0.5);
});

test('a transfer that cannot be is refused and moves nothing', async () => {
  const from = await newAccount();
  const to = await newAccount();
  const body = { id: 'x', fromAccountId: from, toAccountId: to, asset: 'SOL', quantity: '1' };
  for (const [change, status, code] of [
    [{ quantity: '1000.000000001' }, 400, 'INSUFFICIENT_FUNDS'],
    [{ toAccountId: 999 }, 404, 'RESOURCE_NOT_FOUND'],
    [{ fromAccountId: 999 }, 404, 'RESOURCE_NOT_FOUND'],
    [{ toAccountId: from }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ toAccountId: `${to}` }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ asset: 'GOLD' }, 400, 'INVALID_ASSET'],
    [{ quantity: '0' }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ quantity: '-1' }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ id: '' }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ id: 'two\nlines' }, 400, 'INVALID_CLIENT_REQUEST'],
  ] as const) {
    await assert.rejects(
      transfer({ ...body, ...change }),
      { status, code },
      JSON.stringify(change),
    );
  }
  assert.deepEqual([await solOf(from), await solOf(to)], [SOL_FUNDS, SOL_FUNDS]);
});
