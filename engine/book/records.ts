/**
 * Where the book keeps what in the records of its two pools (see `RecordPool`). A field of doubles is
 * read as `doubles[record * 4 + FIELD]`, a field of integers as `ints[record * 8 + FIELD]`.
 */

/** Absent record: end of a queue, no level, empty side. */
export const NONE = -1;

// Doubles of an order, then its integers.
export const ORDER_ID = 0;
export const ORDER_LOTS = 1;
export const ORDER_NEXT = 4;
export const ORDER_PREVIOUS = 5;
export const ORDER_LEVEL = 6;
export const ORDER_OWNER = 7;

// Doubles of a price level, then its integers.
export const LEVEL_PRICE = 0;
export const LEVEL_LOTS = 1;
export const LEVEL_HEAD = 4;
export const LEVEL_TAIL = 5;
export const LEVEL_COUNT = 6;
/** The trie node the level hangs from; written by `PriceIndex` alone. */
export const LEVEL_NODE = 7;
