import { assert } from '../../engine/assert.ts';
import { Side } from '../../engine/protocol/enums.ts';
import type { BookDelta } from '../../engine/protocol/events.ts';
import { PriceLevels } from './price-levels.ts';

/**
 * The gateway's copy of one market's book, built from its `BookDelta` events and, when it began before
 * the gateway, from its description. Several deltas
 * with the same update id are parts of one change, and show only once the last has come.
 */
export class BookReplica {
  readonly bids = new PriceLevels('highest');
  readonly asks = new PriceLevels('lowest');
  /** The last whole change in the levels; 0 before the first. */
  updateId: number;
  /** Grows with every change of the levels or the update id. */
  version = 0;
  readonly #parts: number[] = [];

  /** @param updateId where a book goes on whose levels `describe` brings */
  constructor(updateId = 0) {
    this.updateId = updateId;
  }

  /**
   * Takes levels of a book with a history, as triples like those of a delta. They may come in pieces with
   * deltas in between: each tells totals as they are at its place in the stream, so the last one of a
   * level is right, and the levels there are never cross.
   */
  describe(updateId: number, levels: readonly number[]): void {
    assert(updateId === this.updateId, 'a book is described at another place than its replica');
    this.#setLevels(levels);
  }

  /**
   * Takes one delta. Answers null while parts of its change are outstanding, then the levels of the
   * whole change as triples (side, priceTicks, total quantityLots), good until the delta is reused.
   */
  apply(delta: Readonly<BookDelta>): readonly number[] | null {
    const expected = this.updateId + 1;
    assert(
      delta.updateId === expected,
      `book of market ${delta.marketId}: update ${delta.updateId} where ${expected} must follow`,
    );
    const parts = this.#parts;
    if (!delta.isLast) {
      for (const value of delta.levels) parts.push(value);
      return null;
    }
    let levels: readonly number[] = delta.levels;
    if (parts.length > 0) {
      for (const value of delta.levels) parts.push(value);
      levels = parts.slice();
      parts.length = 0;
    }
    this.#setLevels(levels);
    this.updateId = expected;
    return levels;
  }

  #setLevels(levels: readonly number[]): void {
    assert(levels.length % 3 === 0, 'levels of a book delta are not triples');
    this.version++;
    for (let index = 0; index < levels.length; index += 3) {
      const side = levels[index] === Side.Bid ? this.bids : this.asks;
      side.set(levels[index + 1]!, levels[index + 2]!);
    }
    const bid = this.bids.bestPriceTicks;
    const ask = this.asks.bestPriceTicks;
    assert(ask === 0 || bid < ask, `book crossed after update ${this.updateId + 1}`);
  }
}
