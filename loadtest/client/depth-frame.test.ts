import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookSide } from './book-side.ts';
import { DepthFrameReader, queueDepthEvent } from './depth-frame.ts';
import { DepthQueue } from './depth-queue.ts';

const SYMBOL = 'ABC_USD';
const UNITS = { priceDecimals: 4, quantityDecimals: 0 };

function frameOf(data: object, stream = `depth.${SYMBOL}`): Buffer {
  return Buffer.from(JSON.stringify({ data, stream }));
}

function event(id: number, a: [string, string][], b: [string, string][]) {
  return { E: 1795358905653001, T: 1795358905653000, U: id, a, b, e: 'depth', s: SYMBOL, u: id };
}

function drain(queue: DepthQueue): unknown[] {
  const bids = new BookSide('bid');
  const asks = new BookSide('ask');
  const ids: number[][] = [];
  while (!queue.isEmpty) {
    ids.push([queue.firstId, queue.lastId]);
    queue.applyHead(bids, asks);
  }
  const levels = (side: BookSide) =>
    Array.from({ length: side.length }, (_, rank) => [side.priceAt(rank), side.quantityAt(rank)]);
  return [ids, levels(bids), levels(asks)];
}

const EVENTS = [
  event(1, [['100.02', '4']], [['99.99', '5']]),
  event(2, [], []),
  event(
    3,
    [['100.02', '0']],
    [
      ['99.99', '6'],
      ['99.9', '1'],
      ['99', '2'],
    ],
  ),
  event(4, [['100.0301', '17']], []),
];

test('the fast reader and the JSON parser queue the same events', () => {
  const fast = new DepthQueue();
  const reader = new DepthFrameReader(fast, SYMBOL, UNITS);
  const plain = new DepthQueue();
  for (const one of EVENTS) {
    assert.equal(reader.read(frameOf(one)), true);
    queueDepthEvent(plain, one, UNITS);
  }
  const expected = drain(plain);
  assert.deepEqual(drain(fast), expected);
  assert.deepEqual(expected, [
    [
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ],
    [
      [999900, 6],
      [999000, 1],
      [990000, 2],
    ],
    [[1000301, 17]],
  ]);
});

test('a frame of any other layout is left alone and queues nothing', () => {
  const queue = new DepthQueue();
  const reader = new DepthFrameReader(queue, SYMBOL, UNITS);
  const good = frameOf(EVENTS[2]!).toString();
  const others = [
    frameOf({ ...EVENTS[0]!, s: 'XYZ_USD' }),
    frameOf(EVENTS[0]!, 'depth.200ms.ABC_USD'),
    frameOf({ e: 'trade', t: 1 }),
    Buffer.from(good.slice(0, -1)),
    Buffer.from(`${good} `),
    Buffer.from(good.replace('"99"', '"99.00001"')),
    Buffer.from(good.replace('"99"', '"-99"')),
    Buffer.from(good.replace('"99"', '"9e9"')),
    Buffer.from(good.replace('"U":3', '"U":"3"')),
    Buffer.from(''),
  ];
  for (const frame of others) assert.equal(reader.read(frame), false, frame.toString());
  assert.equal(queue.isEmpty, true);
  assert.equal(reader.read(frameOf(EVENTS[0]!)), true);
  assert.deepEqual(drain(queue), [[[1, 1]], [[999900, 5]], [[1000200, 4]]]);
});

test('the queue keeps order while it grows and is emptied from the front', () => {
  const queue = new DepthQueue();
  const bids = new BookSide('bid');
  const asks = new BookSide('ask');
  let applied = 0;
  for (let id = 1; id <= 20_000; id++) {
    for (let level = 0; level < id % 4; level++) queue.addLevel(true, 100 + level, id);
    queue.commit(id, id);
    if (id % 3 !== 0) continue;
    assert.equal(queue.firstId, applied + 1);
    queue.applyHead(bids, asks);
    applied++;
    if (applied % 4 !== 0) assert.equal(bids.quantityAt(bids.length - 1), applied);
  }
  assert.equal(queue.length, 20_000 - applied);
});
