import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';

/** How far the projection must be to have all that an account has been told: its last event, in its home's stream. */
export class AccountPositions {
  readonly #shardCount: number;
  readonly #heardOf: (shard: number) => number;
  /** By shard: the last of the events of which it is not known whose they are. */
  #before: readonly number[] = [];
  /** By account. */
  #sequences = new Float64Array(1024);

  /** @param heardOf the last event that was heard of a shard */
  constructor(shardCount: number, heardOf: (shard: number) => number) {
    this.#shardCount = shardCount;
    this.#heardOf = heardOf;
  }

  /** The events so far may be of any account: to be called when what was before has been learnt. */
  begin(): void {
    this.#before = Array.from({ length: this.#shardCount }, (_, shard) => this.#heardOf(shard));
  }

  /** The event that is being handled, the last one of its shard, is the account's. */
  note(accountId: number): void {
    if (accountId >= this.#sequences.length) this.#grow(accountId);
    this.#sequences[accountId] = this.#heardOf(homeShardOfAccount(accountId, this.#shardCount));
  }

  /** Its home, and the event there behind which the account has none; 0 when there was none at all. */
  of(accountId: number): { readonly shard: number; readonly sequence: number } {
    const shard = homeShardOfAccount(accountId, this.#shardCount);
    const sequence = Math.max(this.#sequences[accountId] ?? 0, this.#before[shard] ?? 0);
    return { shard, sequence };
  }

  #grow(accountId: number): void {
    const grown = new Float64Array(2 ** Math.ceil(Math.log2(accountId + 1)));
    grown.set(this.#sequences);
    this.#sequences = grown;
  }
}
