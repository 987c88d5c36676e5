import { Unpackr } from 'msgpackr';
import { isPlainObject, isWithin, type RequestFields } from '../orders/request-fields.ts';
import type { RequestId } from './session.ts';

/** No record extension, so that no frame can leave anything behind for the next one. */
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

/**
 * The map in one frame: JSON text or msgpack. Undefined when the frame is neither, or is no map.
 * Everything is copied out of `message`, whose memory is taken back when the handler returns.
 */
export function decodeFrame(message: ArrayBuffer, isBinary: boolean): RequestFields | undefined {
  try {
    const value: unknown = isBinary
      ? unpackr.unpack(new Uint8Array(message))
      : JSON.parse(Buffer.from(message).toString('utf8'));
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const REQUEST_ID_LENGTH_MAX = 128;

/**
 * The caller's request id; null when there is none that could be sent back. From 2^53 on a number is read as one of its
 * neighbours, and two ids would be one: there is no telling which was written.
 */
export function readRequestId(value: unknown): RequestId | null {
  if (typeof value === 'number') {
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : null;
  }
  return typeof value === 'string' && isWithin(value, REQUEST_ID_LENGTH_MAX) ? value : null;
}
