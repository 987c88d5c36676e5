import { assert } from '../../engine/assert.ts';

/** The accounts there are, built from what the shards say alone. */
export class AccountDirectory {
  readonly #idByName = new Map<string, number>();
  readonly #ids = new Set<number>();
  #lastId = 0;

  /** Of an account that was created, or described by its shard. */
  add(accountId: number, name: string): void {
    assert(!this.#ids.has(accountId), `account ${accountId} created twice`);
    this.#ids.add(accountId);
    this.#idByName.set(name, accountId);
    this.#lastId = Math.max(this.#lastId, accountId);
  }

  has(accountId: number): boolean {
    return this.#ids.has(accountId);
  }

  idOf(name: string): number | undefined {
    return this.#idByName.get(name);
  }

  /** In no particular order. */
  get names(): ReadonlyMap<string, number> {
    return this.#idByName;
  }

  get count(): number {
    return this.#ids.size;
  }

  /** Ids are given out densely from 1; one that was lost with its shard's memory is not given out again. */
  get nextId(): number {
    return this.#lastId + 1;
  }
}
