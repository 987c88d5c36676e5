import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Packr } from 'msgpackr';
import { ReplyScan, saysCancelled } from './reply-scan.ts';

const packr = new Packr({ useRecords: false });
const RECEIVED_US = 1_795_358_835_119_001;
const ORDER = { clientId: 5, createdAt: 1_795_358_835_119, id: '42', status: 'New' };
const ENGINE_TIMES = {
  ...{ received: RECEIVED_US, matched: RECEIVED_US + 40, journaled: RECEIVED_US + 300 },
};
const TIMES = { ...ENGINE_TIMES, published: RECEIVED_US + 320 };
const { journaled: _none, ...UNJOURNALED_TIMES } = TIMES;

function acknowledgement(id: number, fills: readonly object[] = [], times: object = TIMES): object {
  const result = { ...ORDER, depthUpdateId: 9, fills };
  return { id, status: 200, ack: 'journaled', result, times };
}

const FILL = { tradeId: 1, price: '1', quantity: '2', fee: '0', feeSymbol: 'Q', isMaker: false };

interface Told {
  readonly id: number;
  readonly status: number;
  readonly fills: number;
  readonly errorCode: string;
  readonly receivedUs: number;
  readonly matchedUs: number;
  readonly journaledUs: number;
  readonly publishedUs: number;
}

const ACKNOWLEDGED: Told = {
  id: 1,
  status: 200,
  fills: 0,
  errorCode: '',
  receivedUs: TIMES.received,
  matchedUs: TIMES.matched,
  journaledUs: TIMES.journaled,
  publishedUs: TIMES.published,
};
const NO_TIMES = {
  ...ACKNOWLEDGED,
  ...{ receivedUs: 0, matchedUs: 0, journaledUs: 0, publishedUs: 0 },
};
const REFUSAL = { id: 3, status: 404, error: { code: 'RESOURCE_NOT_FOUND', message: 'Not Found' } };

const CASES: readonly [name: string, message: object, expected: Told][] = [
  ...[1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31 + 5].map(
    (id) => [`id ${id}`, acknowledgement(id), { ...ACKNOWLEDGED, id }] as const,
  ),
  ['fills', acknowledgement(1, [FILL, FILL]), { ...ACKNOWLEDGED, fills: 2 }],
  [
    'no journal',
    acknowledgement(1, [], { received: TIMES.received, matched: TIMES.matched }),
    { ...ACKNOWLEDGED, journaledUs: 0, publishedUs: 0 },
  ],
  [
    'no journal, but when it was published',
    acknowledgement(1, [], UNJOURNALED_TIMES),
    { ...ACKNOWLEDGED, journaledUs: 0 },
  ],
  ['of an older venue', acknowledgement(1, [], ENGINE_TIMES), { ...ACKNOWLEDGED, publishedUs: 0 }],
  ['no times', acknowledgement(1, [], {}), NO_TIMES],
  ['times that nobody knows', acknowledgement(1, [], { sent: TIMES.received }), NO_TIMES],
  [
    'other order of members',
    { status: 200, times: TIMES, result: { fills: [], id: '42' }, id: 1 },
    ACKNOWLEDGED,
  ],
  ['a cancel', { ...acknowledgement(1), result: ORDER }, ACKNOWLEDGED],
  [
    'a refusal',
    REFUSAL,
    {
      ...{ id: 3, status: 404, fills: 0, errorCode: 'RESOURCE_NOT_FOUND' },
      ...{ receivedUs: 0, matchedUs: 0, journaledUs: 0, publishedUs: 0 },
    },
  ],
].map(([name, message, expected]) => [name, message, expected] as [string, object, Told]);

function told(scan: ReplyScan): Told {
  const { id, status, trades, errorCode, receivedUs, matchedUs, journaledUs, publishedUs } = scan;
  const times = { receivedUs, matchedUs, journaledUs, publishedUs };
  return { id, status, fills: trades.length, errorCode, ...times };
}

test('replies say the same in msgpack and in JSON, wherever they lie', () => {
  // One reader for all: nothing of a reply may be left in the next one.
  const scan = new ReplyScan();
  for (const [name, message, expected] of [...CASES, ...CASES.toReversed()]) {
    const encodings = [Buffer.from(packr.pack(message)), Buffer.from(JSON.stringify(message))];
    encodings.forEach((payload, index) => {
      for (const offset of [0, 13]) {
        const buffer = Buffer.concat([Buffer.alloc(offset, 0xa5), payload, Buffer.alloc(9, 0xff)]);
        scan.read(buffer, offset, offset + payload.length, index === 0);
        assert.deepEqual(told(scan), expected, name);
      }
    });
  }
});

test('what is no reply has the id of none, or is an error', () => {
  const scan = new ReplyScan();
  const stream = Buffer.from('{"data":{"e":"trade"},"stream":"trade.A_B"}');
  scan.read(stream, 0, stream.length, false);
  assert.equal(scan.id, -1);
  for (const bytes of [Buffer.of(0xc1), Buffer.of(0x81, 0xa2, 0x69)]) {
    assert.throws(() => scan.read(bytes, 0, bytes.length, true));
  }
});

test('the reply to a cancel says whether the order is cancelled', () => {
  for (const [status, isCancelled] of [
    ['Cancelled', true],
    ['Filled', false],
    ['New', false],
  ] as const) {
    const message = { ...acknowledgement(1), result: { ...ORDER, status } };
    const encodings = [Buffer.from(packr.pack(message)), Buffer.from(JSON.stringify(message))];
    encodings.forEach((payload, index) => {
      // What lies behind it, or in front, is another reply's.
      const other = Buffer.from(packr.pack({ status: 'Cancelled' }));
      const buffer = Buffer.concat([other, payload, other]);
      const end = other.length + payload.length;
      assert.equal(saysCancelled(buffer, other.length, end, index === 0), isCancelled);
    });
  }
});
