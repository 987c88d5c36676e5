/** Levels in one block: small enough that moving a block's tail costs a few cache lines. */
const BLOCK_LEVELS_MAX = 128;
/** A block that shrinks below this is joined to its neighbour when both fit with room to spare. */
const BLOCK_LEVELS_LOW = BLOCK_LEVELS_MAX / 4;
const MERGED_LEVELS_MAX = (BLOCK_LEVELS_MAX * 3) / 4;

interface Block {
  readonly ranks: Float64Array;
  readonly quantities: Float64Array;
  count: number;
}

function newBlock(): Block {
  return {
    ranks: new Float64Array(BLOCK_LEVELS_MAX),
    quantities: new Float64Array(BLOCK_LEVELS_MAX),
    count: 0,
  };
}

/** The first position of `block` whose rank is not below `rank`, looked for from the best end. */
function positionOf(block: Block, rank: number): number {
  const { ranks, count } = block;
  if (count === 0 || ranks[count - 1]! < rank) return count;
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranks[middle]! < rank) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The price levels of one side of a book, sorted, worst first: a run of sorted blocks, as the leaves
 * of a B+ tree. A change at the best price touches the end of the last block; any other costs two
 * binary searches and the move of at most one block's levels.
 */
export class PriceLevels {
  /** Bids rank by price, asks by the negative of it, so that the best level is always the last. */
  readonly #sign: 1 | -1;
  /** Never empty; no block but a sole one is empty. */
  readonly #blocks: Block[] = [newBlock()];
  #count = 0;

  constructor(bestIs: 'highest' | 'lowest') {
    this.#sign = bestIs === 'highest' ? 1 : -1;
  }

  get count(): number {
    return this.#count;
  }

  /** Best price in ticks, 0 when there is no level. */
  get bestPriceTicks(): number {
    const block = this.#blocks[this.#blocks.length - 1]!;
    return block.count === 0 ? 0 : block.ranks[block.count - 1]! * this.#sign;
  }

  /** Quantity in lots at the best price, 0 when there is no level. */
  get bestQuantityLots(): number {
    const block = this.#blocks[this.#blocks.length - 1]!;
    return block.count === 0 ? 0 : block.quantities[block.count - 1]!;
  }

  /** Makes `quantityLots` the level's total; 0 removes the level, if there is one. */
  set(priceTicks: number, quantityLots: number): void {
    const rank = priceTicks * this.#sign;
    const index = this.#blockIndexOf(rank);
    const block = this.#blocks[index]!;
    const position = positionOf(block, rank);
    const present = position < block.count && block.ranks[position] === rank;
    if (quantityLots === 0) {
      if (present) this.#remove(index, position);
    } else if (present) {
      block.quantities[position] = quantityLots;
    } else {
      this.#insert(index, position, rank, quantityLots);
    }
  }

  /** The best `levelsMax` levels, best first, as pairs (priceTicks, quantityLots) in one list. */
  best(levelsMax: number): number[] {
    const levels: number[] = [];
    for (let index = this.#blocks.length - 1; index >= 0; index--) {
      const block = this.#blocks[index]!;
      for (let position = block.count - 1; position >= 0; position--) {
        if (levels.length >= 2 * levelsMax) return levels;
        levels.push(block.ranks[position]! * this.#sign, block.quantities[position]!);
      }
    }
    return levels;
  }

  /** The last block that starts at or below `rank`, else the first. */
  #blockIndexOf(rank: number): number {
    const blocks = this.#blocks;
    let high = blocks.length - 1;
    if (high === 0 || blocks[high]!.ranks[0]! <= rank) return high;
    let low = 0;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (blocks[middle]!.ranks[0]! <= rank) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #insert(index: number, position: number, rank: number, quantityLots: number): void {
    let block = this.#blocks[index]!;
    let at = position;
    if (block.count === BLOCK_LEVELS_MAX) {
      const upper = this.#split(index);
      if (at > block.count) {
        at -= block.count;
        block = upper;
      }
    }
    block.ranks.copyWithin(at + 1, at, block.count);
    block.quantities.copyWithin(at + 1, at, block.count);
    block.ranks[at] = rank;
    block.quantities[at] = quantityLots;
    block.count++;
    this.#count++;
  }

  /** Moves the better half of a full block into a new one behind it, and answers that one. */
  #split(index: number): Block {
    const block = this.#blocks[index]!;
    const upper = newBlock();
    const half = block.count >>> 1;
    upper.ranks.set(block.ranks.subarray(half, block.count));
    upper.quantities.set(block.quantities.subarray(half, block.count));
    upper.count = block.count - half;
    block.count = half;
    this.#blocks.splice(index + 1, 0, upper);
    return upper;
  }

  #remove(index: number, position: number): void {
    const block = this.#blocks[index]!;
    block.ranks.copyWithin(position, position + 1, block.count);
    block.quantities.copyWithin(position, position + 1, block.count);
    block.count--;
    this.#count--;
    if (block.count < BLOCK_LEVELS_LOW && this.#blocks.length > 1) {
      this.#mergeFrom(index === 0 ? 0 : index - 1);
    }
  }

  /** Joins a block and its successor, if one is empty or the result leaves room for inserts. */
  #mergeFrom(index: number): void {
    const lower = this.#blocks[index]!;
    const upper = this.#blocks[index + 1]!;
    if (lower.count + upper.count > MERGED_LEVELS_MAX && lower.count > 0 && upper.count > 0) return;
    lower.ranks.set(upper.ranks.subarray(0, upper.count), lower.count);
    lower.quantities.set(upper.quantities.subarray(0, upper.count), lower.count);
    lower.count += upper.count;
    this.#blocks.splice(index + 1, 1);
  }
}
