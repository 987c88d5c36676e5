import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { ShardParts } from '../engine/shard/shard-parts.ts';
import { CANARIES } from '../engine/simulation/canaries.ts';
import {
  GOLDEN_RECIPES,
  type GoldenRecipe,
  recordJournals,
  replayJournals,
  segmentPaths,
} from '../engine/simulation/golden-journals.ts';
import { knownResult, loadJournals } from './golden-journals.ts';

/** What the journals must have between them, by the names of events, kinds of order events and refusals. */
const MIX = [
  ...['Trade', 'MatchPrevented', 'BookDelta', 'FundsMoved', 'BalanceChanged', 'MarketStateChanged'],
  ...['Accepted', 'Fill', 'Modified', 'Cancelled', 'Expired', 'TriggerPlaced', 'TriggerFailed'],
  ...['MarketClosed', 'MarketCancelOnly', 'MarketPostOnly', 'InsufficientFunds'],
  ...['FillOrKillUnfillable', 'ReduceTooLarge', 'PriceOutsideBand', 'deferred'],
];

for (const recipe of GOLDEN_RECIPES) {
  const { name, shardCount } = recipe;
  test(`what was journaled leads to what it led to then: ${name}`, () => {
    assert.deepEqual(replayJournals(loadJournals(recipe), shardCount), knownResult(recipe));
  });
}

test('the golden journals have a rich mix, in several segments', () => {
  const occurred = new Set<string>();
  for (const recipe of GOLDEN_RECIPES) {
    const { occurrences } = knownResult(recipe);
    for (const [what, times] of Object.entries(occurrences)) if (times > 0) occurred.add(what);
    assert.ok(segmentPaths(loadJournals(recipe), 0).length > 1);
  }
  const missing = MIX.filter((what) => !occurred.has(what));
  assert.deepEqual(missing, []);
});

/**
 * What a book says of its best price decides nothing; of the rest the recorded flows have no case, and the
 * simulation finds them. When these were recorded no replace could expire.
 */
const WITHOUT_TRACE = [
  'the best price outlives its level',
  'a reduce costs the place',
  'the kill switch does not hold',
  'a replace never expires',
  'every account is known',
  'a replace far from home locks too little',
];

/** Whether they make of some golden journal what the known parts do not. */
function changeHistory(parts: ShardParts): boolean {
  return GOLDEN_RECIPES.some((recipe) => {
    try {
      const result = replayJournals(loadJournals(recipe), recipe.shardCount, parts);
      return !isDeepStrictEqual(result, knownResult(recipe));
    } catch {
      return true;
    }
  });
}

test('each deliberate fault of a shard makes another history of them', () => {
  const faults = CANARIES.filter(({ recovery }) => recovery === undefined);
  const unseen = faults.filter(({ parts }) => !changeHistory(parts)).map(({ name }) => name);
  assert.deepEqual(unseen, WITHOUT_TRACE);
});

test('a journal is recorded the same each time, and another leads elsewhere', () => {
  const recipe: GoldenRecipe = {
    ...{ name: 'short', mode: 'crowd', seed: 5, shardCount: 2, commands: 80 },
  };
  const [one, again] = [recordJournals(recipe), recordJournals(recipe)];
  for (const path of [...segmentPaths(one, 0), ...segmentPaths(one, 1)]) {
    assert.deepEqual(again.contentOf(path), one.contentOf(path));
  }
  const other = recordJournals({ ...recipe, seed: 6 });
  assert.notDeepEqual(replayJournals(other, 2), replayJournals(one, 2));
});
