import { Hash64 } from '../collections/hash64.ts';
import { MultisetHash } from '../collections/multiset-hash.ts';
import type { RecordSource } from '../collections/record-digest.ts';
import type { Ledger } from './ledger.ts';
import type { OpenOrders } from './open-orders.ts';

/** What the hash of balances reads; slots may be any numbers that name them. */
type BalanceView = Pick<Ledger, 'forEach' | 'accountId' | 'assetId' | 'available' | 'locked'>;

/** What the hash of open orders reads; likewise. */
type OpenOrderView = Pick<
  OpenOrders,
  | 'forEach'
  | 'isOpen'
  | 'orderId'
  | 'accountId'
  | 'marketId'
  | 'clientId'
  | 'side'
  | 'orderType'
  | 'timeInForce'
  | 'selfTradePrevention'
  | 'postOnly'
  | 'isAccepted'
  | 'stopPhase'
  | 'priceTicks'
  | 'quantityLots'
  | 'executedLots'
  | 'executedQuoteUnits'
  | 'quoteBudgetUnits'
  | 'reservedUnits'
  | 'feeCredit'
  | 'createdAtUs'
  | 'triggerPriceTicks'
  | 'triggeredAtUs'
>;

/** A ledger's totals, and the ids of the assets that have any. */
type TotalsView = Pick<Ledger, 'assetLimit' | 'fees' | 'inFlight' | 'deposits' | 'withdrawals'>;

/** Each balance as an element of their hash; one that is zero is as if it had never been. */
export function balanceRecords(balances: BalanceView): RecordSource {
  return {
    forEachRecord(visit) {
      balances.forEach((_accountId, _assetId, slot) => {
        visit(slot);
      });
    },
    addRecord(slot, hash) {
      const available = balances.available(slot);
      const locked = balances.locked(slot);
      if (available === 0 && locked === 0) return false;
      hash.addWord(balances.accountId(slot));
      hash.addWord(balances.assetId(slot));
      hash.add(available);
      hash.add(locked);
      return true;
    },
  };
}

/** Each open order as an element of their hash: everything its home knows of it. */
export function openOrderRecords(orders: OpenOrderView): RecordSource {
  return {
    forEachRecord: (visit) => orders.forEach(visit),
    addRecord(slot, hash) {
      if (!orders.isOpen(slot)) return false;
      addOpenOrder(orders, slot, hash);
      return true;
    },
  };
}

/** The sum of what `openOrderRecords` say, without a look into an index for each: account by account. */
export function sumOfOpenOrders(orders: OpenOrders): MultisetHash {
  const sum = new MultisetHash();
  const hash = new Hash64();
  orders.forEachByAccount((slot) => {
    hash.reset();
    addOpenOrder(orders, slot, hash);
    sum.add(hash);
  });
  return sum;
}

function addOpenOrder(orders: OpenOrderView, slot: number, hash: Hash64): void {
  hash.add(orders.orderId(slot));
  hash.addWord(orders.accountId(slot));
  hash.addWord(orders.marketId(slot));
  hash.add(orders.clientId(slot));
  hash.addWord(termsOf(orders, slot));
  hash.add(orders.priceTicks(slot));
  hash.add(orders.quantityLots(slot));
  hash.add(orders.executedLots(slot));
  hash.add(orders.executedQuoteUnits(slot));
  hash.add(orders.quoteBudgetUnits(slot));
  hash.add(orders.reservedUnits(slot));
  hash.addWord(orders.feeCredit(slot));
  hash.add(orders.createdAtUs(slot));
  hash.add(orders.triggerPriceTicks(slot));
  hash.add(orders.triggeredAtUs(slot));
}

/** The small fields in one word: each has a hexadecimal digit of its own. */
function termsOf(orders: OpenOrderView, slot: number): number {
  const flags = (orders.postOnly(slot) ? 1 : 0) | (orders.isAccepted(slot) ? 2 : 0);
  return (
    orders.side(slot) |
    (orders.orderType(slot) << 4) |
    (orders.timeInForce(slot) << 8) |
    (orders.selfTradePrevention(slot) << 12) |
    (orders.stopPhase(slot) << 16) |
    (flags << 20)
  );
}

/** The sum of what records say, by reading them all: what a `RecordDigest` must answer. */
export function sumOfRecords(source: RecordSource): MultisetHash {
  const sum = new MultisetHash();
  const hash = new Hash64();
  source.forEachRecord((record) => {
    hash.reset();
    if (source.addRecord(record, hash)) sum.add(hash);
  });
  return sum;
}

/**
 * The hash of a ledger partition from its parts: balances and open orders (of `digest`s or of
 * `sumOfRecords`), the totals of every asset, and the transfers that will not be made twice.
 */
export function hashOfPartition(
  balances: Readonly<MultisetHash>,
  orders: Readonly<MultisetHash>,
  transfers: Readonly<MultisetHash>,
  totals: TotalsView,
): string {
  const hash = new Hash64();
  for (const part of [balances, orders, transfers]) part.addTo(hash);
  for (let assetId = 0; assetId < totals.assetLimit; assetId++) {
    const fees = totals.fees[assetId]!;
    const inFlight = totals.inFlight[assetId]!;
    const deposits = totals.deposits[assetId]!;
    const withdrawals = totals.withdrawals[assetId]!;
    if (fees === 0 && inFlight === 0 && deposits === 0n && withdrawals === 0n) continue;
    hash.addWord(assetId);
    for (const units of [fees, inFlight]) hash.add(units);
    for (const total of [deposits, withdrawals]) addTotal(total, hash);
  }
  return hash.digest();
}

function addTotal(total: bigint, hash: Hash64): void {
  hash.add(Number(BigInt.asUintN(53, total)));
  // Only what needs it: hashes of the past stay what they were.
  if (total >> 53n > 0n) hash.add(Number(total >> 53n));
}
