import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal } from './decimal-sums.ts';
import { compactFrame, EventFrame, KeptText, Member } from './event-frame.ts';

const FILL =
  '{"data":{"E":1795426056384480,"O":"USER","Q":"199.000000","o":"LIMIT","p":"99.5","q":"2","S":"Bid","T":1795426056382906,"V":"RejectTaker","X":"PartiallyFilled","Z":"49.75","c":7,"e":"orderFill","f":"GTC","i":"64","L":"99.5","N":"USDC","l":"0.50","m":true,"n":"0.00995","t":1,"r":false,"s":"SOL_USDC","y":false,"z":"0.5"},"stream":"account.orderUpdate"}';
const BALANCE =
  '{"data":{"A":"1000.5","E":1795426056384584,"L":"0","S":"0","T":1795426056382906,"a":"SOL","e":"balanceUpdate"},"stream":"account.balanceUpdate"}';

function read(frame: string, event = new EventFrame()): [string | undefined, EventFrame] {
  // In the middle of other bytes, as a socket's buffer has it.
  const bytes = Buffer.from(`xx${frame}"}xx`);
  return [event.read(bytes, 2, 2 + Buffer.byteLength(frame)), event];
}

test('a fill is read as a parser reads it', () => {
  const [kind, event] = read(FILL);
  assert.equal(kind, 'fill');
  const { data } = JSON.parse(FILL) as { data: Record<string, unknown> };
  assert.equal(event.text(Member.symbol), data.s);
  assert.equal(event.whole(Member.clientId), data.c);
  assert.equal(event.whole(Member.tradeId), data.t);
  assert.equal(event.whole(Member.engineUs), data.T);
  assert.equal(event.firstByte(Member.isMaker), 't'.charCodeAt(0));
  assert.equal(event.firstByte(Member.side), 'B'.charCodeAt(0));
  assert.equal(event.text(Member.feeAsset), data.N);
  const { units, places } = event.decimal(Member.fillQuantity, new Decimal());
  assert.deepEqual([units, places], [5, 1]);
  const fee = event.decimal(Member.fee, new Decimal());
  assert.deepEqual([fee.units, fee.places], [995, 5]);
});

test('a balance is kept beyond the next frame', () => {
  const [kind, event] = read(BALANCE);
  assert.equal(kind, 'balance');
  const [available, locked] = [new KeptText(), new KeptText()];
  event.keep(Member.available, available);
  event.keep(Member.locked, locked);
  assert.equal(event.text(Member.asset), 'SOL');
  const long = '9'.repeat(70);
  read(BALANCE.replace('1000.5', long).replace('SOL', 'USDC'), event);
  assert.deepEqual([`${available}`, `${locked}`], ['1000.5', '0']);
  assert.equal(event.text(Member.asset), 'USDC');
  event.keep(Member.available, available);
  assert.equal(`${available}`, long);
});

test('what an event does not have is absent, also when the last one had it', () => {
  const [, event] = read(FILL);
  read(FILL.replace('"c":7,', '').replace('"n":"0.00995",', ''), event);
  assert.equal(event.whole(Member.clientId), -1);
  assert.equal(event.has(Member.fee), false);
  read(FILL.replace('"c":7', '"c":null'), event);
  assert.equal(event.whole(Member.clientId), -1);
});

test('texts of the same hash are not mistaken for each other', () => {
  const event = new EventFrame();
  for (const symbol of ['AaBB', 'BBAa', 'AaBB', 'ÄÖ']) {
    read(FILL.replace('SOL_USDC', symbol), event);
    assert.equal(event.text(Member.symbol), symbol);
  }
});

test('other events are none of ours, and what is cut anywhere is no event', () => {
  assert.equal(read(FILL.replace('orderFill', 'orderAccepted'))[0], 'order');
  assert.equal(read(FILL.replace('orderFill', 'triggerPlaced'))[0], 'other');
  assert.equal(read(FILL.replace('orderFill', 'orderFills'))[0], 'other');
  const end = FILL.indexOf('},"stream');
  for (let length = 0; length < end; length++) {
    assert.equal(new EventFrame().read(Buffer.from(FILL), 0, length), undefined, `${length}`);
  }
  assert.equal(read('{"id":1,"result":null}')[0], undefined);
});

test('a frame that is written another way is read by way of a parser', () => {
  const { data, stream } = JSON.parse(FILL) as { data: object; stream: string };
  const otherwise = JSON.stringify({ stream, data: { ...data, more: [1], x: { y: 1 } } }, null, 1);
  assert.equal(read(otherwise)[0], undefined);
  const compact = compactFrame(otherwise)!;
  const event = new EventFrame();
  assert.equal(event.read(compact, 0, compact.length), 'fill');
  assert.equal(event.whole(Member.tradeId), 1);
  assert.equal(event.text(Member.symbol), 'SOL_USDC');
  assert.equal(compactFrame('{"id":1}'), undefined);
});
