import { Hash64 } from './hash64.ts';

/**
 * A 64-bit hash of a collection whose order does not matter: the sum of its elements' hashes, each half
 * mod 2^32 (the additive hash of Bellare and Micciancio, "A New Paradigm for Collision-Free Hashing", 1997;
 * over multisets, Clarke et al., "Incremental Multiset Hash Functions", 2003). An element is added in
 * constant time, and equal elements add up where XOR would cancel them.
 *
 * Two different collections agree by accident once in 2^64. Sums of unkeyed 64-bit hashes do not
 * protect from someone who chooses the elements to make two collections agree.
 */
export class MultisetHash {
  high = 0;
  low = 0;

  /** Adds an element, the sequence that `element` took in. */
  add(element: Hash64): void {
    element.finish();
    this.high = (this.high + element.high) | 0;
    this.low = (this.low + element.low) | 0;
  }

  /** Takes this sum in as one item of a longer sequence. */
  addTo(sequence: Hash64): void {
    sequence.addWord(this.high);
    sequence.addWord(this.low);
  }

  /** 16 hex digits. */
  text(): string {
    const hash = new Hash64();
    this.addTo(hash);
    return hash.digest();
  }
}
