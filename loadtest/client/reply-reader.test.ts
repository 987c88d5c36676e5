import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Packr } from 'msgpackr';
import { ReplyFormatError, ReplyReader } from './reply-reader.ts';

const packr = new Packr({ useRecords: false });

const ORDER = {
  clientId: 4_294_967_295,
  createdAt: 1795358835119,
  executedQuantity: '5',
  executedQuoteQuantity: '0.0005',
  id: '4227701917',
  postOnly: false,
  quantity: '40',
  reduceOnly: null,
  nested: { list: [1, -2, 3.5, 'text', null, true, { deep: [[]] }], bytes: Buffer.from('abc') },
  long: 'x'.repeat(300),
  many: Array.from({ length: 20 }, (_, index) => index * 1_000_000_000_000),
  symbol: 'GOOG_USD',
  fills: [
    { tradeId: 7, price: '579.4', quantity: '3', fee: '0', feeSymbol: 'USD', isMaker: false },
    { isMaker: true, quantity: '2', price: '579.5', tradeId: 70_000 },
  ],
  depthUpdateId: 2 ** 40,
};

test('the members the replay needs are read and all others skipped', () => {
  const reader = new ReplyReader();
  const times = { received: 1795358835119001, matched: 1795358835119009 };
  reader.read(packr.pack({ id: 160_000, status: 200, ack: 'accepted', result: ORDER, times }));
  assert.equal(reader.requestId, 160_000);
  assert.equal(reader.status, 200);
  assert.equal(reader.hasResult, true);
  const { id, quantity, executedQuantity, executedQuoteQuantity, depthUpdateId, fills } =
    reader.result;
  assert.deepEqual(
    [id, quantity, executedQuantity, executedQuoteQuantity, depthUpdateId],
    ['4227701917', '40', '5', '0.0005', 2 ** 40],
  );
  assert.deepEqual(fills, [
    { tradeId: 7, price: '579.4', quantity: '3', fee: '0' },
    { tradeId: 70_000, price: '579.5', quantity: '2', fee: '' },
  ]);
});

test('nothing of one reply is left in the next', () => {
  const reader = new ReplyReader();
  reader.read(packr.pack({ id: 1, status: 200, result: ORDER }));
  reader.read(packr.pack({ id: 2, status: 200, result: { id: '1' } }));
  assert.deepEqual(
    [
      ...[reader.result.quantity, reader.result.executedQuoteQuantity],
      ...[reader.result.depthUpdateId, reader.result.fills],
    ],
    ['', '', -1, []],
  );
  reader.read(packr.pack({ id: 3, status: 200, result: null }));
  assert.equal(reader.hasResult, false);
  const error = { code: 'BUSY', message: 'The venue is busy' };
  reader.read(packr.pack({ id: 4, status: 503, error }));
  assert.deepEqual(
    [reader.status, reader.errorCode, reader.errorMessage, reader.hasResult],
    [503, 'BUSY', 'The venue is busy', false],
  );
  reader.read(packr.pack({ id: 5, status: 200 }));
  assert.equal(reader.errorCode, '');
});

test('a frame that is no reply is refused', () => {
  const whole = packr.pack({ id: 1, status: 200, result: ORDER });
  const reader = new ReplyReader();
  for (const frame of [
    Buffer.alloc(0),
    Buffer.from([0xc0]),
    packr.pack([1, 2]),
    packr.pack({ id: 'text' }),
    Buffer.concat([whole, Buffer.from([0])]),
    whole.subarray(0, whole.length - 3),
    whole.subarray(0, 40),
  ]) {
    assert.throws(() => reader.read(frame), ReplyFormatError);
  }
});
