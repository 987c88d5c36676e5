import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestDraft, RequestKind } from '../generator/request-draft.ts';
import { Random } from '../random.ts';
import { type FlowSpec, flowOf, type OpenOrder } from './flow.ts';
import { Zipf } from './zipf.ts';

const CONNECTIONS = 4;
const REQUESTS = 30_000;
const MARKETS = ['A_Q', 'B_Q', 'C_Q'].map((symbol) => ({
  symbol,
  priceDecimals: 2,
  quantityDecimals: 3,
  ...{ tickUnits: 1, lotUnits: 1, midTicks: 10_000, reachTicks: 9_999 },
}));

const MIX = {
  kind: 'mix',
  restingPerConnection: 50,
  preludePerConnection: 30,
  levels: 20,
  replaceShare: 0.2,
  takeShare: 0.3,
  zipfExponent: 1,
} as const;

const SPECS: readonly (readonly [spec: FlowSpec, restingMax: number])[] = [
  [MIX, 50],
  [{ kind: 'quotes', levels: 5, cancelShare: 0.3 }, 10],
  [{ kind: 'cancel-storm', restingPerConnection: 40, levels: 30 }, 40],
];

function drafts(spec: FlowSpec, seed = 1, requests = REQUESTS): RequestDraft[] {
  const flow = flowOf(spec, {
    markets: MARKETS,
    connections: CONNECTIONS,
    firstConnection: 0,
    seed,
  });
  return Array.from({ length: requests }, () => {
    const draft = new RequestDraft();
    flow.next(draft);
    return draft;
  });
}

for (const [spec, restingMax] of SPECS) {
  test(`${spec.kind} names only orders that rest, each of its own connection, and never too many`, () => {
    const resting = Array.from({ length: CONNECTIONS }, () => new Map<number, boolean>());
    const kinds = new Set<number>();
    for (const draft of drafts(spec)) {
      const mine = resting[draft.connection]!;
      kinds.add(draft.kind);
      if (draft.kind === RequestKind.Cancel) {
        assert.ok(mine.delete(draft.clientId), 'a cancel of an order that rests');
        continue;
      }
      const { midTicks } = MARKETS[draft.market]!;
      const distance = draft.isBid ? midTicks - draft.priceTicks : draft.priceTicks - midTicks;
      assert.ok(draft.quantityLots > 0 && draft.priceTicks > 0);
      if (draft.kind === RequestKind.Replace) {
        assert.ok(mine.has(draft.clientId), 'a replace of an order that rests');
        continue;
      }
      if (draft.isImmediateOrCancel) continue;
      assert.ok(distance > 0, 'what rests is on its side of the middle');
      const isTouch = spec.kind === 'mix' && distance === 1;
      if (!isTouch) mine.set(draft.clientId, draft.isBid);
      assert.ok(mine.size <= restingMax);
    }
    const expected = spec.kind === 'cancel-storm' ? [0, 1] : [0, 1, 2];
    assert.deepEqual([...kinds].toSorted(), expected);
  });

  test(`${spec.kind} knows what rests, and at which terms`, () => {
    const place = { markets: MARKETS, connections: CONNECTIONS, firstConnection: 0, seed: 3 };
    const flow = flowOf(spec, place);
    const resting = Array.from({ length: CONNECTIONS }, () => new Map<number, OpenOrder>());
    const draft = new RequestDraft();
    for (let request = 0; request < REQUESTS; request++) {
      flow.next(draft);
      const { clientId, market, priceTicks, quantityLots } = draft;
      const mine = resting[draft.connection]!;
      if (draft.kind === RequestKind.Cancel) mine.delete(clientId);
      else if (Math.abs(priceTicks - MARKETS[market]!.midTicks) >= flow.tradedTicks) {
        mine.set(clientId, { clientId, market, priceTicks, quantityLots });
      }
    }
    const byId = (orders: Iterable<OpenOrder>): OpenOrder[] =>
      [...orders].sort((one, other) => one.clientId - other.clientId);
    for (const [connection, mine] of resting.entries()) {
      assert.ok(mine.size > 0);
      assert.deepEqual(byId(flow.openOrders(connection)!), byId(mine.values()));
    }
  });

  test(`${spec.kind} is the same for a seed, and another one for another`, () => {
    assert.deepEqual(drafts(spec, 5, 500), drafts(spec, 5, 500));
    assert.notDeepEqual(drafts(spec, 5, 500), drafts(spec, 6, 500));
  });

  test(`${spec.kind} begins with its prelude of orders that rest`, () => {
    const place = { markets: MARKETS, connections: CONNECTIONS, firstConnection: 0, seed: 1 };
    const { preludeRequests } = flowOf(spec, place);
    assert.ok(preludeRequests > 0);
    const prelude = drafts(spec).slice(0, preludeRequests);
    assert.ok(
      prelude.every(
        ({ kind, isImmediateOrCancel }) => kind === RequestKind.Place && !isImmediateOrCancel,
      ),
    );
  });
}

test('in a mix takers only meet orders at the touch, and those of other connections', () => {
  const touch = drafts(MIX).filter(({ kind, isImmediateOrCancel, priceTicks, market }) => {
    return (
      kind === RequestKind.Place &&
      (isImmediateOrCancel || Math.abs(priceTicks - MARKETS[market]!.midTicks) === 1)
    );
  });
  const makers = new Set(
    touch
      .filter(({ isImmediateOrCancel }) => !isImmediateOrCancel)
      .map(({ connection }) => connection),
  );
  const takers = touch.filter(({ isImmediateOrCancel }) => isImmediateOrCancel);
  assert.ok(takers.length > 1000);
  for (const { connection, priceTicks, market } of takers) {
    assert.ok(!makers.has(connection));
    assert.equal(Math.abs(priceTicks - MARKETS[market]!.midTicks), 1);
  }
});

test('what takers ask for is, but for their extra lot, what makers left at the touch', () => {
  const waiting = new Map<string, number>();
  for (const { kind, isImmediateOrCancel, isBid, market, priceTicks, quantityLots } of drafts(
    MIX,
  )) {
    if (kind !== RequestKind.Place) continue;
    if (Math.abs(priceTicks - MARKETS[market]!.midTicks) !== 1) continue;
    const key = `${market}${isImmediateOrCancel ? !isBid : isBid}`;
    const lots = (waiting.get(key) ?? 0) + (isImmediateOrCancel ? 1 - quantityLots : quantityLots);
    assert.ok(lots >= 0 && lots <= 200 + 10);
    waiting.set(key, lots);
  }
});

test('client ids do not repeat while their orders may rest', () => {
  const placed = drafts(MIX).filter(({ kind }) => kind === RequestKind.Place);
  assert.equal(new Set(placed.map(({ clientId }) => clientId)).size, placed.length);
});

test("a market's share of the activity follows its rank", () => {
  const zipf = new Zipf(4, 1);
  const random = new Random(2);
  const counts = [0, 0, 0, 0];
  for (let pick = 0; pick < 40_000; pick++) counts[zipf.pick(random)]! += 1;
  const harmonic = 1 + 1 / 2 + 1 / 3 + 1 / 4;
  counts.forEach((count, rank) => {
    const expected = 40_000 / (rank + 1) / harmonic;
    assert.ok(Math.abs(count - expected) < 6 * Math.sqrt(expected), `${count} of rank ${rank}`);
  });
});
