/**
 * A running 64-bit digest of a sequence of whole numbers: two 32-bit lanes, each mixed as in MurmurHash3
 * (Austin Appleby) with its own constants. Equal sequences give equal digests on every machine; it finds
 * divergence, it does not resist an attacker.
 */
export class Hash64 {
  #first = 0x243f6a88;
  #second = 0x85a308d3;
  #count = 0;

  /** Takes in one number, −(2^53 − 1) … 2^53 − 1. */
  add(value: number): void {
    this.#addWord(value | 0);
    this.#addWord(Math.floor(value / 2 ** 32) | 0);
  }

  /** The digest so far, 16 hex digits. */
  digest(): string {
    const first = finalise(this.#first ^ this.#count);
    const second = finalise(this.#second ^ first);
    return hexOf(finalise(first ^ second)) + hexOf(second);
  }

  #addWord(word: number): void {
    this.#first = mix(this.#first, Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593));
    this.#second = mix(
      this.#second,
      Math.imul(rotate(Math.imul(word, 0x239b961b), 16), 0xab0e9789),
    );
    this.#count++;
  }
}

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
