import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { useTestServer } from '../../persistence/testing/test-server.ts';
import { done, type RestartingVenue } from '../recovery/restarting-venue.fixture.ts';
import { openTrading } from '../recovery/trading-venue.fixture.ts';
import { type Item, pagingOf, SignedClient } from './signed-client.fixture.ts';

const server = useTestServer();
const DEPOSITS = ['GET', '/wapi/v1/capital/deposits', 'depositQueryAll'] as const;
const WITHDRAWALS = ['GET', '/wapi/v1/capital/withdrawals', 'withdrawalQueryAll'] as const;
const WITHDRAW = ['POST', '/wapi/v1/capital/withdrawals', 'withdraw'] as const;
const ADDRESS = ['GET', '/wapi/v1/capital/deposit/address', 'depositAddressQuery'] as const;
const NAIVE_ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/;

interface Opened {
  readonly venue: RestartingVenue;
  readonly one: SignedClient;
  readonly two: SignedClient;
}

async function open(context: TestContext): Promise<Opened> {
  const { venue, traders } = await openTrading(context, server);
  const [one, two] = traders.map((trader) => new SignedClient(venue, trader));
  return { venue, one: one!, two: two! };
}

/** A withdrawal of 1.5 SOL, as ccxt sends it. */
const REQUEST = {
  address: 'addr/with:odd chars',
  blockchain: 'Solana',
  quantity: '1.5',
  symbol: 'SOL',
};

const WITHDRAWAL = {
  accountIdentifier: null,
  bankIdentifier: null,
  bankName: null,
  blockchain: 'Solana',
  clientId: null,
  fee: '0',
  fiatFee: null,
  fiatState: null,
  fiatSymbol: null,
  identifier: null,
  isInternal: false,
  providerId: null,
  quantity: '1.5',
  status: 'confirmed',
  subaccountId: null,
  symbol: 'SOL',
  toAddress: 'addr/with:odd chars',
  transactionHash: null,
  triggerAt: null,
};

function withoutTime({ createdAt, ...item }: Item): Item {
  assert.match(String(createdAt), NAIVE_ISO);
  return item;
}

async function available(client: SignedClient, asset: string): Promise<string> {
  const capital = await client.done<Record<string, { available: string }>>(
    ...(['GET', '/api/v1/capital', 'balanceQuery'] as const),
  );
  return capital[asset]!.available;
}

test('deposits are those of the operator, newest first, in pages', async (context) => {
  const { one } = await open(context);
  const reply = await one.send<Item[]>(...DEPOSITS, 'limit=2&excludePlatform=true');
  const common = {
    fiatAmount: null,
    fiatCurrency: null,
    fromAddress: null,
    institutionBic: null,
    platformMemo: null,
    quantity: '10000000',
    source: 'administrator',
    status: 'confirmed',
    toAddress: null,
    transactionHash: null,
  };
  assert.deepEqual(reply.body.map(withoutTime), [
    { ...common, id: 3, symbol: 'USDC' },
    { ...common, id: 2, symbol: 'BTC' },
  ]);
  assert.deepEqual(pagingOf(reply), ['2', '1', '2', '3']);
  const rest = await one.done<Item[]>(...DEPOSITS, 'limit=2&offset=2');
  assert.deepEqual(
    rest.map(({ id, symbol }) => [id, symbol]),
    [[1, 'SOL']],
  );
  const [last] = reply.body;
  const lastMs = Date.parse(`${last!.createdAt}Z`);
  assert.deepEqual(await one.done(...DEPOSITS, `from=${lastMs + 1}`), []);
  assert.equal((await one.done<Item[]>(...DEPOSITS, `from=0&to=${lastMs}`)).length, 3);
});

test('a withdrawal takes what is available, and is confirmed with its address at once', async (context) => {
  const { one, venue } = await open(context);
  const made = await one.done(...WITHDRAW, { ...REQUEST, twoFactorToken: 'x', autoBorrow: false });
  assert.deepEqual(withoutTime(made), { ...WITHDRAWAL, id: 4 });
  assert.equal(await available(one, 'SOL'), '9999998.5');
  assert.deepEqual(await one.done(...WITHDRAWALS), [made]);
  const path = `/admin/accounts/${one.trader.accountId}/withdrawals`;
  await done(venue.admin('POST', path, { id: 'a', asset: 'SOL', quantity: '2' }));
  const [operators] = await one.done<Item[]>(...WITHDRAWALS, 'limit=1');
  assert.deepEqual(withoutTime(operators!), {
    ...{ ...WITHDRAWAL, id: 5, quantity: '2', blockchain: null, toAddress: null },
  });
  const audit = await done(venue.admin('GET', '/admin/audit'));
  assert.equal(audit.balanced, true);
});

test('what the operator moves between accounts is in the records of both', async (context) => {
  const { one, two, venue } = await open(context);
  const { accountId: fromAccountId } = one.trader;
  const { accountId: toAccountId } = two.trader;
  const move = { id: 'a', fromAccountId, toAccountId, asset: 'SOL', quantity: '2.5' };
  await done(venue.admin('POST', '/admin/transfers', move));
  const [out] = await one.done<Item[]>(...WITHDRAWALS);
  assert.deepEqual(withoutTime(out!), {
    ...{ ...WITHDRAWAL, id: 4, quantity: '2.5', blockchain: null, isInternal: true },
    toAddress: String(toAccountId),
  });
  const [into] = await two.done<Item[]>(...DEPOSITS, 'limit=1');
  const { id, source, fromAddress, quantity, symbol } = into!;
  const sender = String(fromAccountId);
  assert.deepEqual(
    [id, source, fromAddress, quantity, symbol],
    [4, 'internal', sender, '2.5', 'SOL'],
  );
  assert.equal((await one.done<Item[]>(...DEPOSITS)).length, 3);
  assert.deepEqual(await two.done(...WITHDRAWALS), []);
});

test('a withdrawal with a client id is made once, and only as it was', async (context) => {
  const { one, two } = await open(context);
  const request = { ...REQUEST, clientId: 'mine' };
  const [made, ...repeated] = await Promise.all(
    [1, 2, 3].map(() => one.done(...WITHDRAW, request)),
  );
  assert.deepEqual(withoutTime(made!), { ...WITHDRAWAL, id: 4, clientId: 'mine' });
  assert.deepEqual(repeated, [made, made]);
  assert.equal(await available(one, 'SOL'), '9999998.5');
  for (const change of [
    { quantity: '1.6' },
    { address: 'b' },
    { blockchain: 'Sui' },
    { symbol: 'BTC' },
  ]) {
    const [status, code] = await one.refusal(...WITHDRAW, { ...request, ...change });
    assert.deepEqual([status, code], [409, 'ALREADY_EXISTS'], JSON.stringify(change));
  }
  assert.equal((await two.done(...WITHDRAW, request)).id, 4, 'of another account');
  const numbered = await one.done(...WITHDRAW, { ...REQUEST, clientId: 4294967295 });
  assert.equal(numbered.clientId, '4294967295');
  const unnamed = await Promise.all([1, 2].map(() => one.done(...WITHDRAW, REQUEST)));
  assert.equal(await available(one, 'SOL'), '9999994');
  const ids = async (query: string): Promise<unknown[]> => {
    return (await one.done<Item[]>(...WITHDRAWALS, query)).map(({ id }) => id);
  };
  assert.deepEqual(await ids(''), [7, 6, 5, 4]);
  assert.deepEqual(await ids('clientId=mine'), [4]);
  assert.deepEqual(await ids(`id=${unnamed[0]!.id}`), [unnamed[0]!.id]);
  assert.deepEqual(await ids('id=1'), [], 'a deposit');
  assert.deepEqual(await ids('limit=1&offset=1'), [6]);
  for (const query of ['clientId=%00', `clientId=${'a'.repeat(129)}`, 'id=x', 'id=2147483648']) {
    assert.equal((await one.refusal(...WITHDRAWALS, query))[1], 'INVALID_CLIENT_REQUEST', query);
  }
});

test('what is locked or not there is not withdrawn, and bad requests move nothing', async (context) => {
  const { one, venue } = await open(context);
  await one.done(...WITHDRAW, { ...REQUEST, quantity: '9999900' });
  await one.place({ side: 'Ask', price: '100', quantity: '99' });
  const refusals: [change: Item, status: number, code: string][] = [
    [{ quantity: '1.00000001' }, 400, 'INSUFFICIENT_FUNDS'],
    [{ quantity: '0' }, 400, 'INVALID_QUANTITY'],
    [{ quantity: '-1' }, 400, 'INVALID_QUANTITY'],
    [{ quantity: '0.000000001' }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ quantity: undefined }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ symbol: 'XYZ' }, 400, 'INVALID_ASSET'],
    [{ symbol: undefined }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ blockchain: 'Moon' }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ blockchain: undefined }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ address: '' }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ address: 'a\nb' }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ address: 'a'.repeat(257) }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ clientId: 'a\nb' }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ clientId: 'a'.repeat(129) }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ clientId: { a: 1 } }, 400, 'INVALID_CLIENT_REQUEST'],
  ];
  for (const [change, status, code] of refusals) {
    const refusal = await one.refusal(...WITHDRAW, { ...REQUEST, quantity: '1', ...change });
    assert.deepEqual(refusal.slice(0, 2), [status, code], JSON.stringify(change));
  }
  assert.equal(await available(one, 'SOL'), '1');
  const longest = { address: 'ü'.repeat(256), clientId: 'ü'.repeat(128), quantity: '1' };
  assert.equal(
    (await one.done(...WITHDRAW, { ...REQUEST, ...longest })).toAddress,
    longest.address,
  );
  assert.equal(await available(one, 'SOL'), '0');
  const path = `/admin/accounts/${one.trader.accountId}/withdrawals`;
  const { status } = await venue.admin('POST', path, {
    id: 'request:1',
    asset: 'SOL',
    quantity: '1',
  });
  assert.equal(status, 400, 'the operator keeps out of the ids of requests');
});

test('from an account that the kill switch has stopped only the operator takes money', async (context) => {
  const { one, two, venue } = await open(context);
  const { accountId } = one.trader;
  const kill = (fields: Item) => done(venue.admin('POST', '/admin/kill', fields));
  const latch = { scope: 'account', target: accountId };
  const request = { ...REQUEST, clientId: 'mine' };
  await one.done(...WITHDRAW, request);
  await kill({ ...latch, active: true });
  const stopped = [403, 'ACCOUNT_DEACTIVATED'];
  for (const asked of [REQUEST, request]) {
    assert.deepEqual((await one.refusal(...WITHDRAW, asked)).slice(0, 2), stopped);
  }
  await venue.restartGateway();
  assert.deepEqual((await one.refusal(...WITHDRAW, REQUEST)).slice(0, 2), stopped);
  assert.equal(await available(one, 'SOL'), '9999998.5');
  assert.equal((await one.done<Item[]>(...WITHDRAWALS)).length, 1);

  const path = `/admin/accounts/${accountId}`;
  const amount = { asset: 'SOL', quantity: '1' };
  await done(venue.admin('POST', `${path}/withdrawals`, { id: 'a', ...amount }));
  await done(venue.admin('POST', `${path}/deposits`, { id: 'b', ...amount }));
  const accounts = { fromAccountId: accountId, toAccountId: two.trader.accountId };
  await done(venue.admin('POST', '/admin/transfers', { id: 'c', ...accounts, ...amount }));
  assert.equal(await available(one, 'SOL'), '9999997.5');

  await kill({ ...latch, active: false });
  for (const latched of [{ scope: 'venue' }, { scope: 'market', target: 'SOL_USDC' }]) {
    await kill({ ...latched, active: true });
  }
  assert.equal((await one.done(...WITHDRAW, REQUEST)).quantity, '1.5');
});

test('a venue that stops makes no withdrawal, and says why before anything else', async (context) => {
  const { one, venue } = await open(context);
  venue.gateway.orders.refuseOrders();
  for (const asked of [REQUEST, {}]) {
    const refusal = await one.refusal(...WITHDRAW, asked);
    assert.deepEqual(refusal.slice(0, 2), [503, 'SHUTTING_DOWN']);
  }
});

test('the deposit address is the account’s own, and no chain’s', async (context) => {
  const { one, two } = await open(context);
  const address = async (client: SignedClient, blockchain: string): Promise<unknown> => {
    const answer = await client.done(...ADDRESS, `blockchain=${blockchain}`);
    assert.deepEqual(Object.keys(answer), ['address']);
    return answer.address;
  };
  const first = await address(one, 'Solana');
  assert.equal(await address(one, 'Solana'), first);
  assert.match(String(first), /^ringside-/);
  assert.notEqual(await address(two, 'Solana'), first);
  assert.notEqual(await address(one, 'Ethereum'), first);
  for (const query of ['', 'blockchain=Moon']) {
    assert.equal((await one.refusal(...ADDRESS, query))[1], 'INVALID_CLIENT_REQUEST');
  }
});

test('transfers keep their ids over a restart of the gateway', async (context) => {
  const { one, venue } = await open(context);
  const request = { ...REQUEST, clientId: 'mine' };
  const made = await one.done(...WITHDRAW, request);
  await venue.restartGateway();
  assert.deepEqual(await one.done(...WITHDRAW, request), made);
  assert.deepEqual(await one.done(...WITHDRAWALS), [made]);
});
