import { Hash64 } from '../collections/hash64.ts';
import { MultisetHash } from '../collections/multiset-hash.ts';
import { Side } from '../protocol/enums.ts';
import type { OrderBook } from './order-book.ts';

/** Stands for the order ahead of the first of a level. */
export const NOBODY_AHEAD = -1;

/** What else of a resting order counts, besides what a book knows; nothing of it may change while it rests. */
export type AddTerms = (orderId: number, hash: Hash64) => void;

/**
 * What a resting order says of a book, as an element of its hash. It names the order ahead of it in its
 * level, so a sum over orders tells their time priority too.
 */
export function addOrder(
  hash: Hash64,
  orderId: number,
  owner: number,
  side: Side,
  priceTicks: number,
  lots: number,
  orderIdAhead: number,
): void {
  hash.add(orderId);
  hash.addWord((owner << 1) | side);
  hash.add(priceTicks);
  hash.add(lots);
  hash.add(orderIdAhead);
}

/** The same sum as `OrderBook.digest`, from nothing but the orders as they are visited in priority. */
export function sumOfOrders(
  book: Pick<OrderBook, 'forEachOrder'>,
  addTerms: AddTerms | null = null,
): MultisetHash {
  const sum = new MultisetHash();
  const hash = new Hash64();
  for (const side of [Side.Bid, Side.Ask] as const) {
    let lastTicks = 0;
    let ahead = NOBODY_AHEAD;
    book.forEachOrder(side, (orderId, owner, priceTicks, lots) => {
      if (priceTicks !== lastTicks) ahead = NOBODY_AHEAD;
      hash.reset();
      addOrder(hash, orderId, owner, side, priceTicks, lots, ahead);
      addTerms?.(orderId, hash);
      sum.add(hash);
      lastTicks = priceTicks;
      ahead = orderId;
    });
  }
  return sum;
}
