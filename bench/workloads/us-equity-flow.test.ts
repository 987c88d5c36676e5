import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MessageFlow, MessageKind } from './message-flow.ts';
import { makeUsEquityFlow, REGIME_NAMES, REGIMES } from './us-equity-flow.ts';

const MESSAGES = 60_000;

function countOf(flow: MessageFlow, kind: MessageKind): number {
  return flow.kind.reduce((sum, is) => sum + (is === kind ? 1 : 0), 0);
}

function assertNear(actual: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, not ${expected}`);
}

for (const regime of REGIME_NAMES) {
  test(`the flow of the ${regime} regime keeps its proportions and its swing`, () => {
    const flow = makeUsEquityFlow(regime, 7, MESSAGES);
    const immediate = countOf(flow, MessageKind.NewImmediate);
    const placed = countOf(flow, MessageKind.New) + immediate;
    assertNear(flow.count / MESSAGES, 1, 0.01, 'messages');
    assertNear(immediate / placed, 0.15, 0.01, 'IOC share');
    assertNear(countOf(flow, MessageKind.Cancel) / placed, 0.82, 0.01, 'cancels per new');
    assertNear(countOf(flow, MessageKind.Modify) / placed, 0.17, 0.01, 'modifies per new');
    assertNear(swingOf(flow), REGIMES[regime], 0.001 + REGIMES[regime] * 0.08, 'swing');
  });
}

/** Of the mean price of runs of 60 new orders, two-sided as they are: near the mid. */
function swingOf(flow: MessageFlow): number {
  const prices: number[] = [];
  for (let at = 0; at < flow.count; at++) {
    if (flow.kind[at] === MessageKind.New) prices.push(flow.priceTicks[at]!);
  }
  const mids: number[] = [];
  for (let at = 0; at + 60 <= prices.length; at += 60) {
    mids.push(prices.slice(at, at + 60).sort((a, b) => a - b)[30]!);
  }
  return (Math.max(...mids) - Math.min(...mids)) / 33_500;
}

test('an order is modified or cancelled only after it came, and repeats are few', () => {
  const flow = makeUsEquityFlow('normal', 3, MESSAGES);
  const seen = new Set<number>();
  const cancelled = new Set<number>();
  const lowWords = new Set<number>();
  let ascending = 0;
  let lastId = 0;
  let afterCancel = 0;
  for (let at = 0; at < flow.count; at++) {
    const orderId = flow.orderId[at]!;
    if (flow.kind[at]! <= MessageKind.NewImmediate) {
      assert.ok(!seen.has(orderId));
      seen.add(orderId);
      lowWords.add(orderId % 2 ** 32);
      if (orderId > lastId) ascending++;
      lastId = orderId;
      continue;
    }
    assert.ok(seen.has(orderId));
    if (cancelled.has(orderId)) afterCancel++;
    if (flow.kind[at] === MessageKind.Cancel) cancelled.add(orderId);
  }
  assert.equal(lowWords.size, seen.size);
  assertNear(ascending / seen.size, 0.5, 0.02, 'ids that ascend');
  assertNear(afterCancel / cancelled.size, 0.02 + 0.02 * 0.2, 0.005, 'stale repeats');
});

test('placements are humped near 8 ticks with a power-law tail', () => {
  const flow = makeUsEquityFlow('static', 5, MESSAGES);
  const distances: number[] = [];
  for (let at = 0; at < flow.count; at++) {
    if (flow.kind[at] === MessageKind.New) distances.push(Math.abs(flow.priceTicks[at]! - 33_500));
  }
  const shareOf = (from: number, to: number): number =>
    distances.filter((distance) => distance >= from && distance <= to).length / distances.length;
  assert.ok(shareOf(8, 8) > shareOf(4, 4) && shareOf(8, 8) > shareOf(12, 12));
  assertNear(shareOf(6, 10), 0.54, 0.05, 'near the hump');
  assertNear(shareOf(100, 10_000), 0.35 * 100 ** -1.5, 0.0005, 'far tail');
});

test('the same seed gives the same flow, another seed another', () => {
  const flow = makeUsEquityFlow('volatile', 9, 5_000);
  assert.deepEqual(makeUsEquityFlow('volatile', 9, 5_000), flow);
  assert.notDeepEqual(makeUsEquityFlow('volatile', 10, 5_000).priceTicks, flow.priceTicks);
});
