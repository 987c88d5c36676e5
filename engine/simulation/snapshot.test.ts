import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderBookState } from '../protocol/enums.ts';
import { MatchPrevented, OrderEvent, Rejected } from '../protocol/events.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { sourceOf, tablesOf } from '../snapshot/snapshot-bytes.fixture.ts';
import { type ColumnName, ForgetfulReader } from './forgetful-reader.ts';
import { type Cut, playFrom, recordTapes, type Tape } from './saved-tapes.ts';

/** Multiplies the number of seeds. */
const EFFORT = Number(process.env.RINGSIDE_SNAPSHOT_EFFORT ?? 1);
const SEEDS = 4;
const COMMANDS = 600;
const CUTS = 12;

interface Place {
  readonly tape: Tape;
  readonly cut: Cut;
  readonly tables: ReadonlyMap<string, readonly number[][]>;
}

const tapes: Tape[] = [];
for (let seed = 1; seed <= SEEDS * EFFORT; seed++) {
  for (const shardCount of [1, 2, 4]) tapes.push(...recordTapes(seed, shardCount, COMMANDS, CUTS));
}
const places: readonly Place[] = tapes.flatMap((tape) =>
  tape.cuts.map((cut) => ({ tape, cut, tables: tablesOf(cut.saved) })),
);

test('a shard saved anywhere and loaded goes on as if nothing had been, to the byte', (context) => {
  let inputs = 0;
  for (const { tape, cut } of places) {
    assert.equal(playFrom(tape, cut), null);
    inputs += tape.inputs.length - cut.inputs;
  }
  const counts = `${tapes.length} shards, ${places.length} snapshots, ${inputs} inputs after them`;
  context.diagnostic(counts);
});

test('the shards were saved with something of everything in them and under way', (context) => {
  const rows = (table: string) => places.map(({ tables }) => tables.get(table)!);
  const having = (table: string) => rows(table).filter((found) => found.length > 0).length;
  const state = places.flatMap(({ tables }) => tables.get('markets')!.map((row) => row.at(-4)!));
  const closed = state.filter((value) => value === OrderBookState.Closed).length;
  const said = new Map<number, number>();
  const reader = new FrameReader();
  for (const bytes of tapes.flatMap((tape) => tape.said)) {
    reader.reset(bytes, 0, bytes.length);
    while (reader.next()) said.set(reader.type, (said.get(reader.type) ?? 0) + 1);
  }
  const prevented = said.get(MatchPrevented.type) ?? 0;
  const rejected = said.get(Rejected.type) ?? 0;
  const tables = ['resting orders', 'pending stop orders', 'open orders', 'API keys', 'transfers'];
  const underWay = ['changes under way', 'deferred changes', 'cancel-alls'];
  const protections = ['kill switch', 'cancel timers'];
  for (const table of [...tables, ...underWay, ...protections]) {
    context.diagnostic(`${table}: in ${having(table)} of ${places.length} snapshots`);
    assert.ok(having(table) >= 15, `hardly any snapshot with ${table}`);
  }
  const what = `${closed} closed markets, ${prevented} prevented matches, ${rejected} refusals`;
  context.diagnostic(what);
  assert.ok(closed >= 10 && prevented >= 20 && rejected >= 1_000, what);
  assert.ok(said.get(OrderEvent.type)! > 3_000);
});

/** Columns that nothing a shard says later depends on: what has them is the next snapshot. */
const UNSPOKEN: Readonly<Record<string, readonly number[]>> = {
  // The time is given with every input, and only the thread's clock must not step back behind it.
  inputs: [0],
  // The request id, and the decimals of price and quantity: they are 0 in these markets.
  markets: [0, 5, 7],
  // When it was created.
  accounts: [2],
  // The request id: a repeated transfer is answered under its own.
  transfers: [0],
  // What is above 2^53 of deposits and of withdrawals, which no asset here comes to.
  totals: [2, 4],
  // How much room to make.
  'open order count': [0],
  // The request id and the quote budget, which a stop order does not have.
  'pending stop orders': [0, 11],
  // The request id.
  'cancel timers': [0],
  // The order ids: these flows name orders by client id.
  'deferred changes': [5, 12, 21],
};

test('a program that forgot any one column of a snapshot would be found out', (context) => {
  const widths = new Map<string, number>();
  for (const { tables } of places) {
    for (const [table, [row]] of tables) if (row !== undefined) widths.set(table, row.length);
  }
  const some = places.filter((_, index) => index % 8 === 0);
  let columns = 0;
  for (const [table, width] of widths) {
    for (let column = 0; column < width; column++) {
      const isSpoken = !UNSPOKEN[table]?.includes(column);
      const tried = isSpoken ? places : some;
      assert.equal(isFoundOut({ table, column }, tried), isSpoken, `column ${column} of ${table}`);
      columns++;
    }
  }
  context.diagnostic(`${columns} columns of ${widths.size} tables, each forgotten by itself`);
  assert.ok(widths.size === 21 && columns > 100);
});

/** Whether loading fails without the column, or the shard says something else some time later. */
function isFoundOut(forgotten: ColumnName, tried: readonly Place[]): boolean {
  return tried.some(({ tape, cut, tables }) => {
    if (tables.get(forgotten.table)!.every((row) => row[forgotten.column] === 0)) return false;
    const found = playFrom(tape, cut, new ForgetfulReader(sourceOf(cut.saved), forgotten));
    return found !== null && !/another end|another hash|other bytes/.test(found);
  });
}
