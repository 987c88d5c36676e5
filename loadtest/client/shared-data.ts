import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, seen from the compiled file in `dist/loadtest/client`. */
export const REPOSITORY_ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Path of a file or folder of the recorded data that lies beside the repository (`../shared`, or where
 * `RINGSIDE_SHARED` says); undefined when it is not there, so that a test can be skipped.
 */
export function sharedPath(...segments: string[]): string | undefined {
  const root = process.env.RINGSIDE_SHARED ?? join(REPOSITORY_ROOT, '..', 'shared');
  const path = join(root, ...segments);
  return existsSync(path) ? path : undefined;
}
