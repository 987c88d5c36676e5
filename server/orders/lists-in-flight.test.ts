import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateTopology } from '../../engine/ring/topology.ts';
import { EngineClient } from '../engine/engine-client.ts';
import type { EngineListener } from '../engine/event-loop.ts';
import { ACCOUNT_LISTS_IN_FLIGHT_MAX, OrderGateway } from './order-gateway.ts';
import { listedRegistry } from './venue.fixture.ts';

/** Its shard never answers: what is asked stays under way until `failAll`. */
const engine = new EngineClient(allocateTopology(1), {} as EngineListener);
const gateway = new OrderGateway(engine, listedRegistry(), { referencePriceTicks: () => 0 });

test('an account waits for so many lists of its orders, and others for theirs', async () => {
  const asked = Array.from({ length: ACCOUNT_LISTS_IN_FLIGHT_MAX }, () => gateway.queryAll(1, {}));
  await assert.rejects(gateway.queryAll(1, {}), { status: 503, code: 'BUSY' });
  asked.push(gateway.queryAll(2, {}));
  assert.equal(engine.pendingCount, ACCOUNT_LISTS_IN_FLIGHT_MAX + 1);
  const outcomes = Promise.allSettled(asked);
  engine.failAll();
  for (const { status } of await outcomes) assert.equal(status, 'rejected');
  const again = gateway.queryAll(1, {});
  assert.equal(engine.pendingCount, 1);
  engine.failAll();
  await assert.rejects(again, { code: 'TIMEOUT' });
});
