import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CreateAccount } from '../engine/protocol/commands.ts';
import { allocateTopology } from '../engine/ring/topology.ts';
import { startShards } from '../engine/shard/shard-pool.ts';
import { EngineClient } from './engine/engine-client.ts';
import type { EngineListener } from './engine/event-loop.ts';
import { comeToRest, stopShards } from './stop-shards.ts';

const nobody: EngineListener = {
  onAssetListed: () => {},
  onMarketListed: () => {},
  onMarketStateChanged: () => {},
  onAccountCreated: () => {},
  onApiKeyCreated: () => {},
  onApiKeyRevoked: () => {},
  onAllowedAddressesSet: () => {},
  onFundsMoved: () => {},
  onBalanceChanged: () => {},
  onOrderEvent: () => {},
  onTrade: () => {},
  onBookDelta: () => {},
  onBatchEnd: () => {},
};

const SMALL_RINGS = { commandBytes: 4096, eventBytes: 65_536, shardBytes: 4096 };

function byShard(stopped: readonly Promise<void>[]): Map<number, Promise<void>> {
  return new Map(stopped.entries());
}

/** An engine whose shards do not run yet and whose rings to them are full. */
function fullEngine(context: TestContext) {
  const topology = allocateTopology(2, SMALL_RINGS);
  const engine = new EngineClient(topology, nobody);
  engine.start();
  context.after(() => engine.stop());
  let accountId = 0;
  for (const shard of [0, 1]) {
    let isFull = false;
    while (!isFull) {
      const account = { requestId: 0, accountId: ++accountId, name: 'x'.repeat(100) };
      const before = engine.pendingCount;
      engine.request(CreateAccount, account, shard).catch(() => {});
      isFull = engine.pendingCount === before;
    }
  }
  return { topology, engine };
}

test('shards behind full rings come to rest and stop once there is room', async (context) => {
  const { topology, engine } = fullEngine(context);
  const rest = comeToRest(engine, 20_000);
  const pool = startShards(topology);
  context.after(() => pool.close());
  await rest;
  await stopShards(engine, byShard(pool.stopped), 20_000);
  await Promise.all(pool.stopped);
});

test('a stop that finds the rings full is told to the shards once there is room', async (context) => {
  const { topology, engine } = fullEngine(context);
  const ends: (() => void)[] = [];
  const stopped = [0, 1].map(() => new Promise<void>((resolve) => ends.push(resolve)));
  const stopping = stopShards(engine, byShard(stopped), 20_000);
  const pool = startShards(topology);
  context.after(() => pool.close());
  await Promise.all(pool.stopped);
  for (const end of ends) end();
  await stopping;
});

test('shards that do not come to rest or stop in time are reported', async (context) => {
  const { engine } = fullEngine(context);
  await assert.rejects(comeToRest(engine, 30), /under way/);
  const stopped = [Promise.resolve(), new Promise<void>(() => {})];
  await assert.rejects(stopShards(engine, byShard(stopped), 30), /^Error: 1 did not stop as told/);
  const died = [Promise.reject(new Error('assertion')), Promise.resolve()];
  await assert.rejects(stopShards(engine, byShard(died), 30), /^Error: 0 did not stop as told/);
});
