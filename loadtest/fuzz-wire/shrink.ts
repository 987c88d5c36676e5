import type { FrameCase } from './wire-case.ts';

const TRIES_MAX = 200;

/**
 * Makes a failing frame shorter as long as it fails the same way, by leaving out ever smaller runs of bytes. (The least
 * that fails is rarely valid structure, and need not be.)
 */
export async function shrinkFrame(
  frameCase: FrameCase,
  isFailing: (shorter: FrameCase) => Promise<boolean>,
): Promise<FrameCase> {
  let { bytes } = frameCase;
  let tries = 0;
  for (let length = Math.ceil(bytes.length / 2); length >= 1; length = Math.floor(length / 2)) {
    for (let at = 0; at < bytes.length && tries < TRIES_MAX; ) {
      const shorter = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
      tries++;
      if (await isFailing({ ...frameCase, bytes: shorter })) bytes = shorter;
      else at += length;
    }
  }
  return { ...frameCase, bytes };
}
