/**
 * A running 64-bit digest of a sequence of whole numbers: two 32-bit lanes, each mixed as in MurmurHash3
 * (Austin Appleby) with its own constants. Equal sequences give equal digests on every machine; it finds
 * divergence, it does not resist an attacker.
 */
export class Hash64 {
  /** The digest's halves, as 32-bit integers, after `finish`. */
  high = 0;
  low = 0;
  #first = FIRST_SEED;
  #second = SECOND_SEED;
  #count = 0;

  /** Begins a new sequence. */
  reset(): void {
    this.#first = FIRST_SEED;
    this.#second = SECOND_SEED;
    this.#count = 0;
  }

  /** Takes in one number, −(2^53 − 1) … 2^53 − 1. */
  add(value: number): void {
    this.addWord(value | 0);
    this.addWord(Math.floor(value / 2 ** 32) | 0);
  }

  /** Takes in a 32-bit integer: half the work, and not the same digest as of `add`. */
  addWord(word: number): void {
    this.#first = mix(this.#first, Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593));
    this.#second = mix(
      this.#second,
      Math.imul(rotate(Math.imul(word, 0x239b961b), 16), 0xab0e9789),
    );
    this.#count++;
  }

  /** Takes in a text, by length and UTF-16 code units. */
  addText(text: string): void {
    this.addWord(text.length);
    for (let at = 0; at < text.length; at++) this.addWord(text.charCodeAt(at));
  }

  /** Sets `high` and `low` to the digest so far; more may be added after it. */
  finish(): void {
    const first = finalise(this.#first ^ this.#count);
    const second = finalise(this.#second ^ first);
    this.high = finalise(first ^ second);
    this.low = second;
  }

  /** The digest so far, 16 hex digits. */
  digest(): string {
    this.finish();
    return hexOf(this.high) + hexOf(this.low);
  }
}

const FIRST_SEED = 0x243f6a88;
const SECOND_SEED = 0x85a308d3 | 0;

function mix(state: number, word: number): number {
  return (Math.imul(rotate(state ^ word, 13), 5) + 0xe6546b64) | 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function finalise(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function hexOf(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
