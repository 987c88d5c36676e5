import type { BookUnits, DepthEvent } from './book-builder.ts';
import { unitsOf } from './decimal-text.ts';
import type { DepthQueue } from './depth-queue.ts';

/**
 * Reads depth frames of one market straight from their bytes into a queue: a day has some 160,000 of
 * them and shares its cores with the venue. Every byte is checked against the contract's layout with
 * sorted keys and no spaces; a frame in any other layout is left to a JSON parser, with the same result.
 */
export class DepthFrameReader {
  readonly #queue: DepthQueue;
  readonly #units: BookUnits;
  readonly #beforeSequence = Buffer.from(',"a":[');
  readonly #betweenSides = Buffer.from('],"b":[');
  readonly #afterSides: Buffer;
  readonly #end: Buffer;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(queue: DepthQueue, symbol: string, units: BookUnits) {
    this.#queue = queue;
    this.#units = units;
    this.#afterSides = Buffer.from(`],"e":"depth","s":"${symbol}","u":`);
    this.#end = Buffer.from(`},"stream":"depth.${symbol}"}`);
  }

  /** Queues the frame's event; false (and nothing queued) when it is not a frame of the known layout. */
  read(frame: Uint8Array): boolean {
    this.#bytes = frame;
    this.#at = 0;
    const firstId = this.#readStart();
    if (firstId < 0 || !this.#readSides() || !this.#literal(this.#afterSides))
      return this.#giveUp();
    const lastId = this.#digits();
    if (lastId < 0 || !this.#literal(this.#end) || this.#at !== frame.length) return this.#giveUp();
    this.#queue.commit(firstId, lastId);
    return true;
  }

  #giveUp(): boolean {
    this.#queue.rollback();
    return false;
  }

  #readStart(): number {
    if (!this.#literal(DATA_E) || this.#digits() < 0) return -1;
    if (!this.#literal(COMMA_T) || this.#digits() < 0) return -1;
    return this.#literal(COMMA_U) ? this.#digits() : -1;
  }

  #readSides(): boolean {
    return (
      this.#literal(this.#beforeSequence) &&
      this.#levels(false) &&
      this.#literal(this.#betweenSides) &&
      this.#levels(true)
    );
  }

  /** Reads `["p","q"],["p","q"]…` up to, not including, the closing bracket. */
  #levels(isBid: boolean): boolean {
    if (this.#bytes[this.#at] === CLOSE) return true;
    for (;;) {
      if (!this.#literal(OPEN_LEVEL)) return false;
      const price = this.#decimal(this.#units.priceDecimals);
      if (price < 0 || !this.#literal(BETWEEN)) return false;
      const quantity = this.#decimal(this.#units.quantityDecimals);
      if (quantity < 0 || !this.#literal(CLOSE_LEVEL)) return false;
      this.#queue.addLevel(isBid, price, quantity);
      if (this.#bytes[this.#at] !== COMMA) return true;
      this.#at++;
    }
  }

  #literal(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    const length = expected.length;
    for (let index = 0; index < length; index++) {
      if (bytes[at + index] !== expected[index]) return false;
    }
    this.#at = at + length;
    return true;
  }

  /** An unsigned integer of at most 16 digits, or −1. */
  #digits(): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let value = 0;
    let byte = bytes[at]!;
    while (byte >= 48 && byte <= 57) {
      value = value * 10 + byte - 48;
      byte = bytes[++at]!;
    }
    this.#at = at;
    return at > start && at - start <= 16 ? value : -1;
  }

  /** A decimal as a whole number of 10^-places, or −1. */
  #decimal(places: number): number {
    let value = this.#digits();
    if (value < 0) return -1;
    const bytes = this.#bytes;
    let at = this.#at;
    let place = 0;
    if (bytes[at] === POINT) {
      let byte = bytes[++at]!;
      while (byte >= 48 && byte <= 57) {
        if (place === places) return -1;
        value = value * 10 + byte - 48;
        place++;
        byte = bytes[++at]!;
      }
      if (place === 0) return -1;
      this.#at = at;
    }
    for (; place < places; place++) value *= 10;
    return value <= Number.MAX_SAFE_INTEGER ? value : -1;
  }
}

const COMMA = 0x2c;
const POINT = 0x2e;
const CLOSE = 0x5d;
const DATA_E = Buffer.from('{"data":{"E":');
const COMMA_T = Buffer.from(',"T":');
const COMMA_U = Buffer.from(',"U":');
const OPEN_LEVEL = Buffer.from('["');
const BETWEEN = Buffer.from('","');
const CLOSE_LEVEL = Buffer.from('"]');

/** Queues a depth event that a JSON parser has read. */
export function queueDepthEvent(queue: DepthQueue, event: DepthEvent, units: BookUnits): void {
  const { priceDecimals, quantityDecimals } = units;
  for (const [price, quantity] of event.a) {
    queue.addLevel(false, unitsOf(price, priceDecimals), unitsOf(quantity, quantityDecimals));
  }
  for (const [price, quantity] of event.b) {
    queue.addLevel(true, unitsOf(price, priceDecimals), unitsOf(quantity, quantityDecimals));
  }
  queue.commit(event.U, event.u);
}
