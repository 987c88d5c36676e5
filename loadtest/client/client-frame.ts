import { randomFillSync } from 'node:crypto';

/** Longest header of a masked frame: two bytes, eight of length, four of mask. */
export const FRAME_HEADER_BYTES_MAX = 14;

const FIN_BINARY = 0x82;
const FIN_TEXT = 0x81;
const MASKED = 0x80;
const MASK_BYTES = 4;

/** Random bytes for the next masks: one call to the generator serves a thousand frames. */
const masks = Buffer.alloc(1024 * MASK_BYTES);
let nextMask = masks.length;

/**
 * Writes the first `length` bytes of `payload` as one masked frame (RFC 6455, section 5.2) at `start` and answers its end.
 * `target` must have room for the payload and `FRAME_HEADER_BYTES_MAX`.
 */
export function writeClientFrame(
  target: Buffer,
  start: number,
  payload: Uint8Array,
  isBinary = true,
  length = payload.length,
): number {
  let at = start;
  target[at++] = isBinary ? FIN_BINARY : FIN_TEXT;
  if (length < 126) {
    target[at++] = MASKED | length;
  } else if (length < 65536) {
    target[at++] = MASKED | 126;
    at = target.writeUInt16BE(length, at);
  } else {
    target[at++] = MASKED | 127;
    at = target.writeBigUInt64BE(BigInt(length), at);
  }
  if (nextMask === masks.length) {
    randomFillSync(masks);
    nextMask = 0;
  }
  const mask = nextMask;
  nextMask += MASK_BYTES;
  at += masks.copy(target, at, mask, nextMask);
  for (let index = 0; index < length; index++) {
    target[at + index] = payload[index]! ^ masks[mask + (index & 3)]!;
  }
  return at + length;
}
