import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import type { PlaceOrder } from '../protocol/commands.ts';
import { OrderBookState, OrderEventKind, OrderType, Side, TimeInForce } from '../protocol/enums.ts';
import type { OrderEvent } from '../protocol/events.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import {
  checkAnswersAtRest,
  checkAtRest,
  checkFills,
  checkPrevented,
  DepthOfCluster,
  quiesce,
} from './cluster-checks.fixture.ts';
import { BASE, deposit, everyday, limit, openCluster, QUOTE } from './cluster-commands.fixture.ts';
import { DirectCluster, RingCluster, type ShardCluster } from './shard-cluster.fixture.ts';
import type { Command } from './shard-harness.fixture.ts';
import { assertSame, type Step, TwinVenue } from './venue-comparison.fixture.ts';
import { REGIMES, type Regime, VenueFlow } from './venue-flow.fixture.ts';

/** Multiplies the number of seeds. */
const EFFORT = Number(process.env.RINGSIDE_CLUSTER_EFFORT ?? 1);
const ROUNDS = 10;
const COMMANDS_PER_ROUND = 100;
const CHECK_REQUESTS = 2 ** 41;

/** Little more than the largest frames, so that everything wraps and everything is held up. */
const TINY_RINGS = { commandBytes: 256, eventBytes: 512, shardBytes: 256 };

/** The same step with every order named by a client id that is the number of its step. */
function byClientId({ number, command, target }: Step): Command {
  const body: Record<string, unknown> = { ...command.body, requestId: number };
  if (command.kind === 'place') body.clientId = number;
  if (target !== undefined) Object.assign(body, { orderId: 0, clientId: target });
  return { kind: command.kind, body } as unknown as Command;
}

interface Placed {
  readonly number: number;
  readonly accountId: number;
  readonly marketId: number;
}

/**
 * Keeps many commands under way at once: orders that mostly trade with each other, and chases, where
 * several commands are after one recent order at a time. Every tenth command is one of the mixed flow,
 * whose twin runs alongside only so that it is about the right prices; what it says is not compared,
 * since it knows nothing of what is under way.
 */
class BusyFlow {
  readonly #flow: VenueFlow;
  readonly #twin: TwinVenue;
  readonly #regime: Regime;
  readonly #random: Random;
  readonly #cluster: ShardCluster;
  readonly #recent: Placed[] = [];
  #number = 2 ** 30;

  constructor(cluster: ShardCluster, regime: Regime, seed: number, random: Random) {
    this.#twin = new TwinVenue(regime.setup, cluster.shardCount);
    this.#flow = new VenueFlow(seed, regime, this.#twin);
    this.#regime = regime;
    this.#random = random;
    this.#cluster = cluster;
    for (const step of this.#flow.opening()) this.#injectMixed(step);
  }

  round(): void {
    const random = this.#random;
    for (let count = 0; count < COMMANDS_PER_ROUND; count++) {
      const roll = random.below(20);
      if (roll < 2) this.#injectMixed(this.#flow.next());
      else if (roll < 13) this.#place();
      else this.#chase();
      for (let left = random.below(9); left > 0 && this.#cluster.step(); left--);
    }
  }

  #injectMixed(step: Step): void {
    const command = byClientId(step);
    this.#twin.predict(command, step.number);
    this.#cluster.inject(command);
  }

  #place(): void {
    const random = this.#random;
    const { accountIds, markets } = this.#regime.setup;
    const { marketId, minQuantityLots } = markets[random.below(markets.length)]!;
    const accountId = accountIds[random.below(accountIds.length)]!;
    const number = this.#number++;
    const priceTicks = this.#regime.middleTicks[marketId]! - 2 + random.below(4);
    const side = random.below(2) as Side;
    const lots = minQuantityLots + random.below(12);
    const command = limit(number, accountId, marketId, side, priceTicks, lots);
    const order = command.body as PlaceOrder;
    order.selfTradePrevention = random.below(4);
    if (random.below(4) === 0) this.#makeImmediate(order);
    const isStop = random.below(4) === 0 && order.quoteBudgetUnits === 0;
    if (isStop) order.triggerPriceTicks = priceTicks - 1 + random.below(3);
    this.#cluster.inject(command);
    if (this.#recent.unshift({ number, accountId, marketId }) > 12) this.#recent.pop();
  }

  /** An order that never rests can be chased too, as long as it is under way. */
  #makeImmediate(order: PlaceOrder): void {
    const roll = this.#random.below(4);
    order.timeInForce = roll === 0 ? TimeInForce.FOK : TimeInForce.IOC;
    if (roll < 2) return;
    order.orderType = OrderType.Market;
    if (roll === 2) return;
    const market = this.#regime.setup.markets.find(({ marketId }) => marketId === order.marketId)!;
    const lotCost = order.priceTicks * market.quoteUnitsPerTickLot;
    order.quoteBudgetUnits = lotCost * order.quantityLots + this.#random.below(lotCost);
    order.quantityLots = 0;
  }

  #chase(): void {
    const random = this.#random;
    const placed = this.#recent[random.below(Math.max(1, this.#recent.length))];
    if (placed === undefined) return;
    for (let left = 1 + random.below(4); left > 0; left--) {
      this.#cluster.inject(this.#change(placed));
      if (random.below(3) === 0) this.#cluster.step();
    }
  }

  /** A cancel ends the chase, so it is the rarest. */
  #change({ number, accountId, marketId }: Placed): Command {
    const random = this.#random;
    const reference = { requestId: this.#number++, accountId, marketId, orderId: 0 };
    const named = { ...reference, clientId: number };
    const roll = random.below(8);
    if (roll === 0) {
      const { clientId: _one, orderId: _of, ...account } = named;
      const body = { ...account, scope: random.below(3) };
      return random.below(3) === 0 ? { kind: 'cancelAll', body } : { kind: 'cancel', body: named };
    }
    if (roll < 3) {
      return { kind: 'reduce', body: { ...named, quantityLots: 1 + random.below(4) } };
    }
    const price = this.#regime.middleTicks[marketId]! - 3 + random.below(6);
    const priceTicks = random.below(3) === 0 ? 0 : price;
    const quantityLots = random.below(3) === 0 ? 0 : 1 + random.below(24);
    return { kind: 'replace', body: { ...named, priceTicks, quantityLots, expiresAtUs: 0 } };
  }
}

/** Cancels everything, after which nothing may be locked. */
function clearOut(cluster: ShardCluster, regime: Regime): void {
  let requestId = CHECK_REQUESTS - 1_000;
  for (const { marketId } of regime.setup.markets) {
    const body = { requestId: requestId++, marketId, state: OrderBookState.Open };
    cluster.inject({ kind: 'setMarketState', body });
  }
  quiesce(cluster);
  for (const accountId of regime.setup.accountIds) {
    cluster.inject({
      kind: 'cancelAll',
      body: { requestId: requestId++, accountId, marketId: 0, scope: 0 },
    });
  }
  quiesce(cluster);
  for (const said of cluster.heard) said.clear();
  cluster.inject({ kind: 'audit', body: { requestId } });
  quiesce(cluster);
  for (const { audits } of cluster.heard) {
    for (const { assetId, lockedUnits } of audits) {
      assert.equal(lockedUnits, 0, `asset ${assetId} is locked for nothing`);
    }
  }
}

/** How much of what matters happened. */
class Tally {
  orders = 0;
  trades = 0;
  changes = 0;
  refusals = 0;
  prevented = 0;
  stops = 0;
  fired = 0;

  take(cluster: ShardCluster): void {
    for (const { orders, trades, prevented, refusals } of cluster.heard) {
      const kinds = orders.map((event) => event.kind);
      this.orders += kinds.filter((kind) => kind === OrderEventKind.Accepted).length;
      this.changes += kinds.filter((kind) => kind === OrderEventKind.Modified).length;
      this.stops += kinds.filter((kind) => kind === OrderEventKind.TriggerPlaced).length;
      this.fired += orders.filter(
        ({ kind, triggeredAtUs }) =>
          kind === OrderEventKind.TriggerFailed ||
          (kind === OrderEventKind.Accepted && triggeredAtUs > 0),
      ).length;
      this.trades += trades.length;
      this.prevented += prevented.length;
      this.refusals += refusals.length;
    }
  }

  get text(): string {
    const { orders, trades, prevented, changes, refusals, stops, fired } = this;
    const matches = `${trades} trades, ${prevented} prevented`;
    const what = `${orders} orders, ${matches}, ${changes} changes, ${refusals} refusals`;
    return `${what}, ${stops} stop orders, of which ${fired} fired`;
  }
}

function withSeed(what: string, seed: number, run: () => void): void {
  try {
    run();
  } catch (error) {
    throw new Error(`${what}, seed ${seed}: ${String(error)}`, { cause: error });
  }
}

for (const shardCount of [1, 2, 4]) {
  test(`${shardCount} shards with commands and messages under way keep every account straight`, (context) => {
    const tally = new Tally();
    for (const regime of REGIMES) {
      for (let seed = 1; seed <= 4 * EFFORT; seed++) {
        withSeed(regime.name, seed, () => {
          const random = new Random(seed * 7_919);
          const cluster = new DirectCluster(shardCount, random);
          openCluster(cluster, regime.setup);
          const busy = new BusyFlow(cluster, regime, seed, random);
          const depth = new DepthOfCluster();
          for (let round = 1; round <= ROUNDS; round++) {
            busy.round();
            quiesce(cluster);
            checkAtRest(cluster);
            cluster.answers.assertAllGiven();
            checkFills(cluster.heard);
            checkPrevented(cluster.heard);
            tally.take(cluster);
            checkAnswersAtRest(cluster, regime.setup, depth, CHECK_REQUESTS + round * 100);
          }
          clearOut(cluster, regime);
          checkAtRest(cluster);
        });
      }
    }
    context.diagnostic(tally.text);
    const least = Math.min(tally.trades, tally.changes, 5 * tally.prevented);
    assert.ok(least > 1_000 * EFFORT, 'hardly anything happened');
  });

  test(`${shardCount} shards behind rings that hold few of their messages do the same`, (context) => {
    const tally = new Tally();
    let heldUpCount = 0;
    for (let seed = 1; seed <= 6 * EFFORT; seed++) {
      const regime = REGIMES[seed % REGIMES.length]!;
      withSeed(regime.name, seed, () => {
        const random = new Random(seed * 104_729);
        const cluster = new RingCluster(shardCount, random, TINY_RINGS);
        openCluster(cluster, regime.setup);
        const busy = new BusyFlow(cluster, regime, seed, random);
        const depth = new DepthOfCluster();
        for (let round = 1; round <= 4; round++) {
          busy.round();
          quiesce(cluster);
          cluster.answers.assertAllGiven();
          checkFills(cluster.heard);
          checkPrevented(cluster.heard);
          tally.take(cluster);
          for (const [shard, recorded] of cluster.recorded.entries()) {
            assertSame(recorded.orders, cluster.heard[shard]!.orders, 'recorded order event');
            assertSame(recorded.matches, cluster.heard[shard]!.matches, 'recorded match');
          }
          checkAnswersAtRest(cluster, regime.setup, depth, CHECK_REQUESTS + round * 100);
          for (const recorded of cluster.recorded) recorded.clear();
        }
        clearOut(cluster, regime);
        cluster.answers.assertAllGiven();
        heldUpCount += cluster.heldUpCount;
      });
    }
    context.diagnostic(`${tally.text}; a full ring held a shard up ${heldUpCount} times`);
    assert.ok(heldUpCount > 100, 'the rings were never full');
  });
}

function eventsOf(account: number, orders: readonly OrderEvent[]): OrderEvent[] {
  return orders.filter(({ accountId }) => accountId === account);
}

/** Every shard has its own answer to these. */
const FOR_ALL: readonly string[] = ['setMarketState', 'setKillSwitch'];
const SWEEPS: readonly string[] = ['cancelAll', 'massCancel', 'fireCancelTimer', 'setKillSwitch'];

/** Compares a cluster at rest with what its twin said of the one command it was given. */
function compareWithTwin(cluster: DirectCluster, twin: TwinVenue, step: Step): void {
  const command = twin.resolve(step);
  cluster.nowUs = 1_000_000 + step.number;
  const prediction = twin.predict(command, cluster.nowUs);
  cluster.inject(command);
  quiesce(cluster);
  const orders = cluster.heard.flatMap((said) => said.orders);
  const { refusal } = prediction;
  const refusals = refusal === RejectCode.None ? [] : [{ requestId: step.number, code: refusal }];
  const heardRefusals = cluster.heard.flatMap((said) => said.refusals);
  if (!FOR_ALL.includes(command.kind)) assertSame(heardRefusals, refusals, 'refusal');
  assertSame(
    cluster.heard.flatMap((said) => said.matches),
    prediction.matches,
    'match',
  );
  assertSame(
    cluster.heard.flatMap((said) => said.funds),
    prediction.funds,
    'transfer',
  );
  if (SWEEPS.includes(command.kind)) {
    // Markets of different shards answer in any order: no order of events, no balances in between.
    const ids = (events: readonly OrderEvent[]) => events.map((event) => event.orderId).sort();
    assert.deepEqual(ids(orders), ids(prediction.orders));
  } else {
    for (const accountId of twin.setup.accountIds) {
      const should = eventsOf(accountId, prediction.orders);
      assertSame(eventsOf(accountId, orders), should, `event of account ${accountId}`);
    }
  }
  for (const said of cluster.heard) said.clear();
  for (const accountId of twin.setup.accountIds) {
    const { ledger } = cluster.shards[accountId % cluster.shardCount]!.state;
    for (const assetId of twin.setup.assetIds) {
      const slot = ledger.slot(accountId, assetId);
      const has = [ledger.available(slot), ledger.locked(slot)].map(Number);
      const should = [
        twin.venue.available(accountId, assetId),
        twin.venue.locked(accountId, assetId),
      ];
      assert.deepEqual(has, should.map(Number), `account ${accountId}, asset ${assetId}`);
    }
  }
}

test('one command at a time, 1, 2 and 4 shards do what the twin says, and all the same', () => {
  const regime = REGIMES[0]!;
  for (let seed = 1; seed <= 3 * EFFORT; seed++) {
    const draft = new TwinVenue(regime.setup, 1);
    const flow = new VenueFlow(seed, regime, draft);
    const steps = flow.opening();
    for (const step of steps) draft.predict(draft.resolve(step), 0);
    while (steps.length < 1_500) {
      const step = flow.next();
      draft.predict(draft.resolve(step), 0);
      steps.push(step);
    }
    const outcomes = [1, 2, 4].map((shardCount) => {
      const twin = new TwinVenue(regime.setup, shardCount);
      const cluster = new DirectCluster(shardCount, new Random(seed));
      openCluster(cluster, regime.setup);
      for (const said of cluster.heard) said.clear();
      for (const step of steps) {
        withSeed(`${shardCount} shards, ${JSON.stringify(step)}`, seed, () => {
          compareWithTwin(cluster, twin, step);
        });
      }
      checkAtRest(cluster);
      const trades = [...twin.venue.markets.values()].map((market) => market.tradeCount);
      const books = regime.setup.markets.flatMap(({ marketId }) => [
        twin.levels(marketId, Side.Bid),
        twin.levels(marketId, Side.Ask),
      ]);
      return JSON.stringify({ trades, books });
    });
    assert.equal(outcomes[1], outcomes[0]);
    assert.equal(outcomes[2], outcomes[0]);
  }
});

test('money spent on a market of one shard cannot be spent on a market of another', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const cluster = new DirectCluster(2, new Random(seed));
    openCluster(cluster, everyday.setup);
    // Market 1: 10 lots at 100 are 1,000. Market 2: 2 lots at 70 are 980, and the fee of 35 bps.
    cluster.inject(deposit(1, 1, QUOTE, 1_500));
    cluster.inject(limit(2, 1, 1, Side.Bid, 100, 10));
    cluster.inject(limit(3, 1, 2, Side.Bid, 70, 2));
    quiesce(cluster);
    const refusals = cluster.heard.flatMap((said) => said.refusals);
    assert.deepEqual(refusals, [{ requestId: 3, code: RejectCode.InsufficientFunds }]);
    checkAtRest(cluster);
  }
});

test('what an account last heard of its balance holds, also after a remote refusal', () => {
  const cluster = new DirectCluster(2, new Random(1));
  openCluster(cluster, everyday.setup);
  cluster.inject(deposit(1, 1, QUOTE, 10_000));
  cluster.inject(deposit(2, 2, 2, 10_000));
  cluster.inject(limit(3, 2, 2, Side.Ask, 70, 2));
  quiesce(cluster);
  for (const said of cluster.heard) said.clear();
  // Account 1 lives with market 1; market 2 refuses from the other shard what was locked meanwhile.
  const wouldTake = limit(4, 1, 2, Side.Bid, 70, 2);
  assert.ok(wouldTake.kind === 'place');
  wouldTake.body.postOnly = true;
  cluster.inject(wouldTake);
  cluster.inject(limit(5, 1, 1, Side.Bid, 100, 1));
  quiesce(cluster);

  const home = cluster.heard[1]!;
  assert.deepEqual(home.rejects, [RejectCode.PostOnlyWouldTake]);
  const accepted = home.orders.at(-1)!;
  const { ledger } = cluster.shards[1]!.state;
  const locked = ledger.locked(ledger.slot(1, QUOTE));
  assert.ok(accepted.quoteLockedUnits > locked, 'the order in between tells of the other lock too');
  assert.deepEqual(
    home.changes.map(({ accountId, assetId, lockedUnits }) => [accountId, assetId, lockedUnits]),
    [[1, QUOTE, locked]],
  );
});

test('cancel-all reaches the markets of every shard and is answered after the last of them', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const cluster = new DirectCluster(4, new Random(seed));
    openCluster(cluster, everyday.setup);
    for (const asset of everyday.setup.assetIds) cluster.inject(deposit(asset, 1, asset, 1e6));
    for (let requestId = 10; requestId < 22; requestId++) {
      cluster.inject(limit(requestId, 1, 1 + (requestId % 3), (requestId % 2) as Side, 50, 2));
      if (seed % 2 === 0) quiesce(cluster);
    }
    cluster.inject({
      kind: 'cancelAll',
      body: { requestId: 30, accountId: 1, marketId: 0, scope: 0 },
    });
    quiesce(cluster);
    cluster.answers.assertAllGiven();
    checkAtRest(cluster);
    assert.equal(cluster.shards[1]!.state.orders.size, 0);
  }
});

test('an order that meets a closing market is taken or refused, never lost', () => {
  const seen = new Set<number>();
  for (let seed = 1; seed <= 60; seed++) {
    const cluster = new DirectCluster(2, new Random(seed));
    openCluster(cluster, everyday.setup);
    cluster.inject(deposit(1, 1, QUOTE, 1e6));
    quiesce(cluster);
    cluster.inject(limit(2, 1, 2, Side.Bid, 70, 2));
    const body = { requestId: 3, marketId: 2, state: OrderBookState.Closed };
    cluster.inject({ kind: 'setMarketState', body });
    quiesce(cluster);
    cluster.answers.assertAllGiven();
    checkAtRest(cluster);
    const code = cluster.heard.flatMap((said) => said.rejects)[0] ?? RejectCode.None;
    const accepted = cluster.heard.flatMap((said) => said.orders);
    const kinds = accepted.map((event) => event.kind);
    assert.deepEqual(kinds, code === RejectCode.None ? [OrderEventKind.Accepted] : []);
    seen.add(code);
  }
  assert.deepEqual([...seen].sort(), [RejectCode.None, RejectCode.MarketClosed]);
});

test('an order sized by quote amount that is replaced between two of its fills stays what it is', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const cluster = new DirectCluster(2, new Random(seed));
    openCluster(cluster, everyday.setup);
    // Market 1 and the bidder are of shard 1, the seller is of shard 0.
    cluster.inject(deposit(1, 1, QUOTE, 1e6));
    cluster.inject(deposit(2, 2, BASE, 1e6));
    for (const requestId of [3, 4]) cluster.inject(limit(requestId, 1, 1, Side.Bid, 100, 5));
    quiesce(cluster);
    const sale = limit(5, 2, 1, Side.Ask, 90, 0).body as PlaceOrder;
    const market = { orderType: OrderType.Market, timeInForce: TimeInForce.IOC };
    cluster.inject({ kind: 'place', body: { ...sale, ...market, quoteBudgetUnits: 1_000 } });
    const named = { accountId: 2, marketId: 1, orderId: 0, clientId: 5 };
    const terms = { priceTicks: 95, quantityLots: 20, expiresAtUs: 0 };
    for (let requestId = 6; requestId < 12; requestId++) {
      cluster.inject({ kind: 'replace', body: { requestId, ...named, ...terms } });
      cluster.step();
    }
    quiesce(cluster);
    cluster.answers.assertAllGiven();
    checkAtRest(cluster);
    assert.equal(cluster.shards[0]!.state.orders.size, 0);
  }
});
