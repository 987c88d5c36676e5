import { assert } from '../assert.ts';
import type { RecordPool } from '../collections/record-pool.ts';

/** No level. */
const NONE = -1;

/*
 * Fields of a level's record, as in order-book.ts. The index reads the price and keeps the node below which the
 * level hangs; a new level it clears of what is summed up there.
 */
const LEVEL_PRICE = 0;
const LEVEL_LOTS = 1;
const LEVEL_COUNT = 6;
const LEVEL_NODE = 7;

/*
 * A node is 40 integers, addressed by its offset. The child of digit d is present when bit 31 − d of the
 * bitmap is set, so that clz32 finds the smallest. A child is a node's offset (> 0), or ~level (< 0), or 0.
 */
const NODE_INTS = 40;
const BITMAP = 0;
/** The place of the node's digit in the key: a multiple of 5, 0 … 50. */
const SHIFT = 1;
const PARENT = 2;
/** Some key below the node; all keys below it share the digits above SHIFT. */
const KEY_LOW = 3;
const KEY_HIGH = 4;
const CHILDREN = 8;

/** Offset 0 is no node: the parent of the root, and an absent child. */
const NO_NODE = 0;

/**
 * A key is split in two words, 30 low bits (six digits) and 23 high bits, by the two lines
 * `low = (price & LOW_MASK) ^ flipLow` and `high = ((price * 2^-30) | 0) ^ flipHigh` that begin every search.
 */
const LOW_BITS = 30;
const LOW_MASK = 2 ** 30 - 1;
const HIGH_MASK = 2 ** 23 - 1;

/**
 * The price levels of one side, best first: a radix trie over the base-32 digits of the price, with
 * paths of single children left out (Morrison's PATRICIA; the wide bitmap nodes follow Bagwell's array
 * mapped trie). Every node has two children or more, so memory goes with the number of levels and the
 * depth with how the prices cluster, never with the price range: an order at 1 beside a crowd at 2^52
 * costs one node. At most 11 digits, so every operation is bounded.
 *
 * The key of a price is the price itself on the ask side and its complement on the bid side: the best
 * price always has the smallest key.
 */
export class PriceIndex {
  /** The level with the best price, −1 when there is none. */
  best = NONE;
  /** Levels present. */
  size = 0;
  readonly #levels: RecordPool;
  /** +1 where the lowest price is best, else −1. */
  readonly #direction: number;
  readonly #flipLow: number;
  readonly #flipHigh: number;
  #root = 0;
  #nodes = new Int32Array(NODE_INTS * 16);
  #usedInts = NODE_INTS;
  /** Free nodes are chained through PARENT; their bitmap and children are 0. */
  #firstFree = NO_NODE;

  /** @param lowestIsBest true for asks, false for bids */
  constructor(levels: RecordPool, lowestIsBest: boolean) {
    this.#levels = levels;
    this.#direction = lowestIsBest ? 1 : -1;
    this.#flipLow = lowestIsBest ? 0 : LOW_MASK;
    this.#flipHigh = lowestIsBest ? 0 : HIGH_MASK;
  }

  /** The level at a price, −1 when there is none. */
  find(priceTicks: number): number {
    const nodes = this.#nodes;
    const low = (priceTicks & LOW_MASK) ^ this.#flipLow;
    const high = ((priceTicks * 2 ** -LOW_BITS) | 0) ^ this.#flipHigh;
    let child = this.#root;
    while (child > 0) child = nodes[child + CHILDREN + digitOf(low, high, nodes[child + SHIFT])];
    if (child === 0) return NONE;
    return this.#levels.doubles[~child * 4 + LEVEL_PRICE] === priceTicks ? ~child : NONE;
  }

  /** The level at a price. If there is none, one is made that has neither lots nor orders. */
  findOrInsert(priceTicks: number): number {
    const nodes = this.#nodes;
    const low = (priceTicks & LOW_MASK) ^ this.#flipLow;
    const high = ((priceTicks * 2 ** -LOW_BITS) | 0) ^ this.#flipHigh;
    let parent = NO_NODE;
    let child = this.#root;
    while (child > 0) {
      parent = child;
      child = nodes[child + CHILDREN + digitOf(low, high, nodes[child + SHIFT])];
    }
    if (child < 0) {
      // The search passed over digits that all keys below a node share, so the level it ends at may be another.
      const present = this.#levels.doubles[~child * 4 + LEVEL_PRICE];
      if (present === priceTicks) return ~child;
      const presentLow = (present & LOW_MASK) ^ this.#flipLow;
      const presentHigh = ((present * 2 ** -LOW_BITS) | 0) ^ this.#flipHigh;
      const shift = firstDifference(low ^ presentLow, high ^ presentHigh);
      return this.#insertAt(this.#split(parent, child, shift, low, high), priceTicks, low, high);
    }
    if (parent !== NO_NODE) {
      // Nothing at the key's digit; but it belongs below this node only if it shares the digits above.
      const shift = firstDifference(low ^ nodes[parent + KEY_LOW], high ^ nodes[parent + KEY_HIGH]);
      if (shift > nodes[parent + SHIFT]) {
        const above = nodes[parent + PARENT];
        return this.#insertAt(this.#split(above, parent, shift, low, high), priceTicks, low, high);
      }
    }
    return this.#insertAt(parent, priceTicks, low, high);
  }

  /** Takes an empty level out and frees its record. */
  remove(level: number): void {
    if (level === this.best) this.best = this.nextWorse(level);
    const node = this.#levels.ints[level * 8 + LEVEL_NODE];
    if (node === NO_NODE) {
      this.#root = 0;
    } else {
      const nodes = this.#nodes;
      const digit = this.#digitOfLevel(level, node);
      const bitmap = nodes[node + BITMAP] & ~(0x80000000 >>> digit);
      nodes[node + BITMAP] = bitmap;
      nodes[node + CHILDREN + digit] = 0;
      const isOneLeft = (bitmap & (bitmap - 1)) === 0;
      if (isOneLeft) this.#dissolve(node);
    }
    this.size--;
    this.#levels.release(level);
  }

  /** The next level after one that is present, −1 after the worst. */
  nextWorse(level: number): number {
    const nodes = this.#nodes;
    const price = this.#levels.doubles[level * 4 + LEVEL_PRICE];
    const low = (price & LOW_MASK) ^ this.#flipLow;
    const high = ((price * 2 ** -LOW_BITS) | 0) ^ this.#flipHigh;
    let node = this.#levels.ints[level * 8 + LEVEL_NODE];
    while (node !== NO_NODE) {
      const digit = digitOf(low, high, nodes[node + SHIFT]);
      // The children of larger digits: the first level below the first of them, else further up.
      const worse = nodes[node + BITMAP] & (0x7fffffff >>> digit);
      if (worse !== 0) {
        let child = nodes[node + CHILDREN + Math.clz32(worse)];
        while (child > 0) child = nodes[child + CHILDREN + Math.clz32(nodes[child + BITMAP])];
        return ~child;
      }
      node = nodes[node + PARENT];
    }
    return NONE;
  }

  /**
   * The best level worse than a price, −1 when there is none. Finds it from the level at that price; if
   * there is none, walks there from the best.
   */
  firstWorseThan(priceTicks: number): number {
    const present = this.find(priceTicks);
    if (present !== NONE) return this.nextWorse(present);
    const { doubles } = this.#levels;
    let level = this.best;
    while (level !== NONE && !this.#isBetter(priceTicks, doubles[level * 4 + LEVEL_PRICE])) {
      level = this.nextWorse(level);
    }
    return level;
  }

  /** Asserts the shape of the whole trie, and that walking it meets `size` levels in key order. */
  checkInvariants(): void {
    const first = this.#checkBelow(this.#root, NO_NODE);
    assert(first.levels === this.size, 'price index: size is not the number of levels');
    assert(this.best === first.best, 'price index: best is not the first level');
    let walked = 0;
    let previousPrice = this.#flipLow === 0 ? 0 : 2 ** 53;
    for (let level = this.best; level !== NONE; level = this.nextWorse(level)) {
      const price = this.#levels.doubles[level * 4 + LEVEL_PRICE];
      assert(this.#isBetter(previousPrice, price), 'price index: levels out of order');
      assert(this.find(price) === level, 'price index: a level cannot be found');
      previousPrice = price;
      walked++;
    }
    assert(walked === this.size, 'price index: the walk misses levels');
  }

  #insertAt(parent: number, priceTicks: number, low: number, high: number): number {
    const level = this.#levels.allocate();
    const { doubles, ints } = this.#levels;
    doubles[level * 4 + LEVEL_PRICE] = priceTicks;
    doubles[level * 4 + LEVEL_LOTS] = 0;
    ints[level * 8 + LEVEL_COUNT] = 0;
    ints[level * 8 + LEVEL_NODE] = parent;
    this.#setChild(parent, ~level, low, high);
    this.size++;
    const best = this.best;
    if (best === NONE || this.#isBetter(priceTicks, doubles[best * 4 + LEVEL_PRICE])) {
      this.best = level;
    }
    return level;
  }

  /** A difference of whole numbers up to 2^53 − 1 is exact, and no branch depends on the side. */
  #isBetter(priceTicks: number, otherTicks: number): boolean {
    return (priceTicks - otherTicks) * this.#direction < 0;
  }

  /** Hangs a child below a node (or as the root) at the digit of its key. */
  #setChild(parent: number, child: number, low: number, high: number): void {
    if (parent === NO_NODE) {
      this.#root = child;
      return;
    }
    const nodes = this.#nodes;
    const digit = digitOf(low, high, nodes[parent + SHIFT]);
    nodes[parent + BITMAP] |= 0x80000000 >>> digit;
    nodes[parent + CHILDREN + digit] = child;
  }

  /**
   * Puts a node for the digit at `shift` on the path from `child` (below `parent`) up to the root, where
   * the given key leaves that path, and answers it. It has one child until the caller adds the key.
   */
  #split(parent: number, child: number, shift: number, low: number, high: number): number {
    let above = parent;
    let below = child;
    while (above !== NO_NODE && this.#nodes[above + SHIFT] < shift) {
      below = above;
      above = this.#nodes[above + PARENT];
    }
    const node = this.#allocateNode();
    const nodes = this.#nodes;
    nodes[node + SHIFT] = shift;
    nodes[node + PARENT] = above;
    nodes[node + KEY_LOW] = low;
    nodes[node + KEY_HIGH] = high;
    this.#setChild(above, node, low, high);
    if (below > 0) {
      this.#setChild(node, below, nodes[below + KEY_LOW], nodes[below + KEY_HIGH]);
      nodes[below + PARENT] = node;
    } else {
      const price = this.#levels.doubles[~below * 4 + LEVEL_PRICE];
      const belowLow = (price & LOW_MASK) ^ this.#flipLow;
      const belowHigh = ((price * 2 ** -LOW_BITS) | 0) ^ this.#flipHigh;
      this.#setChild(node, below, belowLow, belowHigh);
      this.#levels.ints[~below * 8 + LEVEL_NODE] = node;
    }
    return node;
  }

  /** Takes out a node with one child left: the child moves up into its place. */
  #dissolve(node: number): void {
    const nodes = this.#nodes;
    const digit = Math.clz32(nodes[node + BITMAP]);
    const child = nodes[node + CHILDREN + digit];
    const parent = nodes[node + PARENT];
    this.#setChild(parent, child, nodes[node + KEY_LOW], nodes[node + KEY_HIGH]);
    if (child > 0) nodes[child + PARENT] = parent;
    else this.#levels.ints[~child * 8 + LEVEL_NODE] = parent;
    nodes[node + BITMAP] = 0;
    nodes[node + CHILDREN + digit] = 0;
    nodes[node + PARENT] = this.#firstFree;
    this.#firstFree = node;
  }

  #allocateNode(): number {
    const node = this.#firstFree;
    if (node !== NO_NODE) {
      this.#firstFree = this.#nodes[node + PARENT];
      return node;
    }
    if (this.#usedInts === this.#nodes.length) {
      const grownNodes = Math.ceil((this.#usedInts / NODE_INTS) * 1.5);
      assert(grownNodes * NODE_INTS < 2 ** 31, 'price index: too many nodes');
      const nodes = new Int32Array(grownNodes * NODE_INTS);
      nodes.set(this.#nodes);
      this.#nodes = nodes;
    }
    this.#usedInts += NODE_INTS;
    return this.#usedInts - NODE_INTS;
  }

  #digitOfLevel(level: number, node: number): number {
    const price = this.#levels.doubles[level * 4 + LEVEL_PRICE];
    const low = (price & LOW_MASK) ^ this.#flipLow;
    const high = ((price * 2 ** -LOW_BITS) | 0) ^ this.#flipHigh;
    return digitOf(low, high, this.#nodes[node + SHIFT]);
  }

  #checkBelow(child: number, parent: number): { levels: number; best: number } {
    if (child === 0) return { levels: 0, best: NONE };
    if (child < 0) {
      assert(this.#levels.ints[~child * 8 + LEVEL_NODE] === parent, 'price index: level astray');
      return { levels: 1, best: ~child };
    }
    const nodes = this.#nodes;
    assert(nodes[child + PARENT] === parent, 'price index: node astray');
    assert(
      parent === NO_NODE || nodes[parent + SHIFT] > nodes[child + SHIFT],
      'price index: digits out of order',
    );
    let children = 0;
    let levels = 0;
    let best: number = NONE;
    for (let digit = 0; digit < 32; digit++) {
      const present = (nodes[child + BITMAP] & (0x80000000 >>> digit)) !== 0;
      const grandchild = nodes[child + CHILDREN + digit];
      assert(present === (grandchild !== 0), 'price index: bitmap and children differ');
      if (!present) continue;
      const below = this.#checkBelow(grandchild, child);
      if (children === 0) best = below.best;
      children++;
      levels += below.levels;
    }
    assert(children >= 2, 'price index: a node with fewer than two children');
    return { levels, best };
  }
}

/** The digit 0 … 31 of a key that a node with this shift branches on. */
function digitOf(low: number, high: number, shift: number): number {
  return (shift < LOW_BITS ? low >>> shift : high >>> (shift - LOW_BITS)) & 31;
}

/** The shift of the highest digit in which two keys differ, from the XOR of their words; 0 if equal. */
function firstDifference(lowXor: number, highXor: number): number {
  if (highXor !== 0) {
    const bit = 31 - Math.clz32(highXor);
    return LOW_BITS + bit - (bit % 5);
  }
  const bit = 31 - Math.clz32(lowXor | 1);
  return bit - (bit % 5);
}
