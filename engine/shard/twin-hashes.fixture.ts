import { sumOfOrders } from '../book/book-hash.ts';
import { Hash64 } from '../collections/hash64.ts';
import { MultisetHash } from '../collections/multiset-hash.ts';
import {
  balanceRecords,
  hashOfPartition,
  openOrderRecords,
  sumOfRecords,
} from '../ledger/ledger-hash.ts';
import type { NaiveOrder } from '../ledger/naive-rules.fixture.ts';
import type { NaiveVenue } from '../ledger/naive-venue.fixture.ts';
import { NO_CLIENT_ID } from '../ledger/open-orders.ts';
import { StopPhase } from '../ledger/stop-phase.ts';
import { type OrderBookState, OrderType, Side } from '../protocol/enums.ts';
import type { PriceTicks, QuantityLots } from '../protocol/units.ts';
import { addTransfer } from './accounts.ts';
import { hashOfMarket } from './market-hash.ts';
import { addStopTerms } from './trigger-book.ts';

/** The hash a market of the twin must report, from the twin's own lists. */
export function marketHashOfTwin(venue: NaiveVenue, marketId: number): string {
  const market = venue.markets.get(marketId)!;
  const book = sumOfOrders({
    forEachOrder(side, visit) {
      for (const o of venue.side(marketId, side)) {
        visit(o.orderId, o.accountId, o.priceTicks as PriceTicks, o.openLots as QuantityLots);
      }
    },
  });
  const { waiting } = market.triggers;
  const triggers = sumOfOrders(
    {
      forEachOrder(side, visit) {
        const isThere = (o: NaiveOrder) =>
          o.triggerPriceTicks > market.lastPriceTicks === (side === Side.Ask);
        // The sort is stable: those of one trigger stay in the order they came.
        const there = waiting.filter(isThere);
        for (const o of there.sort((a, b) => a.triggerPriceTicks - b.triggerPriceTicks)) {
          visit(o.orderId, o.accountId, o.triggerPriceTicks as PriceTicks, 1 as QuantityLots);
        }
      },
    },
    (orderId, hash) => {
      const order = waiting.find((other) => other.orderId === orderId)!;
      addStopTerms(hash, { ...order, isMarket: order.orderType === OrderType.Market });
    },
  );
  const state = market.state as OrderBookState;
  return hashOfMarket(book, triggers, { ...market, state, lastTradeId: market.tradeCount });
}

/** The hash that the one shard of a venue must report of its ledger partition, likewise. */
export function partitionHashOfTwin(
  venue: NaiveVenue,
  accountIds: readonly number[],
  assetIds: readonly number[],
): string {
  const balances = accountIds.flatMap((accountId) =>
    assetIds.map((assetId) => ({ accountId, assetId })),
  );
  const balanceAt = (slot: number) => balances[slot]!;
  const balanceSum = sumOfRecords(
    balanceRecords({
      forEach(visit) {
        balances.forEach(({ accountId, assetId }, slot) => {
          visit(accountId, assetId, slot);
        });
      },
      accountId: (slot) => balanceAt(slot).accountId,
      assetId: (slot) => balanceAt(slot).assetId,
      available: (slot) => {
        const { accountId, assetId } = balanceAt(slot);
        return Number(venue.available(accountId, assetId));
      },
      locked: (slot) => Number(venue.locked(balanceAt(slot).accountId, balanceAt(slot).assetId)),
    }),
  );
  const transfers = new MultisetHash();
  const hash = new Hash64();
  for (const transfer of venue.transfers) {
    hash.reset();
    addTransfer(hash, transfer);
    transfers.add(hash);
  }
  const none = new Float64Array(Math.max(...assetIds) + 1);
  const totalsOf = (units: ReadonlyMap<number, bigint>) =>
    none.map((_, assetId) => Number(units.get(assetId) ?? 0n));
  const exactTotalsOf = (units: ReadonlyMap<number, bigint>) =>
    Array.from(none, (_, assetId) => units.get(assetId) ?? 0n);
  return hashOfPartition(balanceSum, orderSumOf(venue.orders), transfers, {
    assetLimit: none.length,
    fees: totalsOf(venue.fees),
    // A command is done before the next one, so nothing is on its way.
    inFlight: none,
    deposits: exactTotalsOf(venue.deposits),
    withdrawals: exactTotalsOf(venue.withdrawals),
  });
}

function orderSumOf(orders: readonly NaiveOrder[]): MultisetHash {
  const at = (slot: number) => orders[slot]!;
  return sumOfRecords(
    openOrderRecords({
      forEach(visit) {
        orders.forEach((_, slot) => {
          visit(slot);
        });
      },
      isOpen: () => true,
      orderId: (slot) => at(slot).orderId,
      accountId: (slot) => at(slot).accountId,
      marketId: (slot) => at(slot).marketId,
      clientId: (slot) => at(slot).clientId ?? NO_CLIENT_ID,
      side: (slot) => at(slot).side as ReturnType<View['side']>,
      orderType: (slot) => at(slot).orderType as ReturnType<View['orderType']>,
      timeInForce: (slot) => at(slot).timeInForce as ReturnType<View['timeInForce']>,
      selfTradePrevention: (slot) =>
        at(slot).selfTradePrevention as ReturnType<View['selfTradePrevention']>,
      postOnly: (slot) => at(slot).postOnly,
      isAccepted: (slot) => at(slot).isAccepted,
      stopPhase: (slot) => {
        if (at(slot).triggerPriceTicks === 0) return StopPhase.None;
        return at(slot).isPending ? StopPhase.Pending : StopPhase.Fired;
      },
      priceTicks: (slot) => at(slot).priceTicks,
      quantityLots: (slot) => at(slot).quantityLots,
      executedLots: (slot) => at(slot).executedLots,
      executedQuoteUnits: (slot) => Number(at(slot).executedQuoteUnits),
      quoteBudgetUnits: (slot) => at(slot).quoteBudgetUnits,
      reservedUnits: (slot) => Number(at(slot).lockedUnits),
      feeCredit: (slot) => Number(at(slot).feesCharged * 10_000n - at(slot).feeOwedBps),
      createdAtUs: (slot) => at(slot).createdAtUs,
      triggerPriceTicks: (slot) => at(slot).triggerPriceTicks,
      triggeredAtUs: (slot) => at(slot).triggeredAtUs,
    }),
  );
}

type View = Parameters<typeof openOrderRecords>[0];
