import { OrderBook } from '../../engine/book/order-book.ts';
import { RecordIndex } from '../../engine/collections/record-index.ts';
import { OpenOrders } from '../../engine/ledger/open-orders.ts';
import { PlaceOrder } from '../../engine/protocol/commands.ts';
import type { Side } from '../../engine/protocol/enums.ts';
import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import { memoryInUse } from '../memory.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { CommandEncoder } from '../venue/commands.ts';
import { dropped, LoneVenue } from '../venue/lone-venue.ts';
import { allocateCommands, type CommandFlow, CommandKind } from '../workloads/command-flow.ts';
import { DEEP_FILL_MIX, makeDeepFlow } from '../workloads/deep-flow.ts';

/** How full the blocks are that grow by half, and the indexes that double, is part of the figure. */
const DEPTH: Record<Size, number> = { full: 10_000_000, quick: 1_000_000, test: 10_000 };
const SEED = 1;
/** Below the limit of a venue's account. */
const ORDERS_PER_ACCOUNT = 5_000;
const COMMANDS_AT_A_TIME = 10_000;

/** The deep flow's filling part as orders of accounts. */
function fillingOrders(depth: number): CommandFlow {
  const flow = makeDeepFlow(SEED, depth, 0);
  const accountCount = Math.max(2, Math.ceil(depth / ORDERS_PER_ACCOUNT));
  const commands = allocateCommands(depth, 1, accountCount);
  commands.kind.fill(CommandKind.Place);
  commands.marketId.fill(1);
  for (let at = 0; at < depth; at++) commands.accountId[at] = 1 + (at % accountCount);
  commands.clientId.set(flow.orderId);
  commands.side.set(flow.side);
  commands.priceTicks.set(flow.priceTicks);
  commands.lots.set(flow.lots);
  return commands;
}

function fillVenue(venue: LoneVenue, flow: CommandFlow): void {
  const encoder = new CommandEncoder();
  const frames = new FrameWriter();
  for (let from = 0; from < flow.count; from += COMMANDS_AT_A_TIME) {
    const to = Math.min(flow.count, from + COMMANDS_AT_A_TIME);
    for (let at = from; at < to; at++) encoder.encode(frames, flow, at, at + 1);
    venue.applyFrames(frames.bytes.subarray(frames.start, frames.end), dropped);
    frames.consume(frames.pendingBytes);
  }
}

/** What `fill` adds to the memory in use, per order. */
function bytesPerOrder(flow: CommandFlow, fill: () => void): number {
  const before = memoryInUse().usedBytes;
  fill();
  return (memoryInUse().usedBytes - before) / flow.count;
}

/**
 * Bytes per order of the parts that a shard's memory is made of, each filled by itself with the same orders: a
 * block or an index takes what its number of entries makes it take, wherever it stands.
 */
function partsOf(flow: CommandFlow, checks: Checks) {
  const book = new OrderBook();
  const bookBytes = bytesPerOrder(flow, () => {
    for (let at = 0; at < flow.count; at++) {
      const side = flow.side[at]! as Side;
      book.rest(at + 1, flow.accountId[at]!, side, flow.priceTicks[at]!, flow.lots[at]!);
    }
  });
  const orders = new OpenOrders(0);
  const orderBytes = bytesPerOrder(flow, () => {
    const order = PlaceOrder.create();
    for (let at = 0; at < flow.count; at++) {
      order.accountId = flow.accountId[at]!;
      order.clientId = flow.clientId[at]!;
      orders.add(order, at + 1, 0, 0, 0, 0);
    }
  });
  const index = new RecordIndex(1, 0);
  const indexBytes = bytesPerOrder(flow, () => {
    for (let at = 0; at < flow.count; at++) index.insert(at, flow.clientId);
  });
  const counts = [book.orderCount, orders.size, orders.clientIdCount, index.size];
  checks.equal('each part holds every order', `${counts}`, `${counts.fill(flow.count)}`);
  return { book: bookBytes, orders: orderBytes, index: indexBytes };
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const flow = fillingOrders(DEPTH[size]);
  const venue = new LoneVenue(flow);
  const residentBefore = memoryInUse().residentBytes;
  let seconds = 0;
  const whole = bytesPerOrder(flow, () => {
    seconds = secondsOf(() => fillVenue(venue, flow));
  });
  const resident = (memoryInUse().residentBytes - residentBefore) / flow.count;
  checks.equal('every order is open', venue.shard.state.orders.size, flow.count);
  checks.expect('every asset adds up to the unit', venue.isAudited());
  const parts = partsOf(flow, checks);
  const bytes = (name: string, value: number) => ({ name, unit: 'bytes/order', values: [value] });
  const metrics = [
    bytes(`${grouped(flow.count)} resting orders, the whole shard`, whole),
    bytes('  records and levels of the book', parts.book - parts.index),
    bytes('  records of the open orders', parts.orders - 2 * parts.index),
    bytes('  indexes by order id (book and account) and by client id', 3 * parts.index),
    bytes('  ledger and all else', whole - parts.book - parts.orders),
    bytes('  the whole as pages of the process', resident),
    {
      name: '  placing them, encoding included',
      unit: 'M commands/s',
      values: [flow.count / seconds / 1e6],
    },
  ];
  return { metrics, resultHash: venue.stateDigest(), ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description:
      'memory of a resting order in a whole shard: its record and its place in the book, the open order with its ' +
      'reservation, and the indexes by order id, client id and account',
    work: `${grouped(DEPTH[size])} orders, placed once; then the parts alone, with the same orders`,
    mix: `${DEEP_FILL_MIX}; by accounts of ${grouped(ORDERS_PER_ACCOUNT)} orders each`,
    leavesOut: 'the same order in the gateway and in the database',
    hashOf: 'all balances, open orders and the book at the end, and the number of events',
  };
}

export const deepShard: Benchmark = {
  name: 'deep-shard',
  nodeOptions: ['--expose-gc'],
  about,
  run,
};
