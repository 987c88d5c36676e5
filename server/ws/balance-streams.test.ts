import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MoveFunds } from '../../engine/protocol/commands.ts';
import { TransferKind } from '../../engine/protocol/enums.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import { until } from '../../persistence/testing/until.ts';
import type { Trader } from '../orders/venue.fixture.ts';
import { SocketVenue, type TestSocket } from './socket.fixture.ts';

const BALANCES = 'account.balanceUpdate';
const ORDERS = 'account.orderUpdate';
const BID = { symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price: '50', quantity: '1' };
const USDC_ASSET_ID = 2;

let venue: SocketVenue;
before(async () => {
  venue = await SocketVenue.open();
});
after(() => venue.close());

/** A socket that is logged in and hears the streams. */
async function listen(trader: Trader, streams: readonly string[], at = venue): Promise<TestSocket> {
  const socket = await at.connect();
  await socket.logIn(trader);
  await subscribe(socket, trader, streams);
  return socket;
}

async function subscribe(
  socket: TestSocket,
  trader: Trader,
  params: readonly string[],
): Promise<void> {
  const signature = trader.signer.frameSignature();
  const reply = await socket.request('SUBSCRIBE', { params, signature });
  assert.equal(reply.error, undefined);
}

async function moveUsdc(
  { accountId }: Trader,
  transferId: string,
  amountUnits: number,
  at = venue,
): Promise<void> {
  const { engine } = at.venue;
  const kind = amountUnits > 0 ? TransferKind.Deposit : TransferKind.Withdrawal;
  const move = { requestId: 0, kind, accountId, transferId, assetId: USDC_ASSET_ID };
  const shard = homeShardOfAccount(accountId, engine.shardCount);
  await engine.request(MoveFunds, { ...move, amountUnits: Math.abs(amountUnits) }, shard);
}

/** Stream, asset or kind, and balance of the events heard up to a small deposit of USDC; without that. */
async function heard(socket: TestSocket, trader: Trader, name: string, at = venue) {
  await moveUsdc(trader, name, 7, at);
  const usdc = (await at.venue.gateway.balances(trader.accountId)).find(({ assetId }) => {
    return assetId === USDC_ASSET_ID;
  })!;
  const events: unknown[][] = [];
  for (;;) {
    const { stream, data } = await socket.frame((frame) => 'data' in frame);
    const { e, a, A, L } = data as Record<string, string>;
    const available = String(usdc.availableUnits / 1e6);
    if (a === 'USDC' && A === available) return events;
    events.push(e === 'balanceUpdate' ? [stream, a, A, L] : [stream, e]);
  }
}

test('a balance is told behind the order that changed it, as the contract has it, to its account only', async () => {
  const trader = await venue.venue.addTrader();
  const stranger = await venue.venue.addTrader();
  const socket = await listen(trader, [ORDERS, BALANCES]);
  const others = await listen(stranger, [ORDERS, BALANCES]);
  await socket.request('order.place', { params: BID });
  const order = await socket.frame((frame) => 'data' in frame);
  assert.equal(order.stream, ORDERS);
  const { data, stream } = await socket.frame((frame) => 'data' in frame);
  assert.equal(stream, BALANCES);
  const { E, T, ...rest } = data as unknown as Record<string, number | string>;
  assert.deepEqual(rest, { A: '999949.975', L: '50.025', S: '0', a: 'USDC', e: 'balanceUpdate' });
  assert.deepEqual([typeof E, T], ['number', (order.data as unknown as { T: number }).T]);
  await socket.request('order.cancelAll', {});
  assert.deepEqual(await heard(socket, trader, 'after the cancel'), [
    [ORDERS, 'orderCancelled'],
    [BALANCES, 'USDC', '1000000', '0'],
  ]);
  assert.deepEqual(await heard(others, stranger, 'of a stranger'), []);
  await Promise.all([socket.close(), others.close()]);
});

test('of one asset only that is told, and what changes nothing is not', async () => {
  const trader = await venue.venue.addTrader();
  const one = await listen(trader, [`${BALANCES}.USDC`]);
  const all = await listen(trader, [BALANCES]);
  await one.request('order.place', { params: { ...BID, clientId: 1 } });
  await one.request('order.place', { params: { ...BID, side: 'Ask', price: '60', clientId: 2 } });
  const asked = { symbol: 'SOL_USDC', clientId: 2 };
  await one.request('order.replace', { params: { ...asked, price: '70' } });
  await one.request('order.place', { params: { ...BID, quantity: '100000' } });
  await moveUsdc(trader, 'withdrawal', -500_000);
  await moveUsdc(trader, 'withdrawal', -500_000);
  await one.request('order.cancelAll', {});
  const usdc = [
    ['USDC', '999949.975', '50.025'],
    ['USDC', '999949.475', '50.025'],
    ['USDC', '999999.5', '0'],
  ];
  assert.deepEqual(
    await heard(one, trader, 'end'),
    usdc.map((event) => [`${BALANCES}.USDC`, ...event]),
  );
  assert.deepEqual(
    await heard(all, trader, 'end'),
    [usdc[0]!, ['SOL', '999', '1'], usdc[1]!, usdc[2]!, ['SOL', '1000', '0']].map((event) => [
      BALANCES,
      ...event,
    ]),
  );
  await Promise.all([one.close(), all.close()]);
});

test('what was told is forgotten with the last listener, and with none of the others', async () => {
  const trader = await venue.venue.addTrader();
  const [first, second] = [await listen(trader, [BALANCES]), await listen(trader, [BALANCES])];
  await moveUsdc(trader, 'there', 5_000_000);
  const told = [BALANCES, 'USDC', '1000005', '0'];
  assert.deepEqual(await heard(first, trader, '1'), [told]);
  // Nobody has to sign for hearing less.
  await first.request('UNSUBSCRIBE', { params: [BALANCES] });
  await moveUsdc(trader, 'back', -1_000_000);
  assert.deepEqual(await heard(second, trader, '2'), [
    told,
    [BALANCES, 'USDC', '1000005.000007', '0'],
    [BALANCES, 'USDC', '1000004.000007', '0'],
  ]);
  assert.equal(first.frames.length, 0);
  await second.close();
  await moveUsdc(trader, 'unheard', 3_000_000);
  await subscribe(first, trader, [BALANCES]);
  // The balance that was told last before is news again.
  await moveUsdc(trader, 'unheard and back', -3_000_000);
  assert.deepEqual(await heard(first, trader, '3'), [[BALANCES, 'USDC', '1000004.000014', '0']]);
  await first.request('session.logout', {});
  await moveUsdc(trader, 'after the logout', 1_000_000);
  assert.equal((await first.request('session.status', {})).status, 200);
  assert.equal(first.frames.length, 0);
  await first.close();
});

test('a key that is revoked takes the stream with it', async () => {
  const trader = await venue.venue.addTrader();
  const socket = await listen(trader, [BALANCES, `${BALANCES}.USDC`]);
  await venue.venue.revokeKey(trader);
  await moveUsdc(trader, 'unheard', 1_000_000);
  assert.deepEqual(await socket.closed, { code: 1008, reason: 'API key revoked' });
  assert.equal(socket.frames.length, 0);
});

test('what another shard refuses is unlocked again in what is told', async (context) => {
  const two = await SocketVenue.open(2);
  context.after(() => two.close());
  await two.venue.addTrader();
  const [maker, trader] = [await two.venue.addTrader(), await two.venue.addTrader()];
  const [owned, remote] = ['SOL_USDC', 'ETH_USDC'];
  assert.equal(homeShardOfAccount(trader.accountId, 2), 1);
  const makes = await listen(maker, [], two);
  const resting = { ...BID, side: 'Ask', price: '60' };
  await makes.request('order.place', { params: { ...resting, symbol: remote } });
  const socket = await listen(trader, [BALANCES], two);
  for (let round = 0; round < 20; round++) {
    const taking = { ...BID, symbol: remote, price: '60', postOnly: true };
    const placed = await socket.request('order.batch', {
      params: [taking, { ...BID, symbol: owned }],
    });
    const [refused, taken] = placed.result as unknown as { code?: string; operation: string }[];
    assert.deepEqual([refused!.code, taken!.operation], ['INVALID_ORDER', 'Ok']);
    const [usdc] = (await two.venue.gateway.balances(trader.accountId)).filter(({ assetId }) => {
      return assetId === USDC_ASSET_ID;
    });
    const locked = String(usdc!.lockedUnits / 1e6);
    await until('what is locked is told', () => {
      return (socket.frames.at(-1)?.data as { L?: string } | undefined)?.L === locked;
    });
    socket.frames.splice(0);
  }
  await Promise.all([makes.close(), socket.close()]);
});
