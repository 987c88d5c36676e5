import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelTrigger } from '../../engine/protocol/enums.ts';
import { allocateTopology } from '../../engine/ring/topology.ts';
import { EngineClient } from '../engine/engine-client.ts';
import type { EngineListener } from '../engine/event-loop.ts';
import { LoadShedder } from '../limits/load-shedder.ts';
import { CancelTimers } from '../protection/cancel-timers.ts';
import { ACCOUNT_LISTS_IN_FLIGHT_MAX, OrderGateway } from './order-gateway.ts';
import { listedRegistry } from './venue.fixture.ts';

const ORDER = { symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price: '5', quantity: '1' };
const REFERENCE = { symbol: 'SOL_USDC', clientId: 1 };

/** Nobody reads its ring. */
const topology = allocateTopology(1, { commandBytes: 8192, eventBytes: 4096, shardBytes: 4096 });
const engine = new EngineClient(topology, {} as EngineListener);
const shedder = new LoadShedder({ shedPending: 1, shedLagMs: 0, shedRingPercent: 0 });
const prices = { referencePriceTicks: () => 0 };
const gateway = new OrderGateway(engine, listedRegistry(), prices, shedder);
const answer = { answered: () => {}, refused: () => {} };
const noAnswers = () => assert.fail('nothing of it is begun');

/** The code that each entry refuses with. */
async function refusals(
  params: unknown,
  orders = params,
  scope = params,
  change = params,
): Promise<Record<string, unknown>> {
  const codeOf = (error: { code?: string } | undefined) => error?.code;
  const code = (asked: Promise<unknown>) => asked.then(() => 'taken', codeOf);
  const transfer = { accountId: 1, assetId: 1, amountUnits: 1, transferId: 'one' };
  return {
    newOrder: gateway.refuseNewOrder()?.code,
    place: gateway.place(1, params, answer)?.code,
    replace: gateway.replace(1, params, answer)?.code,
    batch: gateway.batch(1, orders, noAnswers)?.code,
    cancel: gateway.cancel(1, params, answer)?.code,
    reduce: gateway.reduce(1, change, answer)?.code,
    query: gateway.query(1, params, answer)?.code,
    cancelAll: await code(gateway.cancelAll(1, scope)),
    queryAll: await code(gateway.queryAll(1, scope)),
    balances: await code(gateway.balances(1)),
    withdraw: await code(gateway.withdraw(transfer)),
  };
}

test('a venue that stops says so, however busy it is and whatever it is asked', async () => {
  for (let count = 1; count < ACCOUNT_LISTS_IN_FLIGHT_MAX; count++) void gateway.queryAll(1, {});
  while (gateway.place(1, ORDER, answer) === undefined);
  for (let look = 0; look < 10; look++) {
    shedder.look({ pendingRequests: 2, ringPercent: 100, lagMs: 0 });
  }
  assert.equal(shedder.reason, 'pendingRequests');
  const { symbol } = ORDER;
  const change = { ...REFERENCE, symbol, quantity: '1' };
  const busy = await refusals({ ...ORDER, ...REFERENCE }, [ORDER], { symbol }, change);
  for (const [entry, code] of Object.entries(busy)) assert.equal(code, 'BUSY', entry);

  const { shedOrders } = shedder;
  gateway.refuseOrders();
  for (const params of [{ ...ORDER, ...REFERENCE }, [ORDER], { symbol }, 'nonsense']) {
    const stopping = await refusals(params);
    for (const [entry, code] of Object.entries(stopping)) {
      assert.equal(code, 'SHUTTING_DOWN', entry);
    }
  }
  assert.equal(shedder.shedOrders, shedOrders, 'none of them was shed');
});

test('cancel timers that have stopped are not set any more', async () => {
  const timers = new CancelTimers(engine);
  const name = { accountId: 1, marketId: 0, trigger: CancelTrigger.DeadMan };
  timers.stop();
  await assert.rejects(timers.set(name, 1, true), { status: 503, code: 'SHUTTING_DOWN' });
});
