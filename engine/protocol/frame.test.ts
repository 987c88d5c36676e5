import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unpackr } from 'msgpackr';
import { PlaceOrder } from './commands.ts';
import { AuditEntry, BookDelta } from './events.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { defineMessage } from './message.ts';

const Every = defineMessage(999, 'Every', {
  uint: 'uint',
  wide: 'wideUint',
  int: 'int',
  maybe: 'nullableWideUint',
  flag: 'bool',
  text: 'text',
  list: 'uintList',
});

const EDGES = [0, 1, 127, 128, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];

test('every field kind survives a round trip and is msgpack to another implementation', () => {
  const writer = new FrameWriter(16);
  const other = new Unpackr({ useRecords: false, int64AsType: 'number' });
  const bodies = EDGES.map((edge, index) => ({
    uint: edge,
    wide: edge,
    int: index % 2 === 0 ? edge : -edge,
    maybe: index % 3 === 0 ? null : edge,
    flag: index % 2 === 1,
    text: 'ключ €'.repeat(index),
    list: EDGES.slice(0, index),
  }));
  bodies.forEach((body, index) => {
    const start = writer.end;
    Every.encode(writer, index, body);
    const payload = writer.bytes.slice(start + 4, writer.end);
    const expected = [body.uint, body.wide, body.int, body.maybe, body.flag, body.text, body.list];
    assert.deepEqual(other.unpack(payload), [999, index, ...expected]);
  });

  const reader = new FrameReader();
  reader.reset(writer.bytes, writer.start, writer.end);
  const target = Every.create();
  for (const [index, body] of bodies.entries()) {
    assert.equal(reader.next(), true);
    assert.equal(reader.type, 999);
    assert.equal(reader.sequence, index);
    assert.deepEqual(Every.decode(reader, target), body);
  }
  assert.equal(reader.next(), false);
});

test('an incomplete frame stays unread', () => {
  const writer = new FrameWriter();
  PlaceOrder.encode(writer, 7, PlaceOrder.create());
  const reader = new FrameReader();
  for (let end = 0; end < writer.end; end++) {
    reader.reset(writer.bytes, 0, end);
    assert.equal(reader.next(), false, `a frame was read from ${end} of ${writer.end} bytes`);
    assert.equal(reader.position, 0);
  }
});

test('fields that were added later are zero in frames of before, and only those', () => {
  const before = defineMessage(998, 'Grown', { id: 'wideUint', name: 'text' });
  const fields = { id: 'wideUint', name: 'text', note: 'text', size: 'uint' } as const;
  const grown = defineMessage(998, 'Grown', fields, 2);
  const writer = new FrameWriter();
  const reader = new FrameReader();
  const target = grown.create();
  const read = (): typeof target => {
    reader.reset(writer.bytes, writer.start, writer.end);
    assert.ok(reader.next());
    const found = { ...grown.decode(reader, target) };
    writer.consume(writer.pendingBytes);
    return found;
  };
  const whole = { id: 2, name: 'now', note: 'new', size: 300 };
  grown.encode(writer, 1, whole);
  assert.deepEqual(read(), whole);
  before.encode(writer, 2, { id: 1, name: 'then' });
  assert.deepEqual(read(), { id: 1, name: 'then', note: '', size: 0 });
  const half = defineMessage(998, 'Grown', { id: 'wideUint', name: 'text', note: 'text' });
  half.encode(writer, 3, { id: 3, name: 'half', note: 'way' });
  assert.deepEqual(read(), { id: 3, name: 'half', note: 'way', size: 0 });
  defineMessage(998, 'Grown', { id: 'wideUint' }).encode(writer, 4, { id: 4 });
  assert.throws(read, /not a whole Grown/);
  writer.clear();
  const later = { ...fields, more: 'uint' } as const;
  defineMessage(998, 'Grown', later).encode(writer, 5, { ...whole, more: 1 });
  assert.throws(read, /not a whole Grown/);
});

test('numbers that are not unsigned integers are refused before they reach a ring', () => {
  const writer = new FrameWriter();
  for (const bad of [-1, NaN, 2 ** 53, Infinity]) {
    assert.throws(() => PlaceOrder.encode(writer, 0, { ...PlaceOrder.create(), priceTicks: bad }));
  }
});

test('a message read as another one is a bug, not a misreading', () => {
  const writer = new FrameWriter();
  BookDelta.encode(writer, 1, BookDelta.create());
  const reader = new FrameReader();
  reader.reset(writer.bytes, 0, writer.end);
  reader.next();
  assert.throws(() => AuditEntry.decode(reader, AuditEntry.create()), /not a whole AuditEntry/);
});

test('a writer gives back what one large answer took once it is empty, and goes on', () => {
  const writer = new FrameWriter(256);
  const body = { ...BookDelta.create(), levels: [0, 1, 5] };
  while (writer.end < 5 * 2 ** 20) BookDelta.encode(writer, 1, body);
  writer.consume(writer.pendingBytes - 1);
  assert.ok(writer.bytes.length > 5 * 2 ** 20, 'a byte is still to be taken');
  writer.consume(1);
  assert.equal(writer.bytes.length, 256);
  BookDelta.encode(writer, 2, body);
  const reader = new FrameReader();
  reader.reset(writer.bytes, writer.start, writer.end);
  assert.ok(reader.next());
  assert.deepEqual(BookDelta.decode(reader, BookDelta.create()), body);
});

test('a writer keeps what ordinary turns need, and what it was made with', () => {
  const ordinary = new FrameWriter();
  while (ordinary.end < 2 ** 21) BookDelta.encode(ordinary, 1, BookDelta.create());
  const { bytes } = ordinary;
  ordinary.consume(ordinary.pendingBytes);
  assert.equal(ordinary.bytes, bytes);
  const large = new FrameWriter(2 ** 23);
  BookDelta.encode(large, 1, BookDelta.create());
  large.clear();
  assert.deepEqual([large.bytes.length, large.pendingBytes], [2 ** 23, 0]);
});

test('the buffer keeps pending frames when it grows or slides', () => {
  const writer = new FrameWriter(256);
  const reader = new FrameReader();
  const target = BookDelta.create();
  let read = 0;
  let written = 0;
  for (let round = 0; round < 200; round++) {
    for (let count = 0; count < round % 7; count++) {
      BookDelta.encode(writer, ++written, { ...BookDelta.create(), levels: [0, written, 5] });
    }
    reader.reset(writer.bytes, writer.start, writer.end);
    for (let count = 0; count < round % 5 && reader.next(); count++) {
      BookDelta.decode(reader, target);
      assert.equal(reader.sequence, ++read);
      assert.deepEqual(target.levels, [0, read, 5]);
    }
    writer.consume(reader.position - writer.start);
  }
  assert.ok(read > 200);
});
