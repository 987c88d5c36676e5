import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedPath } from '../client/shared-data.ts';
import { requestOf } from './command-frames.ts';
import { type Command, CommandKind, commandsOf, MAKER, TAKER } from './commands.ts';
import { findDayFiles } from './day-files.ts';
import { loadDay, parseBooks, parseMessages, type RecordedDay } from './day-parser.ts';
import { syntheticDay } from './synthetic-day.ts';

const { PlaceGtc, PlaceIoc, Cancel, Reduce } = CommandKind;

function brief({ kind, account, direction, price, size, clientId, openAfter }: Command) {
  return [kind, account, direction, price, size, clientId, openAfter];
}

function dayOf(messages: string, exceptions: number[] = []): RecordedDay {
  const table = parseMessages(Buffer.from(messages));
  return {
    messages: table,
    books: parseBooks(Buffer.from('1,1,1,1\n'.repeat(table.rows)), table.rows),
    adjustments: new Map(),
    exceptions: new Set(exceptions),
  };
}

test('every kind of row becomes the command of the mapping', () => {
  const list = commandsOf(syntheticDay());
  assert.deepEqual(list.commands.map(brief), [
    [PlaceGtc, MAKER, 1, 999900, 5, 2, 5],
    [PlaceGtc, MAKER, -1, 1000200, 4, 1, 4],
    [PlaceGtc, MAKER, -1, 1000200, 2, 3, 2],
    [PlaceGtc, MAKER, -1, 1000100, 5, 10, 5],
    // One aggressor for the run, at its worst price; the hidden execution is skipped.
    [PlaceIoc, TAKER, 1, 1000200, 9, 0, 0],
    [PlaceGtc, MAKER, 1, 999700, 9, 4, 9],
    [Reduce, MAKER, 1, 0, 2, 2, 3],
    // An aggressor whose rest stays: one limit of both sizes.
    [PlaceGtc, TAKER, -1, 999900, 9, 11, 6],
    // His own rest is hit: somebody else must be the aggressor.
    [PlaceIoc, MAKER, 1, 999900, 2, 0, 0],
    [Cancel, TAKER, -1, 0, 0, 11, 4],
    // An adjusted level is emptied and placed again.
    [Cancel, MAKER, 1, 0, 0, 4, 9],
    [PlaceGtc, MAKER, 1, 999700, 3, 4, 3],
    [PlaceGtc, MAKER, 1, 999700, 6, 5, 6],
    [PlaceGtc, MAKER, 1, 999800, 1, 12, 1],
  ]);
  assert.deepEqual(list.commands[4]!.fills, [
    { makerClientId: 10, size: 5, price: 1000100 },
    { makerClientId: 1, size: 4, price: 1000200 },
  ]);
  assert.deepEqual([list.aggressors, list.fills, list.hiddenSkipped], [3, 4, 1]);
  assert.deepEqual([list.accounts, list.unknownOrders], [2, 0]);
});

test('an id placed again waits for the answer to its cancel', () => {
  const list = commandsOf(syntheticDay());
  assert.equal(list.waitFor[11], 10);
  assert.deepEqual(
    [...list.waitFor].filter((command) => command >= 0),
    [10],
  );
});

test('the book is compared after the last command of every row or run', () => {
  const list = commandsOf(syntheticDay());
  assert.deepEqual([...list.checkRow], [0, 3, 4, 6, 7, 8, 9]);
  assert.deepEqual([...list.checkCommand], [3, 4, 6, 7, 8, 9, 13]);
});

test('executions of different time or side are different aggressors', () => {
  const list = commandsOf(
    dayOf(
      '1.1,1,1,9,100,1\n1.2,1,2,9,200,-1\n1.3,4,1,1,100,1\n1.3,4,2,1,200,-1\n1.4,4,2,1,200,-1\n',
    ),
  );
  assert.equal(list.aggressors, 3);
  assert.equal(list.fills, 3);
});

test('a new order at the same time is a rest only on the other side and at or beyond the price', () => {
  const start = '1.1,1,1,9,100,1\n1.2,4,1,1,100,1\n';
  assert.equal(commandsOf(dayOf(`${start}1.2,1,5,4,100,-1\n`)).commands.length, 2);
  assert.equal(commandsOf(dayOf(`${start}1.2,1,5,4,101,-1\n`)).commands.length, 3);
  assert.equal(commandsOf(dayOf(`${start}1.2,1,5,4,100,1\n`)).commands.length, 3);
  assert.equal(commandsOf(dayOf(`${start}1.3,1,5,4,100,-1\n`)).commands.length, 3);
});

test('an execution out of time priority reduces the named order, or cancels it when nothing is left', () => {
  const day = dayOf('1.1,1,1,9,100,1\n1.2,1,2,4,100,1\n1.3,4,2,1,100,1\n1.4,4,2,3,100,1\n', [2, 3]);
  const list = commandsOf(day);
  assert.deepEqual(list.commands.slice(2).map(brief), [
    [Reduce, MAKER, 1, 0, 1, 2, 3],
    [Cancel, MAKER, 1, 0, 0, 2, 3],
  ]);
  assert.deepEqual([list.aggressors, list.exceptionRuns], [0, 2]);
});

test('rows that name an order never shown send nothing and are counted', () => {
  const list = commandsOf(dayOf('1.1,3,7,9,100,1\n1.2,2,8,1,100,1\n'));
  assert.deepEqual([list.commands.length, list.unknownOrders], [0, 2]);
  assert.deepEqual([...list.checkCommand], [-1, -1]);
});

test('commands are worded as the API has them', () => {
  const { commands } = commandsOf(syntheticDay());
  assert.deepEqual(requestOf(commands[4]!, 'ABC_USD'), {
    method: 'order.place',
    params: {
      symbol: 'ABC_USD',
      side: 'Bid',
      orderType: 'Limit',
      price: '100.02',
      quantity: '9',
      timeInForce: 'IOC',
    },
  });
  assert.equal(requestOf(commands[7]!, 'ABC_USD').params.clientId, 11);
  assert.deepEqual(requestOf(commands[6]!, 'ABC_USD'), {
    method: 'order.reduce',
    params: { symbol: 'ABC_USD', clientId: 2, quantity: '2' },
  });
  assert.deepEqual(requestOf(commands[9]!, 'ABC_USD'), {
    method: 'order.cancel',
    params: { symbol: 'ABC_USD', clientId: 11 },
  });
});

const dayFolder = sharedPath('data', 'lobster-goog');

test('the recorded day gives the commands its description counts', {
  skip: dayFolder === undefined ? 'the recorded day is not beside the repository' : false,
}, () => {
  const list = commandsOf(loadDay(findDayFiles(dayFolder!)));
  const count = (kind: CommandKind) => list.commands.filter((one) => one.kind === kind).length;
  // 71,224 type 1 rows, 8,827 adjusted orders, 34 aggressors with a rest.
  assert.equal(count(PlaceGtc), 71_224 + 8_827 + 34);
  assert.equal(count(PlaceIoc), 5_894);
  assert.equal(list.aggressors, 5_928);
  assert.equal(list.fills, 7_758);
  assert.equal(list.hiddenSkipped, 3_913);
  assert.equal(list.exceptionRuns, 3);
  assert.equal(list.checkRow.length, 144_187);
  assert.equal(list.unknownOrders, 0);
});
