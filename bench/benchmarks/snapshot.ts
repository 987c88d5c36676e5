import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nodeDisk } from '../../engine/journal/disk.ts';
import { verifySnapshot } from '../../engine/journal/snapshot-file.ts';
import { snapshotName } from '../../engine/journal/snapshot-layout.ts';
import { loadNewestSnapshot, saveSnapshot } from '../../engine/journal/snapshots.ts';
import { Shard } from '../../engine/shard/shard.ts';
import { SILENT_PARTS } from '../../engine/shard/silent-outputs.ts';
import { SnapshotWriter } from '../../engine/snapshot/snapshot-writer.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Metric,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { LoneVenue } from '../venue/lone-venue.ts';
import { allocateCommands, type CommandFlow, CommandKind } from '../workloads/command-flow.ts';
import { DEEP_FILL_MIX, makeDeepFlow } from '../workloads/deep-flow.ts';

const ORDERS: Record<Size, number> = { full: 1_000_000, quick: 200_000, test: 5_000 };
const ROUNDS: Record<Size, number> = { full: 5, quick: 3, test: 1 };
const ORDERS_PER_ACCOUNT = 10;
const MARKETS = 16;
const MARKETS_PER_ACCOUNT = 3;
const SEED = 1;
const IDENTITY = { shard: 0, shardCount: 1 };

/** Like Postgres' data beside it, on whatever disk the repository is on. */
const FOLDER = 'bench/results';

/** The deep flow's filling part as orders of many accounts in a few markets each. */
function fillingOrders(count: number): CommandFlow {
  const flow = makeDeepFlow(SEED, count, 0);
  const accountCount = count / ORDERS_PER_ACCOUNT;
  const commands = allocateCommands(count, MARKETS, accountCount);
  commands.kind.fill(CommandKind.Place);
  for (let at = 0; at < count; at++) {
    const account = Math.imul(at, 40_503) >>> 0;
    commands.accountId[at] = 1 + (account % accountCount);
    commands.marketId[at] = 1 + ((account + (at % MARKETS_PER_ACCOUNT)) % MARKETS);
  }
  commands.clientId.set(flow.orderId);
  commands.side.set(flow.side);
  commands.priceTicks.set(flow.priceTicks);
  commands.lots.set(flow.lots);
  return commands;
}

/** Bytes of a shard's payload, which goes nowhere. */
function payloadOf(shard: Shard): number {
  let bytes = 0;
  const writer = new SnapshotWriter((chunk) => {
    bytes += chunk.length;
  });
  shard.save(writer);
  writer.finish();
  return bytes;
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const flow = fillingOrders(ORDERS[size]);
  const venue = new LoneVenue(flow, SILENT_PARTS);
  venue.applyCalls(flow);
  const { shard } = venue;
  checks.equal('every order is open', shard.state.orders.size, flow.count);
  mkdirSync(resolve(FOLDER), { recursive: true });
  const directory = mkdtempSync(join(resolve(FOLDER), 'snapshots-'));
  const seconds: Metric[] = [];
  const timed = (name: string, work: () => void) => {
    const values = Array.from({ length: ROUNDS[size] }, () => secondsOf(work));
    seconds.push({ name, unit: 's', values });
  };
  const makeShard = () => new Shard(0, 1, SEED);
  let bytes = 0;
  let loaded: Shard | undefined;
  let journalSequence = 0;
  try {
    timed('  writing its tables to nowhere', () => {
      bytes = payloadOf(shard);
    });
    timed('  its hash', () => {
      shard.hash();
    });
    timed('  a snapshot on disk: tables, hash, sync, loaded again', () => {
      saveSnapshot(nodeDisk, directory, IDENTITY, shard, ++journalSequence, makeShard);
    });
    timed('  loading it: checksum, tables, hash', () => {
      loaded = loadNewestSnapshot(nodeDisk, directory, IDENTITY, makeShard).loaded?.shard;
    });
    timed('    of which the checksum', () => {
      const name = snapshotName(journalSequence);
      verifySnapshot(nodeDisk, join(directory, name), IDENTITY);
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
  checks.equal('what was loaded is what was saved', loaded?.hash(), shard.hash());
  const name = `${grouped(flow.count)} open orders of ${grouped(flow.accountCount)} accounts`;
  const perOrder = { name, unit: 'bytes/order', values: [bytes / flow.count] };
  const metrics = [perOrder, ...seconds];
  return { metrics, resultHash: shard.hash(), ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description: 'a snapshot of a whole shard: its size, making it and loading it',
    work: `${grouped(ORDERS[size])} open orders, saved and loaded ${ROUNDS[size]} times where they were placed`,
    mix: `${DEEP_FILL_MIX}; accounts of ${ORDERS_PER_ACCOUNT} each, in ${MARKETS_PER_ACCOUNT} of ${MARKETS} markets`,
    leavesOut: 'replaying the journal behind it; the trading shard, which takes no part in it',
    hashOf: 'the whole shard',
  };
}

export const snapshot: Benchmark = { name: 'snapshot', about, run };
