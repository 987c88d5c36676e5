import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '../assert.ts';
import { Random } from '../collections/random.ts';
import { ListMarket, PlaceOrder, ReplaceOrder } from '../protocol/commands.ts';
import { BookDelta, FundsMoved } from '../protocol/events.ts';
import type { Message } from '../protocol/message.ts';
import { MatchOrder } from '../protocol/shard-messages.ts';
import { BodyColumns } from './body-columns.ts';
import { BLOCK_ROWS } from './column.ts';
import { savedBytes, sourceOf } from './snapshot-bytes.fixture.ts';
import { SnapshotError } from './snapshot-error.ts';
import { SnapshotReader } from './snapshot-reader.ts';
import type { SnapshotWriter } from './snapshot-writer.ts';

const MAX = Number.MAX_SAFE_INTEGER;

function written(save: (writer: SnapshotWriter) => void): Uint8Array {
  return savedBytes({ save });
}

function numbersIn(bytes: Uint8Array, most?: number): number[] {
  const row = new SnapshotReader(sourceOf(bytes, most)).table('numbers', 1);
  const numbers: number[] = [];
  while (row.next()) numbers.push(row.take());
  return numbers;
}

function withNumbers(numbers: readonly number[]): Uint8Array {
  return written((writer) => {
    const row = writer.table('numbers', 1);
    for (const number of numbers) row.put(number);
    row.end();
  });
}

test('a column gives back whole numbers of every size, in as few bytes as their spread needs', () => {
  const random = new Random(1);
  // The span of the values, and what each of them may take.
  const spans: readonly (readonly [number, number])[] = [
    ...([
      [0, 0],
      [1, 1],
      [255, 1],
      [256, 2],
      [65_535, 2],
      [65_536, 4],
    ] as const),
    ...([
      [2 ** 32 - 1, 4],
      [2 ** 32, 6],
      [2 ** 48 - 1, 6],
      [2 ** 48, 8],
      [MAX, 8],
    ] as const),
  ];
  for (const [span, width] of spans) {
    for (const base of [0, 1, -1, 12_345, MAX - span, -MAX]) {
      if (base + span > MAX) continue;
      const numbers = Array.from(
        { length: BLOCK_ROWS },
        () => base + Math.floor(random.nextUnit() * (span + 1)),
      );
      numbers[random.below(BLOCK_ROWS)] = base;
      numbers[0] = base + span;
      if (!numbers.includes(base)) numbers[1] = base;
      const bytes = withNumbers(numbers);
      assert.deepEqual(numbersIn(bytes), numbers, `from ${base} on, ${span} wide`);
      assert.ok(
        bytes.length <= BLOCK_ROWS * width + 64,
        `${bytes.length} bytes for a span of ${span}`,
      );
    }
  }
  const extremes = [MAX, -MAX, 0, 1, -1];
  assert.deepEqual(numbersIn(withNumbers(extremes)), extremes);
});

test('tables of any length and chunks of any size come back as they were', () => {
  for (const length of [0, 1, 2, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 40 * BLOCK_ROWS + 7]) {
    const numbers = Array.from({ length }, (_, index) => index * index);
    for (const most of [1, 7, Number.POSITIVE_INFINITY]) {
      if (most < 7 && length > BLOCK_ROWS + 1) continue;
      assert.deepEqual(numbersIn(withNumbers(numbers), most), numbers);
    }
  }
});

test('texts of any length and script stand beside numbers, row by row', () => {
  const texts = ['', 'a', 'größer', '🙂', '漢字', 'x'.repeat(70_000), '\u0000', 'end'];
  const rows = Array.from({ length: 3 * BLOCK_ROWS }, (_, index) => texts[index % 5]!);
  rows[BLOCK_ROWS + 1] = texts[5]!;
  rows.push(texts[6]!, texts[7]!);
  const bytes = written((writer) => {
    const row = writer.table('texts', 3);
    rows.forEach((text, index) => {
      row.putText(text);
      row.put(index);
      row.putText(text.slice(1));
    });
    row.end();
    writer.table('nothing', 2).end();
  });
  const reader = new SnapshotReader(sourceOf(bytes));
  const row = reader.table('texts', 3);
  const found: string[] = [];
  while (row.next()) {
    const text = row.takeText();
    assert.equal(row.take(), found.length);
    assert.equal(row.takeText(), Buffer.from(text.slice(1)).toString());
    found.push(text);
  }
  assert.deepEqual(found, rows);
  assert.ok(!reader.isAtEnd);
  assert.ok(!reader.table('nothing', 2).next());
  assert.ok(reader.isAtEnd);
});

test('what is not a whole number in range, or not a whole row, is not written', () => {
  for (const wrong of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.throws(() => withNumbers([1, wrong, 2]), AssertionFailure);
  }
  const halfRow = (writer: SnapshotWriter) => {
    const row = writer.table('pairs', 2);
    row.put(1);
    row.end();
  };
  assert.throws(() => written(halfRow), AssertionFailure);
});

test('a reader that expects something else, and a payload that ends, are told from the right ones', () => {
  const bytes = withNumbers([1, 2, 3]);
  const isDamaged = (error: unknown) =>
    error instanceof SnapshotError && error.code === 'SNAPSHOT_DAMAGED';
  const reader = () => new SnapshotReader(sourceOf(bytes));
  assert.throws(() => reader().table('other', 1), isDamaged);
  assert.throws(() => reader().table('numbers', 2), isDamaged);
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => numbersIn(bytes.subarray(0, length)), isDamaged);
  }
});

test('a message that travels in columns comes back with every field', () => {
  const random = new Random(2);
  for (const message of [MatchOrder, FundsMoved, PlaceOrder, ReplaceOrder, ListMarket]) {
    checkBody(message as unknown as Message, random);
  }
  assert.throws(() => new BodyColumns(BookDelta), AssertionFailure);
});

function checkBody(message: Message, random: Random): void {
  const columns = new BodyColumns(message);
  const bodies = Array.from({ length: 50 }, () => {
    const body: Record<string, unknown> = message.create();
    for (const [name, initial] of Object.entries(body)) {
      if (typeof initial === 'string') body[name] = `text ${random.below(1000)} ß`;
      else if (typeof initial === 'boolean') body[name] = random.below(2) === 0;
      else if (initial !== null || random.below(3) > 0) body[name] = random.nextUint32() * 2 ** 20;
    }
    return body as ReturnType<typeof message.create>;
  });
  const bytes = written((writer) => {
    const row = writer.table('bodies', columns.count);
    for (const body of bodies) columns.put(row, body);
    row.end();
  });
  const row = new SnapshotReader(sourceOf(bytes)).table('bodies', columns.count);
  const found: unknown[] = [];
  while (row.next()) found.push(columns.take(row));
  assert.deepEqual(found, bodies);
}
