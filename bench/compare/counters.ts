import { resolve } from 'node:path';
import {
  areKnown,
  KNOWN_COUNTERS,
  readKnownCounters,
  renewKnownCounters,
} from '../gate/known-counters.ts';
import type { Counter } from '../gate/part.ts';
import { givenOptions, selectedParts } from './options.ts';
import { PartProcess } from './part-process.ts';

/**
 * `make bench-counters`: runs every part once and holds its counters to the known ones; `ARGS=--renew` makes them the
 * known ones. The difference belongs in the commit that causes it, with its reason.
 */
const root = resolve('.');
const options = givenOptions(['only'], ['renew']);

async function countersOf(
  name: string,
  nodeOptions: readonly string[],
): Promise<readonly Counter[]> {
  const process = new PartProcess(root, { name, nodeOptions, warmUpMs: 0, processor: null });
  try {
    return (await process.ready()).counters;
  } finally {
    process.kill();
  }
}

const counters = new Map<string, readonly Counter[]>();
for (const { name, nodeOptions = [] } of selectedParts(options.only)) {
  const of = await countersOf(name, nodeOptions);
  counters.set(name, of);
  for (const { name: what, unit, value } of of) console.log(`${name}: ${what} (${unit}) ${value}`);
}
if (options.renew) {
  const isChanged = renewKnownCounters(root, counters);
  console.log(isChanged ? `renewed ${KNOWN_COUNTERS}` : 'all were known already');
} else {
  const known = readKnownCounters(root);
  const wrong = [...counters].filter(([part, of]) => !areKnown(of, known[part]));
  for (const [part] of wrong)
    console.error(`${part}: not the known counters: ${JSON.stringify(known[part])}`);
  if (wrong.length > 0) process.exitCode = 1;
}
