import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unpackr } from 'msgpackr';
import { RequestDraft, RequestKind } from './request-draft.ts';
import { encoderOf } from './request-encoder.ts';
import type { TradedMarket } from './traded-market.ts';

const STEPS = { tickUnits: 1, lotUnits: 1, midTicks: 100, reachTicks: 99 };
const MARKETS: readonly TradedMarket[] = [
  { symbol: 'A_B', priceDecimals: 2, quantityDecimals: 3, ...STEPS },
  { symbol: 'LONGERNAME_QUOTE', priceDecimals: 0, quantityDecimals: 8, ...STEPS },
  {
    symbol: 'COARSE_Q',
    priceDecimals: 2,
    quantityDecimals: 1,
    ...STEPS,
    tickUnits: 5,
    lotUnits: 20,
  },
];

function draftOf(fields: Partial<RequestDraft>): RequestDraft {
  return Object.assign(new RequestDraft(), fields);
}

const PLACE = { kind: RequestKind.Place, priceTicks: 100_005, quantityLots: 5, clientId: 7 };

const CASES: readonly [draft: RequestDraft, id: number, expected: object][] = [
  [
    draftOf(PLACE),
    1,
    {
      id: 1,
      method: 'order.place',
      params: {
        symbol: 'A_B',
        orderType: 'Limit',
        side: 'Bid',
        timeInForce: 'GTC',
        price: '1000.05',
        quantity: '0.005',
        clientId: 7,
      },
    },
  ],
  [
    draftOf({
      ...PLACE,
      market: 1,
      isBid: false,
      isImmediateOrCancel: true,
      clientId: 2 ** 32 - 1,
    }),
    2 ** 31,
    {
      id: 2 ** 31,
      method: 'order.place',
      params: {
        symbol: 'LONGERNAME_QUOTE',
        orderType: 'Limit',
        side: 'Ask',
        timeInForce: 'IOC',
        price: '100005',
        quantity: '0.00000005',
        clientId: 2 ** 32 - 1,
      },
    },
  ],
  [
    draftOf({ kind: RequestKind.Cancel, clientId: 300 }),
    200,
    { id: 200, method: 'order.cancel', params: { symbol: 'A_B', clientId: 300 } },
  ],
  [
    draftOf({ kind: RequestKind.Replace, clientId: 1, priceTicks: 10, quantityLots: 1_000 }),
    3,
    {
      id: 3,
      method: 'order.replace',
      params: { symbol: 'A_B', price: '0.10', quantity: '1.000', clientId: 1 },
    },
  ],
  [
    draftOf({ kind: RequestKind.Reduce, clientId: 1, quantityLots: 12_345 }),
    4,
    {
      id: 4,
      method: 'order.reduce',
      params: { symbol: 'A_B', quantity: '12.345', clientId: 1 },
    },
  ],
  [
    draftOf({
      kind: RequestKind.Replace,
      market: 2,
      clientId: 1,
      priceTicks: 2_001,
      quantityLots: 3,
    }),
    5,
    {
      id: 5,
      method: 'order.replace',
      params: { symbol: 'COARSE_Q', price: '100.05', quantity: '6.0', clientId: 1 },
    },
  ],
];

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

test('msgpack and JSON say what the draft says', () => {
  for (const [draft, id, expected] of CASES) {
    const msgpack = encoderOf('msgpack', MARKETS);
    const length = msgpack.encode(draft, id);
    assert.deepEqual(unpackr.unpack(msgpack.payload.subarray(0, length)), expected);
    const json = encoderOf('json', MARKETS);
    const text = json.payload.toString('latin1', 0, json.encode(draft, id));
    assert.deepEqual(JSON.parse(text), expected);
  }
});

test('nothing of one request is left in the next', () => {
  for (const encoding of ['msgpack', 'json'] as const) {
    const encoder = encoderOf(encoding, MARKETS);
    const payloads = CASES.map(([draft, id]) => {
      return Buffer.from(encoder.payload.subarray(0, encoder.encode(draft, id)));
    });
    CASES.forEach(([draft, id], index) => {
      const fresh = encoderOf(encoding, MARKETS);
      const length = fresh.encode(draft, id);
      assert.deepEqual(payloads[index], Buffer.from(fresh.payload.subarray(0, length)));
    });
  }
});
