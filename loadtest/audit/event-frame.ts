import type { Decimal } from './decimal-sums.ts';
import { decimalRemainder } from './weighted-sums.ts';

/** A member of an event's `data`, by its one letter. */
export const Member = {
  event: code('e'),
  symbol: code('s'),
  orderId: code('i'),
  status: code('X'),
  orderType: code('o'),
  price: code('p'),
  quantity: code('q'),
  executed: code('z'),
  buyer: code('b'),
  seller: code('a'),
  buyerIsMaker: code('m'),
  updateId: code('u'),
  bidPrice: code('b'),
  bidQuantity: code('B'),
  askPrice: code('a'),
  askQuantity: code('A'),
  side: code('S'),
  clientId: code('c'),
  tradeId: code('t'),
  fillQuantity: code('l'),
  fillPrice: code('L'),
  fee: code('n'),
  feeAsset: code('N'),
  isMaker: code('m'),
  engineUs: code('T'),
  asset: code('a'),
  available: code('A'),
  locked: code('L'),
} as const;

/** What the audit looks at of the streams; `order` is what befell an order and was no fill. */
export type HeardEvent = 'fill' | 'order' | 'balance' | 'trade' | 'bookTicker' | 'other';

/**
 * An event of a stream, read in place: no text and no object of a frame of which a few members matter.
 * What is looked at is valid until the next `read`. Frames are read as the contract has them, `{"data":{"E":…`
 * without spaces, and no member nested or escaped; the order of members does not matter. `compactFrame` makes such a
 * frame of any other.
 */
export class EventFrame {
  readonly #from = new Int32Array(LETTERS);
  readonly #to = new Int32Array(LETTERS);
  readonly #texts = new Map<number, string>();
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  /** What the frame is; undefined where it is not of that layout. Of `other`, no member can be asked. */
  read(bytes: Uint8Array, start: number, end: number): HeardEvent | undefined {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#to.fill(0);
    let event: HeardEvent | undefined;
    if (!this.#literal(OPEN)) return undefined;
    for (;;) {
      const letter = this.#member();
      if (letter < 0) return undefined;
      if (letter === Member.event) {
        event = this.#event();
        if (event === 'other') return event;
      }
      const next = bytes[this.#at++];
      if (next === CLOSE) return event;
      if (next !== COMMA || bytes[this.#at++] !== QUOTE) return undefined;
    }
  }

  has(member: number): boolean {
    return this.#to[member] !== 0;
  }

  /** The first byte of its value, without the quote. */
  firstByte(member: number): number {
    return this.#bytes[this.#from[member]!]!;
  }

  /** A whole number that is not negative; −1 where there is none. */
  whole(member: number): number {
    if (!this.has(member)) return -1;
    let value = 0;
    for (let at = this.#from[member]!; at < this.#to[member]!; at++) {
      const digit = this.#bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  /** Throws what is no decimal, or has more digits than a double keeps. */
  decimal(member: number, into: Decimal): Decimal {
    return into.read(this.#bytes, this.#from[member]!, this.#to[member]!);
  }

  /** Of a decimal, for `WeightedSums`. */
  remainder(member: number): number {
    return decimalRemainder(this.#bytes, this.#from[member]!, this.#to[member]!);
  }

  /** Whether its value is this text. */
  is(member: number, text: string): boolean {
    return this.#isText(text, this.#from[member]!, this.#to[member]!);
  }

  /** One of a few that come again and again: made once for the same bytes. */
  text(member: number): string {
    const from = this.#from[member]!;
    const to = this.#to[member]!;
    let hash = to - from;
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + this.#bytes[at]!) | 0;
    const known = this.#texts.get(hash);
    if (known !== undefined && this.#isText(known, from, to)) return known;
    const text = Buffer.from(this.#bytes.subarray(from, to)).toString('utf8');
    this.#texts.set(hash, text);
    return text;
  }

  /** Keeps the bytes of a value beyond the next `read`. */
  keep(member: number, into: KeptText): void {
    into.set(this.#bytes, this.#from[member]!, this.#to[member]!);
  }

  #isText(known: string, from: number, to: number): boolean {
    if (known.length !== to - from) return false;
    for (let at = from; at < to; at++) {
      if (known.charCodeAt(at - from) !== this.#bytes[at]) return false;
    }
    return true;
  }

  #event(): HeardEvent {
    const from = this.#from[Member.event]!;
    const to = this.#to[Member.event]!;
    if (this.#isText('orderFill', from, to)) return 'fill';
    for (const name of ORDER_EVENTS) if (this.#isText(name, from, to)) return 'order';
    if (this.#isText('balanceUpdate', from, to)) return 'balance';
    if (this.#isText('trade', from, to)) return 'trade';
    return this.#isText('bookTicker', from, to) ? 'bookTicker' : 'other';
  }

  /** Takes `k":value`, and answers the letter; 0 when its name is longer, −1 when it cannot be read. */
  #member(): number {
    const name = this.#at;
    const nameEnd = this.#stringEnd();
    if (nameEnd < 0 || this.#bytes[this.#at++] !== COLON) return -1;
    const letter = nameEnd === name + 1 && this.#bytes[name]! < LETTERS ? this.#bytes[name]! : 0;
    const isString = this.#bytes[this.#at] === QUOTE;
    if (isString) this.#at++;
    this.#from[letter] = this.#at;
    const end = isString ? this.#stringEnd() : this.#bareEnd();
    this.#to[letter] = end;
    return end < 0 ? -1 : letter;
  }

  /** Goes behind the quote that ends a string, and answers where it is; −1 when it is escaped or has no end. */
  #stringEnd(): number {
    const bytes = this.#bytes;
    for (let at = this.#at; at < this.#end; at++) {
      const byte = bytes[at];
      if (byte === ESCAPE) return -1;
      if (byte !== QUOTE) continue;
      this.#at = at + 1;
      return at;
    }
    return -1;
  }

  /** The end of a number, `true`, `false` or `null`; −1 of anything else. */
  #bareEnd(): number {
    const bytes = this.#bytes;
    for (let at = this.#at; at < this.#end; at++) {
      const byte = bytes[at];
      if (byte === COMMA || byte === CLOSE) {
        this.#at = at;
        return at;
      }
      if (byte === OBJECT || byte === ARRAY || byte === SPACE) return -1;
    }
    return -1;
  }

  #literal(expected: Uint8Array): boolean {
    if (this.#end - this.#at < expected.length) return false;
    for (let index = 0; index < expected.length; index++) {
      if (this.#bytes[this.#at + index] !== expected[index]) return false;
    }
    this.#at += expected.length;
    return true;
  }
}

/**
 * A frame with the members of `data` that `EventFrame` reads, as it reads them; undefined of what is no event. Throws
 * what is no JSON.
 */
export function compactFrame(frame: string): Buffer | undefined {
  const { data } = JSON.parse(frame) as { data?: Readonly<Record<string, unknown>> };
  if (typeof data !== 'object' || data === null) return undefined;
  const members = Object.entries(data).filter(
    ([name, value]) => name.length === 1 && typeof value !== 'object',
  );
  return Buffer.from(JSON.stringify({ data: Object.fromEntries(members) }));
}

/** A short text that is replaced again and again. */
export class KeptText {
  #bytes = Buffer.allocUnsafe(32);
  #length = 0;

  set(bytes: Uint8Array, from: number, to: number): void {
    this.#length = to - from;
    if (this.#length > this.#bytes.length) this.#bytes = Buffer.allocUnsafe(2 * this.#length);
    for (let index = 0; index < this.#length; index++) this.#bytes[index] = bytes[from + index]!;
  }

  toString(): string {
    return this.#bytes.toString('latin1', 0, this.#length);
  }
}

function code(letter: string): number {
  return letter.charCodeAt(0);
}

const ORDER_EVENTS = ['orderAccepted', 'orderCancelled', 'orderExpired'];
const LETTERS = 128;
const OPEN = Buffer.from('{"data":{"');
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const COLON = 0x3a;
const SPACE = 0x20;
const ARRAY = 0x5b;
const ESCAPE = 0x5c;
const OBJECT = 0x7b;
const CLOSE = 0x7d;
