import { sumOfOrders } from '../book/book-hash.ts';
import { Hash64 } from '../collections/hash64.ts';
import type { MultisetHash } from '../collections/multiset-hash.ts';
import {
  balanceRecords,
  hashOfPartition,
  sumOfOpenOrders,
  sumOfRecords,
} from '../ledger/ledger-hash.ts';
import { hashOfMarket } from './market-hash.ts';
import type { ShardState } from './shard.ts';

/** How far a shard has come with those it talks to; by shard number, its own entry stays 0. */
export interface ShardPositions {
  /** Sequence of the last recorded event. */
  readonly eventSequence: number;
  /** Sequence of the last message to each shard. */
  readonly sentTo: readonly number[];
  /** Sequence of the last message taken from each shard. */
  readonly consumedFrom: readonly number[];
}

/**
 * The hash of a whole shard, 16 hex digits: its ledger partition (balances, open orders, totals, transfers),
 * its markets with their books, the state of every other market, what protects it, its positions and how many order
 * ids it gave out. It reads everything, at about 0.1 µs per order and balance, and leaves no digest to be kept up,
 * so asking costs later commands nothing.
 */
export function hashOfShard(
  { ledger, orders, markets }: ShardState,
  transfers: Readonly<MultisetHash>,
  protections: readonly { addTo(hash: Hash64): void }[],
  positions: ShardPositions,
  orderCounter: number,
): string {
  const hash = new Hash64();
  const balances = sumOfRecords(balanceRecords(ledger));
  const openOrders = sumOfOpenOrders(orders);
  hash.addText(hashOfPartition(balances, openOrders, transfers, ledger));
  for (const market of markets.values()) {
    hash.addWord(market.spec.marketId);
    hash.addWord(market.state);
    if (market.book === null) continue;
    hash.addText(hashOfMarket(sumOfOrders(market.book), market.triggers!.readSum(), market));
  }
  for (const protection of protections) protection.addTo(hash);
  const { eventSequence, sentTo, consumedFrom } = positions;
  for (const count of [orderCounter, eventSequence, ...sentTo, ...consumedFrom]) hash.add(count);
  return hash.digest();
}
