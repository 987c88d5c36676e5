import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { StopShard } from '../../engine/protocol/commands.ts';
import type { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { allocateTopology } from '../../engine/ring/topology.ts';
import { startShards } from '../../engine/shard/shard-pool.ts';
import { EngineClient } from '../engine/engine-client.ts';
import type { EngineListener } from '../engine/event-loop.ts';
import type { OrderAnswer } from '../engine/pending-requests.ts';
import { LoadShedder } from '../limits/load-shedder.ts';
import { LoadWatch } from '../limits/load-watch.ts';
import { OrderGateway } from './order-gateway.ts';
import { listedRegistry } from './venue.fixture.ts';

const LEVEL = 100;

/** A shard that is held: its thread is started when the test lets it go. */
const topology = allocateTopology(1);
const engine = new EngineClient(topology, { onBatchEnd() {} } as unknown as EngineListener);
const shedder = new LoadShedder({ shedPending: LEVEL, shedLagMs: 0, shedRingPercent: 80 });
const prices = { referencePriceTicks: () => 0 };
const gateway = new OrderGateway(engine, listedRegistry(), prices, shedder);
const watch = new LoadWatch(engine, shedder);
after(() => watch.stop());

const ORDER = { symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price: '5', quantity: '1' };

let refusedByShard = 0;
const answer: OrderAnswer = {
  answered: () => assert.fail('the shard knows no such account'),
  refused(_code: RejectCode) {
    refusedByShard++;
  },
};
const place = () => gateway.place(1, ORDER, answer)?.code;
const cancel = () => gateway.cancel(1, { symbol: 'SOL_USDC', clientId: 1 }, answer);

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate();
}

test('while a shard is held orders are refused early and cancels pass, until it has caught up', async () => {
  let sent = 0;
  for (; sent <= LEVEL; sent++) assert.equal(place(), undefined);
  await until(() => shedder.reason !== null);
  assert.equal(shedder.reason, 'pendingRequests');
  assert.ok(engine.commandRingShare < 0.1, 'the ring has room: this is early');
  assert.equal(place(), 'BUSY');
  const replaced = { symbol: 'SOL_USDC', clientId: 1, price: '6' };
  assert.equal(gateway.replace(1, replaced, answer)?.code, 'BUSY');
  const batch = gateway.batch(1, [ORDER], () => assert.fail('nothing of it is begun'));
  assert.equal(batch?.code, 'BUSY');
  assert.equal(engine.pendingCount, sent);
  for (let count = 0; count < 10; count++, sent++) assert.equal(cancel(), undefined);
  const { symbol } = ORDER;
  const reduced = { symbol, clientId: 1, quantity: '1' };
  assert.equal(gateway.reduce(1, reduced, answer), undefined);
  assert.equal(gateway.query(1, { symbol, clientId: 1 }, answer), undefined);
  sent += 2;
  assert.deepEqual([shedder.shedOrders, shedder.episodes], [3, 1]);

  engine.start();
  const shards = startShards(topology);
  await until(() => engine.pendingCount === 0);
  assert.equal(refusedByShard, sent);
  await until(() => shedder.reason === null);
  assert.equal(place(), undefined);
  await until(() => engine.pendingCount === 0);
  engine.tell(StopShard, {}, 0);
  await Promise.all(shards.stopped);
  await engine.stop();
  await shards.close();
});

test('a ring that stays full sheds, too', async () => {
  const held = new EngineClient(allocateTopology(1), {} as EngineListener);
  const levels = { shedPending: 0, shedLagMs: 0, shedRingPercent: 80 };
  const ringShedder = new LoadShedder(levels);
  const orders = new OrderGateway(held, listedRegistry(), prices, ringShedder);
  const ringWatch = new LoadWatch(held, ringShedder);
  try {
    while (held.commandRingShare < 0.9) {
      assert.equal(orders.cancel(1, { symbol: 'SOL_USDC', clientId: 1 }, answer), undefined);
    }
    await until(() => ringShedder.reason !== null);
    assert.equal(ringShedder.reason, 'ringPercent');
    assert.equal(orders.place(1, ORDER, answer)?.code, 'BUSY');
    assert.equal(orders.cancel(1, { symbol: 'SOL_USDC', clientId: 1 }, answer), undefined);
  } finally {
    ringWatch.stop();
  }
});
