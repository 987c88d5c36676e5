import uWebSockets from 'uWebSockets.js';
import { Packr } from 'msgpackr';
import type { SinkListening } from './sink-venue.ts';

/**
 * A venue that does nothing: it answers every msgpack request at once with an acknowledgement of the size and layout
 * of the real one, so that what a generator reaches is its own limit. Tells its port to the process that forked it.
 */
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
const BEFORE_ID = Buffer.concat([Uint8Array.of(0x85), packr.pack('id')]);
const BEFORE_TIMES = Buffer.concat(
  ['status', 200, 'ack', 'journaled', 'result', ORDER, 'times'].map((value) => packr.pack(value)),
);
const TIME_KEYS = ['received', 'matched', 'journaled'].map((name) => packr.pack(name));

/** The reply, and where its id and its times stand in it. */
const pieces = [
  BEFORE_ID,
  Uint8Array.of(0xce, 0, 0, 0, 0),
  BEFORE_TIMES,
  Uint8Array.of(0x83),
  ...TIME_KEYS.flatMap((key) => [key, Uint8Array.of(0xcb, 0, 0, 0, 0, 0, 0, 0, 0)]),
];
const REPLY = Buffer.concat(pieces);
const ID_AT = BEFORE_ID.length + 1;
const TIME_AT = TIME_KEYS.map((_, index) => {
  const behind = TIME_KEYS.slice(index + 1).reduce((sum, key) => sum + key.length + 9, 0);
  return REPLY.length - behind - 8;
});
/** Where a generator's own requests have their id, behind a map header, the key and a type byte. */
const REQUEST_ID_AT = 5;

const app = uWebSockets.App();
app.ws('/ws', {
  compression: uWebSockets.DISABLED,
  maxBackpressure: 256 * 1024 * 1024,
  message(socket, message, isBinary) {
    if (!isBinary) {
      const { id } = JSON.parse(Buffer.from(message).toString('utf8')) as { id: number };
      socket.send(JSON.stringify({ id, status: 200, result: {} }));
      return;
    }
    REPLY.set(new Uint8Array(message, REQUEST_ID_AT, 4), ID_AT);
    const nowUs = Math.floor((performance.timeOrigin + performance.now()) * 1000);
    for (const at of TIME_AT) REPLY.writeDoubleBE(nowUs, at);
    socket.send(REPLY, true);
  },
});
app.listen('127.0.0.1', 0, (listenSocket) => {
  if (listenSocket === false) process.exit(1);
  const port = uWebSockets.us_socket_local_port(listenSocket);
  process.send?.({ type: 'listening', port } satisfies SinkListening);
});
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
