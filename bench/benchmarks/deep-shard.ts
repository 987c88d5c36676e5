import { Hash64 } from '../../engine/collections/hash64.ts';
import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import { memoryInUse } from '../memory.ts';
import { type Benchmark, Checks, type Outcome, type Size, secondsOf } from '../suite.ts';
import { CommandEncoder } from '../venue/commands.ts';
import { dropped, LoneVenue } from '../venue/lone-venue.ts';
import { allocateCommands, type CommandFlow, CommandKind } from '../workloads/command-flow.ts';
import { DEEP_MIX, makeDeepFlow } from '../workloads/deep-flow.ts';

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

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const flow = fillingOrders(DEPTH[size]);
  const venue = new LoneVenue(flow);
  const encoder = new CommandEncoder();
  const frames = new FrameWriter();
  const before = memoryInUse();
  const seconds = secondsOf(() => {
    for (let from = 0; from < flow.count; from += COMMANDS_AT_A_TIME) {
      const to = Math.min(flow.count, from + COMMANDS_AT_A_TIME);
      for (let at = from; at < to; at++) encoder.encode(frames, flow, at, at + 1);
      venue.applyFrames(frames.bytes.subarray(frames.start, frames.end), dropped);
      frames.consume(frames.pendingBytes);
    }
  });
  const after = memoryInUse();
  const { orders, ledger } = venue.shard.state;
  checks.equal('every order is open', orders.size, flow.count);
  checks.expect('every asset adds up to the unit', venue.isAudited());
  ledger.forEach((_accountId, _assetId, slot) => {
    hash.add(ledger.available(slot));
    hash.add(ledger.locked(slot));
  });
  const name = `${flow.count.toLocaleString('en')} resting orders, `;
  const bytes = (after.usedBytes - before.usedBytes) / flow.count;
  const resident = (after.residentBytes - before.residentBytes) / flow.count;
  const rate = flow.count / seconds / 1e6;
  const metrics = [
    { name: `${name}all indexes`, unit: 'bytes/order', values: [bytes] },
    { name: '  as pages of the process', unit: 'bytes/order', values: [resident] },
    { name: '  placing them, encoding included', unit: 'M commands/s', values: [rate] },
  ];
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

export const deepShard: Benchmark = {
  name: 'deep-shard',
  description:
    'memory of a resting order in a whole shard: its record and its place in the book, the open order with its ' +
    'reservation, and the indexes by order id, client id and account',
  mix: `${DEEP_MIX}; only the filling, by accounts of ${ORDERS_PER_ACCOUNT} orders each`,
  leavesOut: 'the same order in the gateway and in the database',
  nodeOptions: ['--expose-gc'],
  run,
};
