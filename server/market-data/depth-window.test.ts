import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Side } from '../../engine/protocol/enums.ts';
import { DEPTH_WINDOWS_MS } from './depth-window.ts';
import { deltaOf, openVenue, RecordingFanOut, seededIntegers } from './market.fixture.ts';
import { AGGREGATES_INTERVAL_MS, type MarketData } from './market-data.ts';

interface DepthData {
  readonly E: number;
  readonly T: number;
  readonly U: number;
  readonly u: number;
  readonly a: readonly [string, string][];
  readonly b: readonly [string, string][];
}

/** A client's book, kept by one depth stream as a strict client does it. */
class ClientBook {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  updateId = -1;

  /** Takes the place of the snapshot of REST. */
  load(marketData: MarketData): void {
    const { bids, asks, updateId } = marketData.book(1);
    for (const [side, levels] of [
      [this.bids, bids.best(1e6)],
      [this.asks, asks.best(1e6)],
    ] as const) {
      side.clear();
      for (let index = 0; index < levels.length; index += 2) {
        side.set(levels[index]! * 5, levels[index + 1]!);
      }
    }
    this.updateId = updateId;
  }

  apply({ U, u, a, b }: DepthData): void {
    if (u <= this.updateId) return;
    assert.ok(U <= this.updateId + 1, `a hole between ${this.updateId} and ${U}`);
    for (const [side, levels] of [
      [this.bids, b],
      [this.asks, a],
    ] as const) {
      const prices = levels.map(([price]) => price);
      assert.equal(new Set(prices).size, prices.length, 'a level twice in one frame');
      for (const [price, quantity] of levels) {
        const key = Math.round(Number(price) * 100);
        if (Number(quantity) === 0) side.delete(key);
        else side.set(key, Math.round(Number(quantity) * 1000));
      }
    }
    this.updateId = u;
  }

  assertEquals(marketData: MarketData): void {
    const live = new ClientBook();
    live.load(marketData);
    const sorted = (side: Map<number, number>) => [...side].sort(([one], [other]) => one - other);
    assert.deepEqual(sorted(this.bids), sorted(live.bids));
    assert.deepEqual(sorted(this.asks), sorted(live.asks));
    assert.equal(this.updateId, live.updateId);
  }
}

for (const windowMs of DEPTH_WINDOWS_MS) {
  test(`a book kept by depth.${windowMs}ms is the live one at every window's end, listeners come and go`, () => {
    const stream = `depth.${windowMs}ms.SOL_USDC`;
    const random = seededIntegers(windowMs);
    const { marketData, fanOut, clock } = openVenue(new RecordingFanOut());
    let isHeard = false;
    fanOut.unwanted = (name) => name !== stream || !isHeard;
    let client: ClientBook | null = null;
    let waiting: DepthData[] = [];
    let updateId = 0;
    let last = { u: 0, E: 0 };
    let [frames, unchanged] = [0, 0];
    for (let tick = 1; tick <= 3000; tick++) {
      const isQuiet = Math.floor(tick / 50) % 3 === 2;
      for (let changes = isQuiet ? 0 : random(6); changes > 0; changes--) {
        const isBid = random(2) === 0;
        const price = isBid ? 2800 + random(20) : 2820 + random(20);
        const lots = random(3) === 0 ? 0 : 1 + random(50);
        const levels = random(8) === 0 ? [] : [isBid ? Side.Bid : Side.Ask, price, lots];
        marketData.onBookDelta(deltaOf(++updateId, levels, { timeUs: clock.nowUs }));
        if (random(40) === 0) {
          isHeard = !isHeard;
          client = null;
          waiting = [];
          last = { u: 0, E: 0 };
          if (isHeard) marketData.onSubscribed(1, stream);
        }
        if (isHeard && client === null && random(3) === 0) {
          // As a client does: what came since the subscription is kept, and the snapshot taken.
          client = new ClientBook();
          client.load(marketData);
          for (const data of waiting.splice(0)) client.apply(data);
        }
      }
      clock.nowUs += AGGREGATES_INTERVAL_MS * 1000;
      marketData.publishAggregates();
      const told = fanOut.frames.splice(0);
      assert.ok(told.length <= 1, 'more than one frame in a window');
      const isEnd = (tick * AGGREGATES_INTERVAL_MS) % windowMs === 0;
      assert.ok(isEnd || told.length === 0, 'a frame before the end of the window');
      for (const { frame } of told) {
        const { data } = JSON.parse(frame) as { data: DepthData };
        if (last.u > 0) assert.equal(data.U, last.u + 1, 'ids are contiguous');
        assert.equal(data.u, updateId, 'up to the latest');
        assert.ok(data.E > last.E);
        last = data;
        frames++;
        if (client === null) waiting.push(data);
        else client.apply(data);
      }
      if (isEnd && isHeard && told.length === 0) {
        assert.ok(last.u === 0 || last.u === updateId);
        unchanged++;
      }
      if (isEnd && isHeard) client?.assertEquals(marketData);
    }
    assert.ok(frames > 50 && unchanged > 50, `${frames} frames, ${unchanged} windows without`);
  });
}

test('a frame tells each level once, as it is at the end, and is exact to the byte', () => {
  const { marketData, fanOut, clock } = openVenue(new RecordingFanOut());
  const stream = 'depth.200ms.SOL_USDC';
  fanOut.unwanted = (name) => name !== stream;
  const tick = () => {
    clock.nowUs += 200_000;
    marketData.publishAggregates();
    return fanOut.frames.splice(0).map(({ frame }) => frame);
  };
  marketData.onBookDelta(deltaOf(1, [Side.Bid, 2700, 1]));
  marketData.onSubscribed(1, stream);
  marketData.onBookDelta(deltaOf(2, [Side.Bid, 2830, 1500, Side.Ask, 2840, 5]));
  marketData.onBookDelta(deltaOf(3, [Side.Bid, 2830, 0]));
  marketData.onBookDelta(deltaOf(4, [Side.Bid, 2830, 25]));
  const times = () => `"E":${clock.nowUs},"T":${deltaOf(4, []).timeUs}`;
  const frame = tick();
  assert.deepEqual(frame, [
    `{"data":{${times()},"U":2,"a":[["142.00","0.005"]],"b":[["141.50","0.025"]],"e":"depth","s":"SOL_USDC","u":4},"stream":"${stream}"}`,
  ]);
  assert.deepEqual(tick(), [], 'an empty window');
  marketData.onBookDelta(deltaOf(5, []));
  const { data } = JSON.parse(tick()[0]!) as { data: DepthData };
  assert.deepEqual(
    [data.U, data.u, data.a, data.b],
    [5, 5, [], []],
    'a heartbeat moves the ids on',
  );
});

test('the three windows and the stream of every change go on beside each other, for listeners elsewhere too', () => {
  const { marketData, fanOut, clock } = openVenue(new RecordingFanOut());
  fanOut.unwanted = (name) => !name.startsWith('depth.') || !name.endsWith('SOL_USDC');
  marketData.publishAggregates();
  let updateId = 0;
  for (let tick = 2; tick <= 30; tick++) {
    for (let change = 0; change < 2; change++) {
      marketData.onBookDelta(deltaOf(++updateId, [Side.Bid, 2800, updateId]));
    }
    clock.nowUs += AGGREGATES_INTERVAL_MS * 1000;
    marketData.publishAggregates();
  }
  const counts = new Map<string, number>();
  const ends = new Map<string, number>();
  for (const { stream, frame } of fanOut.frames) {
    const { U, u } = JSON.parse(frame).data as DepthData;
    assert.equal(U, (ends.get(stream) ?? U - 1) + 1, stream);
    ends.set(stream, u);
    counts.set(stream, (counts.get(stream) ?? 0) + 1);
  }
  assert.deepEqual(Object.fromEntries(counts), {
    'depth.SOL_USDC': 58,
    'depth.200ms.SOL_USDC': 29,
    'depth.600ms.SOL_USDC': 9,
    'depth.1000ms.SOL_USDC': 5,
  });
  assert.deepEqual([...new Set(ends.values())], [58]);
});
