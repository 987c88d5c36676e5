import type { Random } from '../collections/random.ts';
import { ByteRing } from '../ring/byte-ring.ts';
import type { SharedLink } from '../ring/link.ts';

/**
 * Joins the ring a thread writes to with the ring another one reads from, and moves bytes when it is
 * told to, as many as the seed says: so messages are delayed, and cut anywhere.
 */
export class Wire {
  readonly #from: ByteRing;
  readonly #to: ByteRing;
  readonly #random: Random;
  readonly #buffer: Uint8Array;

  constructor(from: SharedLink, to: SharedLink, random: Random, cutBytesMax: number) {
    this.#from = new ByteRing(from.ring);
    this.#to = new ByteRing(to.ring);
    this.#random = random;
    this.#buffer = new Uint8Array(cutBytesMax);
  }

  /** Moves some bytes, at least one; false when there is none to move, or no room for it. */
  move(): boolean {
    const room = this.#to.capacity - this.#to.fillBytes;
    const most = Math.min(room, this.#from.fillBytes, this.#buffer.length);
    if (most === 0) return false;
    const count = 1 + this.#random.below(most);
    this.#from.read(this.#buffer.subarray(0, count), 0);
    this.#to.write(this.#buffer, 0, count);
    return true;
  }
}
