import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SavedCase } from '../engine/simulation/simulation-case.ts';

/** Where the cases lie that `make test` runs for ever. This file runs compiled, in dist/tools. */
const REGRESSIONS_FOLDER = fileURLToPath(
  new URL('../../engine/simulation/regressions/', import.meta.url),
);

/** Writes the case with one step a line; answers the file's path. */
export function saveCase(name: string, saved: SavedCase, folder = REGRESSIONS_FOLDER): string {
  const { steps, ...rest } = saved.case;
  const text = JSON.stringify({ ...saved, case: rest }, null, 1);
  const lines = steps.map((step) => `   ${JSON.stringify(step)}`).join(',\n');
  const at = text.lastIndexOf('\n }\n}');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeFileSync(path, `${text.slice(0, at)},\n  "steps": [\n${lines}\n  ]${text.slice(at)}\n`);
  return path;
}
