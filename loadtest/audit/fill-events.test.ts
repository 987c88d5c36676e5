import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FillEvents } from './fill-events.ts';

/** Trades 1 to 5 of a market, each told to both parties. */
function whole(): FillEvents {
  const events = new FillEvents();
  for (let trade = 1; trade <= 5; trade++) {
    events.add('A_Q', trade, false);
    events.add('A_Q', trade, true);
  }
  return events;
}

const OURS = { hasStrangers: false, isWhole: false };
const STRANGERS = { hasStrangers: true, isWhole: false };
const TOLD = [{ symbol: 'A_Q', tradeIds: Float64Array.of(3, 1, 2, 5, 4) }];

test('each trade once to each party is right, also one that no reply told', () => {
  assert.equal(whole().compare(TOLD, OURS).count, 0);
  const [{ tradeIds }] = TOLD as [(typeof TOLD)[number]];
  assert.equal(whole().compare([{ symbol: 'A_Q', tradeIds: tradeIds.slice(1) }], OURS).count, 0);
});

test('a fill that one party was not told, or twice, is wrong', () => {
  const missing = new FillEvents();
  missing.add('A_Q', 1, true);
  const one = [{ symbol: 'A_Q', tradeIds: Float64Array.of(1) }];
  assert.deepEqual(missing.compare(one, OURS).words, [
    'trade 1 of A_Q was told to who took 0 times',
  ]);
  for (const isMaker of [true, false]) {
    const twice = whole();
    twice.add('A_Q', 4, isMaker);
    const { count, words } = twice.compare(TOLD, STRANGERS);
    assert.equal(count, 1);
    assert.match(words[0]!, /^trade 4 of A_Q was told to who (?:made|took) 2 times$/);
    // Whether or not a reply told it.
    assert.deepEqual(twice.compare([], STRANGERS).words, ['trade 4 of A_Q was told twice']);
  }
});

test('who made may be a stranger, if there are any', () => {
  const events = new FillEvents();
  events.add('A_Q', 1, false);
  const one = [{ symbol: 'A_Q', tradeIds: Float64Array.of(1) }];
  assert.equal(events.compare(one, STRANGERS).count, 0);
  assert.equal(events.compare(one, OURS).count, 1);
});

test('markets do not share their trade ids', () => {
  const events = whole();
  const told = [...TOLD, { symbol: 'B_Q', tradeIds: Float64Array.of(1) }];
  assert.equal(events.compare(told, OURS).count, 2);
});

test('a trade that two replies told, and one that none did though all came', () => {
  const ids = (...tradeIds: number[]) => [{ symbol: 'A_Q', tradeIds: Float64Array.from(tradeIds) }];
  const whole5 = { ...OURS, isWhole: true };
  assert.deepEqual(whole().compare(ids(1, 2, 3, 4, 5), whole5).words, []);
  assert.deepEqual(whole().compare(ids(1, 2, 3, 5, 5), whole5).words, [
    'trade 5 of A_Q was told by two replies',
    'trade 4 of A_Q was told to who took, and by no reply',
  ]);
  // A reply may be lost, a reply of the same trade may not.
  assert.equal(whole().compare(ids(1, 2, 3, 5, 5), OURS).count, 1);
});
