import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FrameReader } from '../protocol/frame-reader.ts';
import { Shard } from '../shard/shard.ts';
import type { ToldListings } from '../shard/state-events.ts';
import { sourceOf } from '../snapshot/snapshot-bytes.fixture.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { FIRST_ASSET } from './chatter.ts';
import { type Cut, recordTapes, type Tape } from './saved-tapes.ts';
import { ToldTables } from './told-tables.fixture.ts';

/** Multiplies the number of seeds. */
const EFFORT = Number(process.env.RINGSIDE_SNAPSHOT_EFFORT ?? 1);
const SEEDS = 3;
const COMMANDS = 600;
const CUTS = 6;

function loaded({ shard, shardCount }: Tape, { saved }: Pick<Cut, 'saved'>): Shard {
  const machine = new Shard(shard, shardCount);
  machine.load(new SnapshotReader(sourceOf(saved)));
  return machine;
}

function tablesFor(machine: Shard): ToldTables {
  return new ToldTables((marketId) => machine.state.markets.require(marketId).spec);
}

/** Takes what was said, recorded events alone. */
function takeRecorded(tables: ToldTables, said: readonly Uint8Array[]): void {
  const reader = new FrameReader();
  for (const bytes of said) {
    reader.reset(bytes, 0, bytes.length);
    while (reader.next()) if (reader.sequence > 0) tables.take(reader);
  }
}

/** Takes all that the shard tells of its state. */
function takeState(tables: ToldTables, machine: Shard, told: ToldListings): void {
  const reader = new FrameReader();
  for (const events of machine.tellState(told)) {
    reader.reset(events.bytes, events.start, events.end);
    while (reader.next()) {
      assert.equal(reader.sequence, 0, 'nothing of it is recorded');
      tables.take(reader);
    }
    events.clear();
  }
}

/** The balances of a table: one that is zero may be told of a state alone, which no event ever did. */
function balancesOf({ balances }: ToldTables, read: (balance: Balance) => unknown): object {
  const held = [...balances].filter(([, [available, locked]]) => available + locked > 0);
  return Object.fromEntries(held.sort().map(([key, balance]) => [key, read(balance)]));
}

type Balance = readonly [available: number, locked: number];

/** What an order locks that its account has not heard of is told by its first event. */
const total = ([available, locked]: Balance): number => available + locked;
const whole = (balance: Balance): Balance => balance;

/** Everything but the listings: those of other shards are told of a state alone. */
function rowsOf(tables: ToldTables, readBalance: (balance: Balance) => unknown): object {
  const { accounts, keys, transfers, orders } = tables;
  const sorted = (rows: ReadonlyMap<string | number, unknown>): object =>
    Object.fromEntries([...rows].sort(([one], [other]) => (one < other ? -1 : 1)));
  return {
    balances: balancesOf(tables, readBalance),
    accounts: sorted(accounts),
    keys: sorted(keys),
    transfers: sorted(transfers),
    orders: sorted(orders),
  };
}

test('tables that begin with the state of a shard are those of all its events', (context: TestContext) => {
  const counts = { cuts: 0, orders: 0, transfers: 0, unheard: 0 };
  for (let seed = 1; seed <= SEEDS * EFFORT; seed++) {
    for (const shardCount of [1, 2, 4]) {
      for (const tape of recordTapes(seed, shardCount, COMMANDS, CUTS)) {
        const atEnd = loaded(tape, { saved: tape.savedAtEnd });
        for (const cut of tape.cuts) {
          const machine = loaded(tape, cut);
          const heard = tablesFor(atEnd);
          takeRecorded(heard, tape.said.slice(0, cut.inputs));
          const told = tablesFor(atEnd);
          takeState(told, machine, { assets: new Set(), markets: new Set() });
          const where = `${tape.name}, after ${cut.inputs} inputs`;
          assert.deepEqual(rowsOf(told, total), rowsOf(heard, total), where);
          for (const [id, asset] of heard.assets) assert.deepEqual(told.assets.get(id), asset);
          for (const [id, market] of heard.markets) assert.deepEqual(told.markets.get(id), market);
          counts.cuts++;
          counts.orders += told.orders.size;
          counts.transfers += told.transfers.size;
          counts.unheard += machine.state.orders.size - told.orders.size;
          for (const tables of [heard, told]) takeRecorded(tables, tape.said.slice(cut.inputs));
          assert.deepEqual(rowsOf(told, whole), rowsOf(heard, whole), `${where}, at the end`);
        }
      }
    }
  }
  context.diagnostic(JSON.stringify(counts));
  assert.ok(counts.orders > 500 && counts.transfers > 1_000 && counts.unheard > 50);
});

test('what another shard owns is told once, and by its owner again', () => {
  const [first, second] = recordTapes(1, 2, COMMANDS, CUTS) as [Tape, Tape];
  const told = { assets: new Set<number>(), markets: new Set<number>() };
  const machines = [first, second].map((tape) => loaded(tape, tape.cuts.at(-1)!));
  const [one, two] = machines.map((machine) => {
    const tables = tablesFor(machine);
    takeState(tables, machine, told);
    return tables;
  }) as [ToldTables, ToldTables];
  const known = machines.map((machine) => machine.state.markets.values());
  for (const tables of [one, two]) assert.ok(tables.assets.size > 0 && tables.markets.size > 0);
  const others = [...two.assets.keys()].filter((assetId) => assetId % 2 === 0);
  assert.ok(others.every((assetId) => !one.assets.has(assetId)));
  // The chatter lists assets on one shard only, which may not be their owner.
  const isOfCase = (assetId: number) => assetId < FIRST_ASSET;
  const own = [...told.assets].filter((assetId) => assetId % 2 === 1 && isOfCase(assetId));
  assert.deepEqual(
    own.filter((assetId) => !two.assets.has(assetId)),
    [],
  );
  assert.deepEqual(
    [...one.markets.keys()],
    known[0]!.map(({ spec }) => spec.marketId),
  );
  const ownMarkets = known[1]!.filter(({ book }) => book !== null);
  assert.deepEqual(
    [...two.markets.keys()],
    ownMarkets.map(({ spec }) => spec.marketId),
  );
});
