import assert from 'node:assert/strict';
import { StopPhase } from '../ledger/stop-phase.ts';
import {
  ExpiryReason,
  OrderEventKind,
  OrderStatus,
  SelfTradePrevention,
  Side,
} from '../protocol/enums.ts';
import type { Trade } from '../protocol/events.ts';
import { checkDigests } from './digest-checks.fixture.ts';
import type { Shard } from './shard.ts';
import type { ShardCluster } from './shard-cluster.fixture.ts';
import type { Heard } from './shard-harness.fixture.ts';
import { checkShard } from './shard-harness.fixture.ts';
import { DepthReplica, type VenueSetup } from './venue-comparison.fixture.ts';

/** Lets a cluster run until nothing is under way. */
export function quiesce(cluster: ShardCluster): void {
  for (let steps = 0; cluster.step(); steps++)
    assert.ok(steps < 1_000_000, 'it never comes to rest');
}

/**
 * Asserts what must hold when nothing is under way, from the shards' memory: nothing in flight, and
 * the open orders at their homes are the resting orders of the books and the stop orders that wait for
 * their price, one to one.
 */
export function checkAtRest(cluster: { readonly shards: readonly Shard[] }): void {
  const inFlight = new Map<number, number>();
  const resting = new Map<number, string>();
  const open = new Map<number, string>();
  for (const shard of cluster.shards) {
    checkShard(shard, true);
    checkDigests(shard);
    const { ledger, orders, markets } = shard.state;
    ledger.inFlight.forEach((units, assetId) => {
      if (units !== 0) inFlight.set(assetId, (inFlight.get(assetId) ?? 0) + units);
    });
    for (const { book, triggers, spec } of markets.values()) {
      for (const side of [Side.Bid, Side.Ask]) {
        book?.forEachOrder(side, (orderId, owner, priceTicks, lots) => {
          resting.set(orderId, `${owner} ${spec.marketId} ${side} ${priceTicks} ${lots}`);
        });
      }
      triggers?.forEach((order) => {
        const what = `${order.accountId} ${spec.marketId} ${order.side} ${order.priceTicks}`;
        const waits = `waits for ${order.triggerPriceTicks}`;
        resting.set(order.orderId, `${what} ${order.quantityLots} ${waits}`);
      });
    }
    orders.forEach((slot) => {
      const lots = orders.quantityLots(slot) - orders.executedLots(slot);
      const what = `${orders.accountId(slot)} ${orders.marketId(slot)} ${orders.side(slot)}`;
      const isPending = orders.stopPhase(slot) === StopPhase.Pending;
      const waits = isPending ? ` waits for ${orders.triggerPriceTicks(slot)}` : '';
      open.set(orders.orderId(slot), `${what} ${orders.priceTicks(slot)} ${lots}${waits}`);
      assert.equal(orders.isAccepted(slot), !isPending, 'an open order was never accepted');
    });
  }
  for (const [assetId, units] of inFlight) assert.equal(units, 0, `asset ${assetId} in flight`);
  assert.deepEqual(new Map([...open].sort()), new Map([...resting].sort()));
}

/** The same as far as messages tell: audits of all shards, queries of all accounts, depth changes. */
export function checkAnswersAtRest(
  cluster: ShardCluster,
  setup: VenueSetup,
  depth: DepthOfCluster,
  requestId: number,
): void {
  depth.takeIn(cluster);
  for (const said of cluster.heard) said.clear();
  cluster.inject({ kind: 'audit', body: { requestId } });
  for (const accountId of setup.accountIds) {
    const body = { requestId: requestId + accountId, accountId, marketId: 0 };
    cluster.inject({ kind: 'queryOrders', body });
  }
  quiesce(cluster);
  const inFlight = new Map<number, number>();
  const levels = new Map<string, number>();
  for (const { audits, orders } of cluster.heard) {
    for (const entry of audits) {
      const { assetId, inFlightUnits } = entry;
      const held = entry.availableUnits + entry.lockedUnits + entry.feeUnits + inFlightUnits;
      assert.equal(
        held,
        Number(BigInt(entry.depositUnits) - BigInt(entry.withdrawalUnits)),
        `audit of asset ${assetId}`,
      );
      assert.equal(entry.lockedUnits, entry.reservedUnits);
      inFlight.set(assetId, (inFlight.get(assetId) ?? 0) + inFlightUnits);
    }
    for (const { marketId, side, priceTicks, quantityLots, executedLots, status } of orders) {
      if (status === OrderStatus.TriggerPending) continue;
      const key = `${marketId} ${side} ${priceTicks}`;
      levels.set(key, (levels.get(key) ?? 0) + quantityLots - executedLots);
    }
  }
  for (const [assetId, units] of inFlight) assert.equal(units, 0, `asset ${assetId} in flight`);
  assert.deepEqual(depth.levels(), new Map([...levels].sort()));
  for (const said of cluster.heard) said.clear();
}

/** The books of a whole cluster as the depth changes tell them, and every trade so far. */
export class DepthOfCluster {
  readonly trades = new Map<number, Trade[]>();
  readonly #replicas = new Map<number, DepthReplica>();

  takeIn(cluster: ShardCluster): void {
    for (const { deltas, trades } of cluster.heard) {
      for (const delta of deltas) this.replica(delta.marketId).apply(delta);
      for (const trade of trades) {
        const earlier = this.trades.get(trade.marketId) ?? [];
        assert.equal(trade.tradeId, earlier.length + 1, 'trade ids are dense');
        this.trades.set(trade.marketId, [...earlier, trade]);
      }
    }
  }

  replica(marketId: number): DepthReplica {
    const known = this.#replicas.get(marketId) ?? new DepthReplica();
    this.#replicas.set(marketId, known);
    return known;
  }

  levels(): Map<string, number> {
    const all: [string, number][] = [];
    for (const [marketId, replica] of this.#replicas) {
      replica.forEach((side, price, lots) => {
        all.push([`${marketId} ${side} ${price}`, lots]);
      });
    }
    return new Map(all.sort());
  }
}

/**
 * Every trade was told to both parties, once each, as it happened; and they are two accounts, unless the
 * taker allows itself to trade with itself.
 */
export function checkFills(heard: readonly Heard[]): void {
  const fills = new Map<string, { lots: number[]; roles: boolean[]; accountIds: number[] }>();
  const allowed = new Set<string>();
  for (const { orders } of heard) {
    for (const event of orders) {
      if (event.tradeId === 0) continue;
      const key = `${event.marketId} ${event.tradeId} ${event.fillPriceTicks}`;
      const known = fills.get(key) ?? { lots: [], roles: [], accountIds: [] };
      known.lots.push(event.fillLots);
      known.roles.push(event.isMaker);
      known.accountIds.push(event.accountId);
      if (!event.isMaker && event.selfTradePrevention === SelfTradePrevention.Allow) {
        allowed.add(key);
      }
      fills.set(key, known);
    }
  }
  let trades = 0;
  for (const said of heard) {
    for (const { marketId, tradeId, priceTicks, quantityLots } of said.trades) {
      trades++;
      const key = `${marketId} ${tradeId} ${priceTicks}`;
      const told = fills.get(key);
      assert.deepEqual(told?.lots, [quantityLots, quantityLots], `trade ${tradeId}`);
      assert.notEqual(told?.roles[0], told?.roles[1], 'one is maker and one is taker');
      const isSelfTrade = told?.accountIds[0] === told?.accountIds[1];
      assert.ok(!isSelfTrade || allowed.has(key), `trade ${tradeId} is within one account`);
    }
  }
  assert.equal(fills.size, trades, 'fills without a trade');
}

/** Of every prevented match just the orders that its mode says expired, for that reason, once each. */
export function checkPrevented(heard: readonly Heard[]): void {
  const { RejectTaker, RejectMaker, Allow } = SelfTradePrevention;
  const takers = new Set<number>();
  const should: string[] = [];
  const expired: string[] = [];
  for (const { prevented } of heard) {
    for (const { accountId, makerOrderId, takerOrderId, mode, quantityLots } of prevented) {
      assert.ok(mode !== Allow && quantityLots > 0);
      if (mode !== RejectTaker) should.push(`${accountId} ${makerOrderId}`);
      if (mode === RejectMaker) continue;
      should.push(`${accountId} ${takerOrderId}`);
      takers.add(takerOrderId);
    }
  }
  for (const event of heard.flatMap(({ orders }) => orders)) {
    const { kind, expiryReason, accountId, orderId, requestId, triggeredAtUs } = event;
    if (expiryReason !== ExpiryReason.SelfTradePrevention) continue;
    assert.equal(kind, OrderEventKind.Expired);
    expired.push(`${accountId} ${orderId}`);
    // The taker's is the answer to its command; that of a stop order that fired is to none.
    const isAnswer = requestId !== 0;
    assert.ok(takers.has(orderId) ? isAnswer || triggeredAtUs > 0 : !isAnswer);
  }
  assert.deepEqual(expired.sort(), should.sort());
}
