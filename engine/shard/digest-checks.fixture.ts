import { assert } from '../assert.ts';
import { sumOfOrders } from '../book/book-hash.ts';
import type { MultisetHash } from '../collections/multiset-hash.ts';
import type { RecordDigest, RecordSource } from '../collections/record-digest.ts';
import { balanceRecords, openOrderRecords, sumOfRecords } from '../ledger/ledger-hash.ts';
import { Side } from '../protocol/enums.ts';
import type { PriceTicks, QuantityLots } from '../protocol/units.ts';
import type { ShardMarket } from './markets.ts';
import type { Shard } from './shard.ts';
import { addStopTerms, type TriggerBook } from './trigger-book.ts';

/** Asserts that what a shard's digests were kept up to is what reading everything gives. */
export function checkDigests({ state }: Shard): void {
  const { ledger, orders, markets } = state;
  checkRecords(ledger.digest, balanceRecords(ledger), 'balances');
  checkRecords(orders.digest, openOrderRecords(orders), 'open orders');
  for (const market of markets.values()) if (market.book !== null) checkMarket(market);
}

/** The digest a trigger book must have, by reading all its orders. */
function sumOfTriggers(triggers: TriggerBook, lastPriceTicks: number): MultisetHash {
  const pending = new Map<number, Parameters<Parameters<TriggerBook['forEach']>[0]>[0]>();
  triggers.forEach((order) => {
    pending.set(order.orderId, order);
  });
  return sumOfOrders(
    {
      forEachOrder(side, visit) {
        for (const { orderId, accountId, triggerPriceTicks } of pending.values()) {
          const isRising = triggerPriceTicks > lastPriceTicks;
          if (isRising !== (side === Side.Ask)) continue;
          visit(orderId, accountId, triggerPriceTicks as PriceTicks, 1 as QuantityLots);
        }
      },
    },
    (orderId, hash) => addStopTerms(hash, pending.get(orderId)!),
  );
}

function checkMarket({ spec, book, triggers, lastPriceTicks }: ShardMarket): void {
  const what = `market ${spec.marketId}`;
  compare(book!.digest(), sumOfOrders(book!), `book of ${what}`);
  compare(triggers!.digest(), sumOfTriggers(triggers!, lastPriceTicks), `triggers of ${what}`);
}

function checkRecords(digest: RecordDigest, source: RecordSource, what: string): void {
  compare(digest.update(source), sumOfRecords(source), what);
}

function compare(is: Readonly<MultisetHash>, should: MultisetHash, what: string): void {
  assert(is.high === should.high && is.low === should.low, `digest of ${what} was not kept up`);
}
