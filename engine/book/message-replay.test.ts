import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Side } from '../protocol/enums.ts';
import { type FlowMessage, MessageReplay, parseFlowLine } from './message-replay.ts';
import { OrderBook } from './order-book.ts';

const LARGEST = Number.MAX_SAFE_INTEGER;

test('a line is read with every number it can hold', () => {
  const line = `${LARGEST},new,${LARGEST},1,${LARGEST},${LARGEST},1`;
  const expected: FlowMessage = {
    ...{ seq: LARGEST, type: 'new', orderId: LARGEST, side: Side.Ask, priceTicks: LARGEST },
    ...{ lots: LARGEST, immediateOrCancel: true },
  };
  assert.deepEqual(parseFlowLine(line), expected);
  assert.deepEqual(parseFlowLine('4,cancel,7,,,,'), parseFlowLine('4,cancel,7'));
  assert.equal(parseFlowLine('5,modify,7,0,3,2,').immediateOrCancel, false);
});

test('a line that is not a message is refused, and the field is named', () => {
  for (const [line, field] of [
    ['', 'seq'],
    ['x,new,1,0,1,1,0', 'seq'],
    ['0,NEW,1,0,1,1,0', 'type'],
    ['0,new,,0,1,1,0', 'order_id'],
    [`0,new,${2 ** 53},0,1,1,0`, 'order_id'],
    ['0,cancel,-1,,,,', 'order_id'],
    ['0,new,1,2,1,1,0', 'side'],
    ['0,modify,1,,1,1,', 'side'],
    ['0,new,1,0,0,1,0', 'price_ticks'],
    ['0,new,1,0,1.5,1,0', 'price_ticks'],
    ['0,new,1,0,1e3,1,0', 'price_ticks'],
    ['0,new,1,0,1,0,0', 'qty'],
    ['0,modify,1,0,1,,', 'qty'],
    ['0,new,1,0,1,1,', 'ioc'],
    ['0,new,1,0,1,1', 'ioc'],
  ] as const) {
    const named = (error: Error) =>
      error instanceof SyntaxError && error.message.startsWith(`${field} of`);
    assert.throws(() => parseFlowLine(line), named, line);
  }
});

test('a new order with an id that rests is refused before anything happens', () => {
  const lines: string[] = [];
  const book = new OrderBook();
  const replay = new MessageReplay(book, (line) => lines.push(line));
  for (const line of ['0,new,1,0,10,5,0', '1,new,2,1,20,5,0']) replay.apply(parseFlowLine(line));
  const before = book.hash();
  assert.throws(() => replay.apply(parseFlowLine('2,new,1,0,20,3,0')), /order 1 rests already/);
  assert.equal(book.hash(), before);
  assert.equal(lines.length, 2);
});
