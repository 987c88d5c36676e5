import { assert } from '../engine/assert.ts';

/** An event as its shard sent it. */
export interface HeldEvent {
  readonly shard: number;
  /** With the length before it. */
  readonly frame: Uint8Array;
}

/** Frames of one shard that stand one behind the other: `bytes[start..end)`. */
interface Run {
  readonly shard: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  end: number;
}

/** Before each frame, little-endian. */
const LENGTH_BYTES = 4;

/**
 * The frames of a batch's events in the order they were taken, kept until the batch is committed:
 * should the database refuse it, smaller ones are made of them. They are not copied for that, so what
 * they stand in must not be overwritten.
 */
export class HeldEvents {
  count = 0;
  byteLength = 0;
  #runs: Run[] = [];

  /** Takes the frame `bytes[start..end)`. */
  add(shard: number, bytes: Uint8Array, start: number, end: number): void {
    this.count++;
    this.byteLength += end - start;
    const last = this.#runs.at(-1);
    if (last?.bytes === bytes && last.end === start) last.end = end;
    else this.#runs.push({ shard, bytes, start, end });
  }

  clear(): void {
    this.count = 0;
    this.byteLength = 0;
    this.#runs = [];
  }

  events(): HeldEvent[] {
    const events: HeldEvent[] = [];
    for (const { shard, bytes, start, end } of this.#runs) {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (let at = start; at < end; ) {
        const next = at + LENGTH_BYTES + view.getUint32(at, true);
        events.push({ shard, frame: bytes.subarray(at, next) });
        at = next;
      }
    }
    assert(events.length === this.count, 'frames that are held were overwritten');
    return events;
  }
}
