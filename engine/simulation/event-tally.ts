import { Hash64 } from '../collections/hash64.ts';
import type { FrameReader } from '../protocol/frame-reader.ts';

/** Bytes taken into the hash as one whole number. */
const BYTES_AT_ONCE = 6;

/** The digest of a stream of event frames, whatever pieces it came in, and how many there were of each type. */
export class EventTally {
  /** By type number. */
  readonly counts = new Map<number, number>();
  readonly #hash = new Hash64();

  /** Takes in the current frame of `frame`, of which nothing but type and sequence was read. */
  take(frame: FrameReader): void {
    const { type, sequence, bytes, position } = frame;
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
    this.#hash.add(type);
    this.#hash.add(sequence);
    this.#hash.add(position - frame.at);
    for (let at = frame.at; at < position; at += BYTES_AT_ONCE) {
      let word = 0;
      const end = Math.min(position, at + BYTES_AT_ONCE);
      for (let byte = at; byte < end; byte++) word = word * 256 + bytes[byte]!;
      this.#hash.add(word);
    }
  }

  /** 16 hex digits. */
  digest(): string {
    return this.#hash.digest();
  }
}
