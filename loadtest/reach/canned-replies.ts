import { Packr } from 'msgpackr';

const packr = new Packr({ useRecords: false });
const ORDER = {
  clientId: 1,
  createdAt: 1795358835119,
  executedQuantity: '0',
  executedQuoteQuantity: '0',
  id: '4227701917',
  orderType: 'Limit',
  postOnly: false,
  price: '1000.01',
  quantity: '0.005',
  selfTradePrevention: 'RejectTaker',
  side: 'Bid',
  status: 'New',
  symbol: 'LTBASE_LTQUOTE',
  timeInForce: 'GTC',
  reduceOnly: null,
  relatedOrderId: null,
  stopLossLimitPrice: null,
  stopLossTriggerBy: null,
  stopLossTriggerPrice: null,
  strategyId: null,
  takeProfitLimitPrice: null,
  takeProfitTriggerBy: null,
  takeProfitTriggerPrice: null,
  triggerBy: null,
  triggerPrice: null,
  triggerQuantity: null,
  triggeredAt: null,
  depthUpdateId: 123456,
  fills: [],
};
const TIME_NAMES = ['received', 'matched', 'journaled', 'published'];
const DOUBLE_BYTES = 8;

const BEFORE_ID = Buffer.concat([Uint8Array.of(0x85), packr.pack('id')]);
const BEFORE_TIMES = Buffer.concat(
  ['status', 200, 'ack', 'journaled', 'result', ORDER, 'times'].map((value) => packr.pack(value)),
);
const TIME_KEYS = TIME_NAMES.map((name) => packr.pack(name));

/** The reply in msgpack, and where its id and its times stand in it. */
const REPLY = Buffer.concat([
  BEFORE_ID,
  Uint8Array.of(0xce, 0, 0, 0, 0),
  BEFORE_TIMES,
  Uint8Array.of(0x80 | TIME_NAMES.length),
  ...TIME_KEYS.flatMap((key) => [key, Uint8Array.of(0xcb, 0, 0, 0, 0, 0, 0, 0, 0)]),
]);
const ID_AT = BEFORE_ID.length + 1;
const TIME_AT = TIME_KEYS.map((_, index) => {
  const behind = TIME_KEYS.slice(index + 1).reduce(
    (sum, key) => sum + key.length + 1 + DOUBLE_BYTES,
    0,
  );
  return REPLY.length - behind - DOUBLE_BYTES;
});
const JSON_REPLY = `,"status":200,"ack":"journaled","result":${JSON.stringify(ORDER)},"times":`;

/** Where a generator's own requests have their id: in msgpack behind a map header, the key and a type byte. */
const REQUEST_ID_AT = 5;
const JSON_ID_AT = '{"id":'.length;
const COMMA = ','.charCodeAt(0);

export function epochUs(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}

/** The id of a request as a load generator of ours lays it out, uint32; nothing else of it is read. */
export function requestIdOf(message: ArrayBuffer, isBinary: boolean): number {
  if (isBinary) return new DataView(message).getUint32(REQUEST_ID_AT);
  const bytes = new Uint8Array(message);
  let id = 0;
  for (let at = JSON_ID_AT; at < bytes.length && bytes[at] !== COMMA; at++) {
    id = 10 * id + bytes[at]! - 48;
  }
  return id;
}

/**
 * An acknowledgement of the size and layout of the venue's, to send before the next one is asked for.
 *
 * @param times µs since the epoch, in the order of the reply: received, matched, journaled, published
 */
export function cannedReply(
  id: number,
  isBinary: boolean,
  times: readonly number[],
): Uint8Array | string {
  if (!isBinary) {
    const named = TIME_NAMES.map((name, index) => `"${name}":${times[index]}`);
    return `{"id":${id}${JSON_REPLY}{${named}}}`;
  }
  REPLY.writeUInt32BE(id, ID_AT);
  for (let index = 0; index < TIME_AT.length; index++) {
    REPLY.writeDoubleBE(times[index]!, TIME_AT[index]!);
  }
  return REPLY;
}
