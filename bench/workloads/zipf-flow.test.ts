import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandKind } from './command-flow.ts';
import { makeZipfFlow } from './zipf-flow.ts';

test('markets and accounts are busy by Zipf, and the mix is kept', () => {
  const flow = makeZipfFlow(5, 100_000, 100, 10_000);
  const ofMarket = new Map<number, number>();
  for (const id of flow.marketId) ofMarket.set(id, (ofMarket.get(id) ?? 0) + 1);
  // With exponent 1 and 100 ranks the first has 1 / H(100) = 19.3 % and twice the second.
  assert.ok(Math.abs(ofMarket.get(1)! / flow.count - 0.193) < 0.01);
  assert.ok(Math.abs(ofMarket.get(1)! / ofMarket.get(2)! - 2) < 0.15);
  assert.equal(ofMarket.size, 100);
  const share = (kind: CommandKind): number =>
    flow.kind.reduce((sum, is) => sum + (is === kind ? 1 : 0), 0) / flow.count;
  assert.ok(Math.abs(share(CommandKind.Place) - 0.45) < 0.01);
  assert.ok(Math.abs(share(CommandKind.PlaceImmediate) - 0.1) < 0.01);
  assert.ok(Math.abs(share(CommandKind.Cancel) - 0.38) < 0.01);
  assert.ok(Math.abs(share(CommandKind.Replace) - 0.07) < 0.01);
  assert.ok(new Set(flow.accountId).size > 3_000);
});
