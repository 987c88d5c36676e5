import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { useTestServer } from '../../persistence/testing/test-server.ts';
import { openTrading } from '../recovery/trading-venue.fixture.ts';
import { type Item, SignedClient } from './signed-client.fixture.ts';

const server = useTestServer();
const ACCOUNT = ['GET', '/api/v1/account', 'accountQuery'] as const;
const MAX_ORDER = ['GET', '/api/v1/account/limits/order', 'maxOrderQuantity'] as const;
const MAX_BORROW = ['GET', '/api/v1/account/limits/borrow', 'maxBorrowQuantity'] as const;
const MAX_WITHDRAWAL = [
  ...(['GET', '/api/v1/account/limits/withdrawal', 'maxWithdrawalQuantity'] as const),
] as const;

async function open(context: TestContext) {
  const { venue, traders } = await openTrading(context, server);
  const [one, two] = traders.map((trader) => new SignedClient(venue, trader));
  return { venue, one: one!, two: two! };
}

/** Of the 10,000,000 USDC that it has. */
async function withdraw(client: SignedClient, quantity: string): Promise<void> {
  const content = { address: 'a', blockchain: 'Solana', quantity, symbol: 'USDC' };
  await client.done('POST', '/wapi/v1/capital/withdrawals', 'withdraw', content);
}

const SETTINGS = {
  autoBorrowSettlements: false,
  autoLend: false,
  autoRealizePnl: false,
  autoRepayBorrows: false,
  borrowLimit: '0',
  futuresMakerFee: '0',
  futuresTakerFee: '0',
  leverageLimit: '1',
  limitOrders: 0,
  liquidating: false,
  positionLimit: '0',
  spotMakerFee: '3',
  spotTakerFee: '0',
  triggerOrders: 0,
};

test('the account tells its fees in basis points and counts its open orders', async (context) => {
  const { one, two } = await open(context);
  await two.place({ side: 'Ask', price: '70', quantity: '1' });
  await one.place({ price: '70', quantity: '1' });
  assert.deepEqual(await one.done(...ACCOUNT), SETTINGS);
  await one.place({ price: '50', quantity: '1' });
  await one.place({ symbol: 'BTC_USDC', price: '50', quantity: '1' });
  await one.place({ price: '90', triggerPrice: '80', triggerQuantity: '1' });
  assert.deepEqual(await one.done(...ACCOUNT), { ...SETTINGS, limitOrders: 2, triggerOrders: 1 });
});

test('a change of the account is accepted, and changes nothing', async (context) => {
  const { one } = await open(context);
  const change = { autoLend: true, leverageLimit: '5' };
  const reply = await one.send('PATCH', '/api/v1/account', 'accountUpdate', change);
  assert.deepEqual([reply.status, reply.body], [200, '']);
  assert.deepEqual(await one.done(...ACCOUNT), SETTINGS);
});

test('the largest order is one that is taken, and a step more is not', async (context) => {
  const { one, two } = await open(context);
  await withdraw(one, '9998765.4321');
  const bid = await one.done(...MAX_ORDER, 'symbol=SOL_USDC&side=Bid&price=33.35');
  assert.deepEqual(bid, {
    autoBorrow: null,
    autoBorrowRepay: null,
    autoLendRedeem: null,
    maxOrderQuantity: bid.maxOrderQuantity,
    price: '33.35',
    reduceOnly: null,
    side: 'Bid',
    symbol: 'SOL_USDC',
  });
  const order = { orderType: 'Limit', price: '33.35', side: 'Bid', symbol: 'SOL_USDC' };
  const more = (Number(bid.maxOrderQuantity) + 0.01).toFixed(2);
  const place = ['POST', '/api/v1/order', 'orderExecute'] as const;
  const [, code] = await one.refusal(...place, { ...order, quantity: more });
  assert.equal(code, 'INSUFFICIENT_FUNDS');
  await one.place({ ...order, quantity: bid.maxOrderQuantity });
  const nothing = await one.done(...MAX_ORDER, 'symbol=SOL_USDC&side=Bid&price=33.35');
  assert.equal(nothing.maxOrderQuantity, '0');

  const flagged = 'symbol=SOL_USDC&side=Ask&reduceOnly=true&autoBorrow=false';
  await assert.doesNotReject(two.place({ side: 'Ask', price: '100', quantity: '1' }));
  const ask = await two.done(...MAX_ORDER, flagged);
  assert.deepEqual([ask.reduceOnly, ask.autoBorrow, ask.price], [true, false, null]);
  assert.equal(Number(ask.maxOrderQuantity) > 0, true);
});

test('without a price it is that of a market order, which needs one to refer to', async (context) => {
  const { one, two } = await open(context);
  await withdraw(one, '9999000');
  const query = 'symbol=SOL_USDC&side=Bid';
  assert.deepEqual((await one.refusal(...MAX_ORDER, query)).slice(0, 2), [400, 'INVALID_PRICE']);
  await two.place({ side: 'Ask', price: '100', quantity: '1' });
  const { maxOrderQuantity, price } = await one.done(...MAX_ORDER, query);
  assert.equal(price, null);
  assert.equal(maxOrderQuantity, '7.99', 'of 1000 at 125, with a fee of 3 basis points');
});

test('an account can withdraw what is available, and borrow nothing', async (context) => {
  const { one } = await open(context);
  await one.place({ side: 'Ask', price: '100', quantity: '0.5' });
  assert.deepEqual(await one.done(...MAX_WITHDRAWAL, 'symbol=SOL&autoBorrow=true'), {
    autoBorrow: true,
    autoLendRedeem: null,
    maxWithdrawalQuantity: '9999999.5',
    symbol: 'SOL',
  });
  const borrow = await one.done(...MAX_BORROW, 'symbol=SOL');
  assert.deepEqual(borrow, { maxBorrowQuantity: '0', symbol: 'SOL' });
});

test('limits of what there is not are refused by name', async (context) => {
  const { one } = await open(context);
  const of = (query: string) => one.refusal(...MAX_ORDER, query);
  assert.equal((await of('symbol=X_Y&side=Bid&price=1'))[1], 'INVALID_MARKET');
  for (const query of ['', 'symbol=SOL_USDC', 'symbol=SOL_USDC&side=Buy&price=1']) {
    assert.equal((await of(query))[1], 'INVALID_CLIENT_REQUEST', query);
  }
  assert.equal((await of('symbol=SOL_USDC&side=Bid&price=0'))[1], 'INVALID_PRICE');
  assert.equal((await one.refusal(...MAX_BORROW, 'symbol=XYZ'))[1], 'INVALID_ASSET');
  assert.equal((await one.refusal(...MAX_WITHDRAWAL, ''))[1], 'INVALID_CLIENT_REQUEST');
});

test('what a spot venue does not have is answered, and empty', async (context) => {
  const { one, venue } = await open(context);
  assert.deepEqual(await one.done('GET', '/api/v1/position', 'positionQuery'), []);
  const lent = ['GET', '/api/v1/borrowLend/positions', 'borrowLendPositionQuery'] as const;
  assert.deepEqual(await one.done(...lent), []);
  const collateral = await one.done<Item>('GET', '/api/v1/capital/collateral', 'collateralQuery');
  assert.deepEqual([collateral.collateral, collateral.marginFraction], [[], null]);
  const amounts = [
    ...['assetsValue', 'borrowLiability', 'imf', 'liabilitiesValue', 'mmf', 'netEquity'],
    ...['netEquityAvailable', 'netEquityLocked', 'netExposureFutures', 'pnlUnrealized'],
    'unsettledEquity',
  ];
  for (const name of amounts) assert.equal(collateral[name], '0', name);
  assert.equal(Object.keys(collateral).length, amounts.length + 2);
  const lists = [
    ...['markPrices', 'openInterest', 'fundingRates', 'wallets', 'collateral'],
    ...['borrowLend/markets', 'securities', 'prediction'],
  ];
  for (const name of lists) {
    const { status, body } = await venue.get(`/api/v1/${name}`);
    assert.deepEqual([status, body], [200, []], name);
  }
});
