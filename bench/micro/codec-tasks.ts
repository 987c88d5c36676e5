import { Packr } from 'msgpackr';
import { PlaceOrder } from '../../engine/protocol/commands.ts';
import { OrderEvent } from '../../engine/protocol/events.ts';
import { FrameReader } from '../../engine/protocol/frame-reader.ts';
import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import type { Fields, FieldsOf, Message } from '../../engine/protocol/message.ts';
import type { Checks } from '../suite.ts';
import type { MicroTask } from './task.ts';

const PLACE: PlaceOrder = {
  ...PlaceOrder.create(),
  requestId: 1_234_567,
  accountId: 77_001,
  marketId: 3,
  clientId: 4_000_000_001,
  priceTicks: 33_512,
  quantityLots: 250,
};

const ORDER: OrderEvent = {
  ...OrderEvent.create(),
  kind: 1,
  requestId: 1_234_567,
  accountId: 77_001,
  marketId: 3,
  orderId: 912_345_664,
  clientId: 4_000_000_001,
  status: 1,
  priceTicks: 33_512,
  quantityLots: 250,
  executedLots: 100,
  executedQuoteUnits: 3_351_200,
  createdAtUs: 1_700_000_000_000_000,
  timeUs: 1_700_000_000_000_250,
  updateId: 5_000_123,
  tradeId: 400_321,
  fillPriceTicks: 33_512,
  fillLots: 100,
  feeUnits: 3352,
  baseAvailableUnits: 7_999_999_900,
  quoteAvailableUnits: 3_900_000_000_000,
  quoteLockedUnits: 5_026_800,
};

const SEQUENCE = 9_000_001;

/** Our generated codecs of the two most frequent messages, and msgpackr on the same msgpack arrays. */
export function codecTasks(checks: Checks): MicroTask[] {
  return [
    ...tasksOf('PlaceOrder', PlaceOrder, PLACE, checks),
    ...tasksOf('OrderEvent', OrderEvent, ORDER, checks),
  ];
}

function tasksOf<F extends Fields>(
  name: string,
  message: Message<F>,
  body: FieldsOf<F>,
  checks: Checks,
): MicroTask[] {
  const writer = new FrameWriter();
  message.encode(writer, SEQUENCE, body);
  const bytes = writer.bytes.slice(0, writer.end);
  const reader = new FrameReader();
  const target = message.create();
  const array = [message.type, SEQUENCE, ...Object.values(body)];
  const packr = new Packr({ useRecords: false });
  const payload = bytes.slice(4);
  const packed = packr.pack(array);
  checks.equal(`${name}: msgpackr reads our frame`, `${packr.unpack(payload)}`, `${array}`);
  reader.reset(bytes, 0, bytes.length);
  reader.next();
  const decoded = message.decode(reader, message.create());
  checks.equal(
    `${name}: decoded is what was encoded`,
    `${Object.values(decoded)}`,
    `${Object.values(body)}`,
  );
  const encode = (calls: number): number => {
    for (let call = 0; call < calls; call++) message.encode(writer, SEQUENCE, body);
    const written = writer.pendingBytes;
    writer.consume(written);
    return written;
  };
  writer.consume(writer.pendingBytes);
  const decode = (calls: number): number => {
    let sum = 0;
    for (let call = 0; call < calls; call++) {
      reader.reset(bytes, 0, bytes.length);
      reader.next();
      message.decode(reader, target);
      sum += reader.sequence;
    }
    return sum;
  };
  const pack = (calls: number): number => {
    let sum = 0;
    for (let call = 0; call < calls; call++) sum += packr.pack(array).length;
    return sum;
  };
  const unpack = (calls: number): number => {
    let sum = 0;
    for (let call = 0; call < calls; call++) sum += (packr.unpack(packed) as number[]).length;
    return sum;
  };
  return [
    { name: `encode ${name} (${bytes.length} bytes)`, work: encode },
    { name: `  the same array by msgpackr, pack (${packed.length} bytes)`, work: pack },
    { name: `decode ${name}`, work: decode },
    { name: '  the same array by msgpackr, unpack', work: unpack },
  ].map((task) => ({
    ...task,
    name: task.name.startsWith(' ') ? `${task.name}, ${name}` : task.name,
  }));
}
