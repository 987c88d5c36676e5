import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DayFormatError,
  parseAdjustments,
  parseBooks,
  parseExceptions,
  parseMessages,
} from './day-parser.ts';

test('times are exact nanoseconds whatever zeros were cut', () => {
  const table = parseMessages(
    Buffer.from(
      '34200.05990197,1,16155653,100,5794000,1\n34200.113246707,5,0,1,5795100,-1\n34200,3,7,2,100,1',
    ),
  );
  assert.equal(table.rows, 3);
  assert.deepEqual([...table.timeNs], [34200059901970, 34200113246707, 34200000000000]);
  assert.deepEqual([...table.type], [1, 5, 3]);
  assert.deepEqual([...table.orderId], [16155653, 0, 7]);
  assert.deepEqual([...table.size], [100, 1, 2]);
  assert.deepEqual([...table.price], [5794000, 5795100, 100]);
  assert.deepEqual([...table.direction], [1, -1, 1]);
});

test('only the first rows are parsed when a limit is given', () => {
  const bytes = Buffer.from('1.0,1,1,1,100,1\n2.0,1,2,1,100,1\n3.0,1,3,1,100,1\n');
  assert.equal(parseMessages(bytes, 2).rows, 2);
  assert.equal(parseMessages(bytes, 9).rows, 3);
});

test('a seventh column and Windows line ends are accepted', () => {
  const table = parseMessages(Buffer.from('1.5,1,1,1,100,1,ABCD\r\n2.5,1,2,1,100,-1,\r\n'));
  assert.deepEqual([...table.direction], [1, -1]);
});

test('what is not in the format is refused with file and row', () => {
  for (const line of ['1.5,1,1,1,100', '1.5,1,x,1,100,1', '1.5,1,1,1,100,2', '1.,1,1,1,100,1']) {
    assert.throws(
      () => parseMessages(Buffer.from(`1.0,1,1,1,100,1\n${line}\n`)),
      (error) => error instanceof DayFormatError && /message file, row 2/.test(error.message),
      line,
    );
  }
});

test('books have any number of levels, and dummy levels count as none', () => {
  const table = parseBooks(
    Buffer.from('101,5,99,7,102,6,98,8\n101,5,-9999999999,0,9999999999,0,-9999999999,0\n'),
    2,
  );
  assert.equal(table.levels, 2);
  assert.deepEqual([...table.values], [101, 5, 99, 7, 102, 6, 98, 8, 101, 5, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual([...table.bookOfRow], [0, 1]);
});

test('a file with row numbers has books for some messages only', () => {
  const table = parseBooks(Buffer.from('2,101,5,99,7\n4,102,5,99,7\n'), 4);
  assert.equal(table.levels, 1);
  assert.deepEqual([...table.bookOfRow], [-1, 0, -1, 1]);
  assert.deepEqual([...table.values], [101, 5, 99, 7, 102, 5, 99, 7]);
});

test('fewer books than messages are refused', () => {
  assert.throws(() => parseBooks(Buffer.from('101,5,99,7\n'), 2), DayFormatError);
});

test('adjustments are grouped by row and level in queue order, and an empty level has no orders', () => {
  const byRow = parseAdjustments(
    Buffer.from('1,1,100,7,5\n1,-1,102,8,6\n1,1,100,9,1\n3,1,100,0,0\n'),
  );
  assert.deepEqual(byRow.get(0), [
    {
      direction: 1,
      price: 100,
      orders: [
        { orderId: 7, size: 5 },
        { orderId: 9, size: 1 },
      ],
    },
    { direction: -1, price: 102, orders: [{ orderId: 8, size: 6 }] },
  ]);
  assert.deepEqual(byRow.get(2), [{ direction: 1, price: 100, orders: [] }]);
});

test('exceptions are row numbers from 0', () => {
  assert.deepEqual(
    [...parseExceptions(Buffer.from('3,-1,5711200,149725949,100,1|2\n9,1,5,6,7,8\n'))],
    [2, 8],
  );
});
