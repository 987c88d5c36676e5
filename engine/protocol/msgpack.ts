import { assert } from '../assert.ts';

/*
 * The msgpack subset of the protocol (https://github.com/msgpack/msgpack/blob/master/spec.md): arrays,
 * integers, nil, booleans and UTF-8 strings. Integers up to 32 bits take their shortest form here (a field
 * of kind `wideUint` does not, see message.ts); larger and negative ones travel as 64-bit floats, which hold every
 * safe integer exactly, take the same 9 bytes and are written and read in one instruction.
 *
 * Each function writes at `at`, where the caller has made room, and answers where it ended.
 */

/** An integer in 0 … 2^53 − 1. */
export function putUint(bytes: Uint8Array, view: DataView, at: number, value: number): number {
  if (value < 0x100) {
    assert(value >= 0, 'negative or missing unsigned integer');
    if (value < 128) {
      bytes[at] = value;
      return at + 1;
    }
    bytes[at] = 0xcc;
    bytes[at + 1] = value;
    return at + 2;
  }
  if (value < 0x10000) {
    bytes[at] = 0xcd;
    view.setUint16(at + 1, value);
    return at + 3;
  }
  if (value < 0x100000000) {
    bytes[at] = 0xce;
    view.setUint32(at + 1, value);
    return at + 5;
  }
  assert(value <= Number.MAX_SAFE_INTEGER, 'integer above 2^53 - 1, or not a number');
  bytes[at] = 0xcb;
  view.setFloat64(at + 1, value);
  return at + 9;
}

/** An integer of either sign, magnitude below 2^53. */
export function putInt(bytes: Uint8Array, view: DataView, at: number, value: number): number {
  if (value >= 0) return putUint(bytes, view, at, value);
  assert(value >= -Number.MAX_SAFE_INTEGER, 'integer below -(2^53 - 1), or not a number');
  bytes[at] = 0xcb;
  view.setFloat64(at + 1, value);
  return at + 9;
}

/** Below 65,536 bytes of UTF-8. */
export function putText(bytes: Uint8Array, at: number, value: string): number {
  const encoded = Buffer.from(value, 'utf8');
  const { length } = encoded;
  assert(length < 65536, 'text too long for a frame');
  if (length < 32) {
    bytes[at++] = 0xa0 | length;
  } else {
    bytes[at++] = 0xda;
    bytes[at++] = length >>> 8;
    bytes[at++] = length;
  }
  bytes.set(encoded, at);
  return at + length;
}

/** Fewer than 65,536 elements. */
export function putArrayHeader(bytes: Uint8Array, at: number, length: number): number {
  if (length < 16) {
    bytes[at] = 0x90 | length;
    return at + 1;
  }
  assert(length < 65536, 'array too long for a frame');
  bytes[at] = 0xdc;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
  return at + 3;
}

/** Integers in 0 … 2^53 − 1, fewer than 65,536. */
export function putUintList(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  values: readonly number[],
): number {
  let end = putArrayHeader(bytes, at, values.length);
  for (let index = 0; index < values.length; index++) {
    end = putUint(bytes, view, end, values[index]!);
  }
  return end;
}
