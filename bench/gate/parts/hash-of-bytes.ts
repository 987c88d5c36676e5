import { Hash64 } from '../../../engine/collections/hash64.ts';

/** Of `bytes[start..end)` and how many they are; 16 hex digits. */
export function hashOfBytes(bytes: Uint8Array, start: number, end: number): string {
  const hash = new Hash64();
  hash.add(end - start);
  for (let at = start; at < end; at++) hash.addWord(bytes[at]!);
  return hash.digest();
}
