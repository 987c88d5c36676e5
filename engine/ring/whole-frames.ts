import { assert } from '../assert.ts';
import type { ByteRing } from './byte-ring.ts';

const LENGTH_BYTES = 4;

/**
 * Copies as many whole frames of `bytes[start..end)` as there is room for, and answers how many bytes that is. What is
 * in a ring ends with a frame at any time, then, wherever the thread that writes has ended: one that takes its place
 * begins a frame of its own.
 *
 * @param bytes `start` is where a frame begins, `end` where one ends; none is larger than the ring
 */
export function writeFrames(ring: ByteRing, bytes: Uint8Array, start: number, end: number): number {
  const roomEnd = start + ring.capacity - ring.fillBytes;
  if (end <= roomEnd) return ring.write(bytes, start, end);
  let fittingEnd = start;
  for (;;) {
    const frameEnd = fittingEnd + frameBytesAt(bytes, fittingEnd);
    if (frameEnd > roomEnd) break;
    fittingEnd = frameEnd;
  }
  assert(frameBytesAt(bytes, fittingEnd) <= ring.capacity, 'a frame is larger than its ring');
  return ring.write(bytes, start, fittingEnd);
}

/** With its length in front. */
function frameBytesAt(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
  return LENGTH_BYTES + low + bytes[at + 3]! * 2 ** 24;
}
