import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Random } from '../../engine/collections/random.ts';
import {
  DepthHeartbeat,
  DescribeState,
  ListAsset,
  ListMarket,
  SetMarketState,
} from '../../engine/protocol/commands.ts';
import { AssetDescribed, MarketDescribed } from '../../engine/protocol/descriptions.ts';
import { OrderBookState } from '../../engine/protocol/enums.ts';
import { ALL_SHARDS, partsOf } from '../admin/shard-request.ts';
import { EngineClient } from '../engine/engine-client.ts';
import { Signer } from '../orders/venue.fixture.ts';
import { StartError } from '../start-error.ts';
import { comeToRest } from '../stop-shards.ts';
import { EngineInThread, turn } from './engine-in-thread.fixture.ts';
import {
  assertPublishedEnd,
  assertSame,
  assetListing,
  IGNORES_EVENTS,
  marketSpec,
  TestGateway,
} from './test-gateway.fixture.ts';

const REST_TIMEOUT_MS = 30_000;
const LIVES = 5;

/** An engine with a gateway that has opened it, and one that hears everything from the first event on. */
async function open(context: TestContext, shardCount: number, seed: number) {
  const engine = new EngineInThread(shardCount, seed);
  const witness = TestGateway.listen(engine.topology);
  const gateway = await TestGateway.learn(engine.topology);
  await gateway.listAsset(1, 'SOL');
  await gateway.listAsset(2, 'USDC');
  for (const marketId of [1, 2, 3, 4]) await gateway.listMarket(marketId);
  await gateway.setMarketState(4, OrderBookState.PostOnly);
  const publicKeys = Array.from({ length: 6 }, () => new Signer().apiKey);
  for (const publicKey of publicKeys) await gateway.addTrader(publicKey);
  await gateway.revokeKey(publicKeys[2]!);
  context.after(async () => {
    await witness.engine.stop();
    await engine.stop();
  });
  return { engine, witness, gateway, publicKeys };
}

for (const [shardCount, seed] of [
  [1, 1],
  [2, 2],
  [2, 3],
  [3, 4],
] as const) {
  const name = `${shardCount} shards, seed ${seed}`;
  test(`each gateway goes on where the one before was cut off: ${name}`, async (context) => {
    const { engine, witness, gateway: first, publicKeys } = await open(context, shardCount, seed);
    const random = new Random(seed);
    let gateway = first;
    let clientId = 0;
    const requestIds: number[] = [];
    for (let life = 1; ; life++) {
      for (let count = 300; count > 0; count--) {
        gateway.sendRandom(random, ++clientId);
        if (random.below(4) === 0) await turn();
      }
      if (life === LIVES) break;
      engine.isPaused = true;
      for (let count = 300; count > 0; count--) gateway.sendRandom(random, ++clientId);
      // They leave with this turn; what comes of them is for whoever comes next.
      await turn();
      await gateway.engine.stop();
      assertOwnAnswers(gateway);
      requestIds.push(...gateway.requestIds);
      engine.isPaused = false;
      gateway = await TestGateway.learn(engine.topology);
    }
    await comeToRest(gateway.engine, REST_TIMEOUT_MS);
    while (gateway.engine.pendingCount > 0) await turn();
    assert.ok(gateway.answers.length > 100);
    assertOwnAnswers(gateway);
    requestIds.push(...gateway.requestIds);
    assert.ok(requestIds.every((id, index) => index === 0 || id > requestIds[index - 1]!));
    await turn();
    assert.equal(gateway.registry.market(4).state, OrderBookState.PostOnly);
    assertSame(gateway, witness, publicKeys);
    assertPublishedEnd(gateway, witness);
    await gateway.engine.stop();
  });
}

test('what a shard records right after a description is taken right after it', async (context) => {
  const { engine, witness, gateway: first, publicKeys } = await open(context, 2, 5);
  const random = new Random(5);
  for (let clientId = 1; clientId < 400; clientId++) first.sendRandom(random, clientId);
  await comeToRest(first.engine, REST_TIMEOUT_MS);
  await first.engine.stop();
  const gateway = await TestGateway.learn(engine.topology, (client) => {
    for (const marketId of [1, 2, 3, 4]) client.tell(DepthHeartbeat, { marketId }, marketId % 2);
  });
  await comeToRest(gateway.engine, REST_TIMEOUT_MS);
  await turn();
  assertSame(gateway, witness, publicKeys);
  await gateway.engine.stop();
});

test('a listing that only some shards have kept is completed on the others', async (context) => {
  const { engine, witness, gateway: first, publicKeys } = await open(context, 3, 6);
  const client = first.engine;
  // Of three shards, 0 owns asset 3 and market 6, 1 owns asset 4 and market 4, 2 owns market 5.
  await client.request(ListAsset, assetListing(3, 'ETH'), 0);
  await client.request(ListAsset, assetListing(4, 'BTC'), 2);
  await client.request(ListMarket, { requestId: 0, ...marketSpec(5) }, 2);
  await client.request(ListMarket, { requestId: 0, ...marketSpec(6) }, 1);
  const changes = { 1: OrderBookState.Open, 2: OrderBookState.Closed };
  for (const [shard, state] of Object.entries(changes)) {
    await client.request(SetMarketState, { requestId: 0, marketId: 4, state }, Number(shard));
  }
  await client.stop();
  const second = await TestGateway.learn(engine.topology);
  await turn();
  assertSame(second, witness, publicKeys);
  assert.equal(second.registry.market(4).state, OrderBookState.Open, 'the owner decides');
  assert.deepEqual(
    second.registry.markets.map(({ marketId }) => marketId),
    [1, 2, 3, 4, 5, 6],
  );
  await second.engine.stop();

  const third = new EngineClient(engine.topology, IGNORES_EVENTS);
  third.start(true);
  const parts = await third.request(DescribeState, DescribeState.create(), ALL_SHARDS);
  const known = Array.from({ length: 3 }, (_, shard) => {
    const ofShard = parts.filter((part) => part.shard === shard);
    const assets = partsOf(ofShard, AssetDescribed).map(({ symbol }) => symbol);
    const markets = partsOf(ofShard, MarketDescribed).map(({ symbol, state }) => [symbol, state]);
    return { assets: assets.sort(), markets };
  });
  assert.equal(known[0]!.assets.length, 4);
  assert.deepEqual(known[1], known[0]);
  assert.deepEqual(known[2], known[0]);
  await third.stop();
});

test('shards whose listings contradict each other are not taken for one venue', async (context) => {
  const { engine, gateway: first } = await open(context, 2, 7);
  await first.engine.request(ListAsset, assetListing(3, 'ETH'), 0);
  await first.engine.request(ListAsset, assetListing(3, 'BTC'), 1);
  await first.engine.stop();
  await assert.rejects(TestGateway.learn(engine.topology), (error) => {
    assert.ok(error instanceof StartError);
    assert.match(error.message, /disagree about asset (BTC|ETH)/);
    return true;
  });
});

/** Every answer is of the order that was asked for, by this gateway. */
function assertOwnAnswers(gateway: TestGateway): void {
  for (const [asked, answered] of gateway.answers) assert.equal(answered, asked);
}
