/**
 * Chris Doty-Humphrey's sfc32 (PractRand): 128 bits of state, a period of at least 2^32. Not for secrets.
 * The same seed gives the same sequence everywhere, so a failing test is named by its seed.
 */
export class Random {
  #a = 0;
  #b: number;
  #c = 0;
  #counter = 1;

  /** @param seed any 32 bits */
  constructor(seed: number) {
    this.#b = seed | 0;
    for (let i = 0; i < 12; i++) this.nextUint32();
  }

  /** 0 … 2^32 − 1, uniform. */
  nextUint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 … n − 1 for 1 ≤ n ≤ 2^32, by scaling; the bias is below n / 2^32. */
  below(n: number): number {
    return Math.floor((this.nextUint32() / 2 ** 32) * n);
  }

  /** 0 ≤ x < 1 with 32 bits. */
  nextUnit(): number {
    return this.nextUint32() / 2 ** 32;
  }
}
