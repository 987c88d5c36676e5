/**
 * Which shard owns what. Both axes are a remainder of a dense id, so the owner of a user, a market or
 * an order is known everywhere without asking.
 */

/** Order ids keep their home shard in the low bits, so the shard count has this bound. */
export const MAX_SHARDS = 64;

export function homeShardOfAccount(accountId: number, shardCount: number): number {
  return accountId % shardCount;
}

export function homeShardOfMarket(marketId: number, shardCount: number): number {
  return marketId % shardCount;
}

/** The `counter`-th order id of a shard; dense per shard, unique in the venue. */
export function orderIdOf(counter: number, homeShard: number): number {
  return counter * MAX_SHARDS + homeShard;
}

export function homeShardOfOrder(orderId: number): number {
  return orderId & (MAX_SHARDS - 1);
}
