import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SimulatedDisk } from '../engine/journal/simulated-disk.fixture.ts';
import {
  GOLDEN_RECIPES,
  type GoldenRecipe,
  type GoldenResult,
  recordJournals,
  replayJournals,
  segmentPaths,
} from '../engine/simulation/golden-journals.ts';

/**
 * The golden journals: recorded once, replayed by every test run, so that code which makes another state or other
 * events of a venue's past does not pass unnoticed. `node dist/tools/golden-journals.js` with
 *
 * - `--renew` replays the journals and writes down what they lead to now: for a change that is meant, such as another
 *   definition of the state hash. A change of balances, orders or events is one that no venue with a history survives.
 * - `--record` makes new journals: when the format or the meaning of commands has changed, so that journals of before
 *   cannot be replayed any more, which needs a new format version.
 */

/** This file runs compiled, in dist/tools. */
const FOLDER = fileURLToPath(new URL('../../engine/simulation/golden/', import.meta.url));
const RESULT_FILE = 'result.json';

/** The journals of a recipe as they were recorded. */
export function loadJournals({ name, shardCount }: GoldenRecipe): SimulatedDisk {
  const disk = new SimulatedDisk();
  for (let shard = 0; shard < shardCount; shard++) {
    const folder = join(FOLDER, name, `shard-${shard}`);
    for (const segment of readdirSync(folder)) {
      disk.replace(`/shard-${shard}/${segment}`, readFileSync(join(folder, segment)));
    }
  }
  return disk;
}

/** What they led to then. */
export function knownResult({ name }: GoldenRecipe): GoldenResult {
  return JSON.parse(readFileSync(join(FOLDER, name, RESULT_FILE), 'utf8'));
}

function record(recipe: GoldenRecipe): void {
  const disk = recordJournals(recipe);
  rmSync(join(FOLDER, recipe.name), { recursive: true, force: true });
  for (let shard = 0; shard < recipe.shardCount; shard++) {
    for (const path of segmentPaths(disk, shard)) {
      const file = join(FOLDER, recipe.name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, disk.contentOf(path));
    }
  }
}

function renew(recipe: GoldenRecipe): void {
  const result = replayJournals(loadJournals(recipe), recipe.shardCount);
  const text = `${JSON.stringify(result, null, 2)}\n`;
  writeFileSync(join(FOLDER, recipe.name, RESULT_FILE), text);
  const inputs = result.shards.map((shard) => shard.inputs);
  console.log(`${recipe.name}: ${inputs.join(' and ')} inputs`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [option] = process.argv.slice(2);
  if (option !== '--record' && option !== '--renew') {
    console.error('give --record or --renew: see the head of tools/golden-journals.ts');
    process.exit(2);
  }
  for (const recipe of GOLDEN_RECIPES) {
    if (option === '--record') record(recipe);
    renew(recipe);
  }
}
