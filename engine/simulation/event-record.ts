import { assert } from '../assert.ts';
import type { FrameReader } from '../protocol/frame-reader.ts';

/** The recorded events of one shard that anybody outside has ever heard, by sequence: each is what it is for ever. */
export class EventRecord {
  readonly #frames = new Map<number, Uint8Array>();

  /** Takes the current frame of `reader`. */
  take({ sequence, bytes, frameStart, position }: FrameReader): void {
    if (sequence === 0) return;
    const told = bytes.subarray(frameStart, position);
    const known = this.#frames.get(sequence);
    if (known === undefined) this.#frames.set(sequence, told.slice());
    else assert(areEqual(known, told), `event ${sequence} was told in two ways`);
  }

  /** Asserts that all of it is in a history: `events[i]` has sequence i + 1. */
  checkAgainst(events: readonly Uint8Array[], who: string): void {
    for (const [sequence, told] of this.#frames) {
      const caused = events[sequence - 1];
      assert(caused !== undefined, `${who} has lost event ${sequence}, which was told`);
      assert(areEqual(told, caused), `${who} causes another event ${sequence} than was told`);
    }
  }
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
