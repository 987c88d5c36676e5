import { Hash64 } from '../collections/hash64.ts';
import type { MultisetHash } from '../collections/multiset-hash.ts';
import type { ShardMarket } from './markets.ts';

/** What a market's hash tells besides its orders. */
type MarketNumbers = Pick<
  ShardMarket,
  'state' | 'killed' | 'updateId' | 'lastTradeId' | 'lastPriceTicks'
>;

/**
 * The hash of a market as its owner has it, 16 hex digits: resting orders with their priority, pending stop
 * orders, its state, whether the kill switch has stopped it, how far its depth
 * updates and trades are numbered, and the last price. Equal
 * markets give equal hashes, whatever their history. The sums are of `OrderBook.digest` and
 * `TriggerBook.digest`, or a twin's own.
 */
export function hashOfMarket(
  book: Readonly<MultisetHash>,
  triggers: Readonly<MultisetHash>,
  { state, killed, updateId, lastTradeId, lastPriceTicks }: MarketNumbers,
): string {
  const hash = new Hash64();
  book.addTo(hash);
  triggers.addTo(hash);
  for (const value of [state, updateId, lastTradeId, lastPriceTicks]) hash.add(value);
  // Only where it is: hashes of the past stay what they were.
  if (killed !== 0) hash.add(killed);
  return hash.digest();
}
