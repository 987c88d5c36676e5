import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TestServer } from '../../persistence/testing/test-server.ts';
import { until } from '../../persistence/testing/until.ts';
import { type Json, VenueClient } from '../venue-client.fixture.ts';
import { VenueUnderTest } from '../venue-process.fixture.ts';

const SHARDS = [0, 1];

const postgres = new TestServer();

const SETTINGS = {
  RINGSIDE_SHARDS: String(SHARDS.length),
  RINGSIDE_SNAPSHOT_INPUTS: '40',
  RINGSIDE_SEGMENT_BYTES: '4096',
};

/** A venue's journals and the processes that it had. */
class VenueLives {
  /** Its data dir is everybody's. */
  readonly first: VenueUnderTest;
  readonly #later: VenueUnderTest[] = [];

  constructor() {
    this.first = this.#start({ RINGSIDE_DEMO: '1' });
  }

  get last(): VenueUnderTest {
    return this.#later.at(-1) ?? this.first;
  }

  again(): VenueUnderTest {
    const next = this.#start({ RINGSIDE_DATA_DIR: this.first.dataDir });
    this.#later.push(next);
    return next;
  }

  /** Of a shard: the first inputs of its segments, or the last ones of its snapshots, ascending. */
  sequences(shard: number, kind: 'journal' | 'snapshot'): number[] {
    return readdirSync(this.directory(shard))
      .filter((name) => name.endsWith(`.${kind}`))
      .map((name) => Number.parseInt(name, 10))
      .sort((one, other) => one - other);
  }

  snapshot(shard: number, at: number): string {
    const sequence = this.sequences(shard, 'snapshot').at(at)!;
    return join(this.directory(shard), `${String(sequence).padStart(16, '0')}.snapshot`);
  }

  directory(shard: number): string {
    return join(this.first.dataDir, 'journal', `shard-${shard}`);
  }

  async kill(): Promise<void> {
    this.last.child.kill('SIGKILL');
    await this.last.ended;
  }

  async cleanUp(): Promise<void> {
    for (const venue of [...this.#later, this.first]) await venue.cleanUp();
  }

  #start(settings: Record<string, string>): VenueUnderTest {
    return new VenueUnderTest({ ...SETTINGS, DATABASE_URL: postgres.url, ...settings });
  }
}

/** What the shards say of themselves, and the audit of it. */
async function stateOf(ready: Json): Promise<Json> {
  const client = new VenueClient(lives.first, ready);
  const { balanced } = await client.admin('GET', '/admin/audit');
  assert.equal(balanced, true);
  const { shards, markets } = await client.admin('GET', '/admin/state');
  // Not how far they are: a quiet market's sequence moves on by itself.
  return {
    shards: (shards as Json[]).map(({ stateHash, openOrders }) => ({ stateHash, openOrders })),
    markets: (markets as Json[]).map(({ symbol, bookHash, triggerHash, lastPrice }) => {
      return { symbol, bookHash, triggerHash, lastPrice };
    }),
  };
}

let lives: VenueLives;
let state: Json;

before(async () => {
  await postgres.start();
  lives = new VenueLives();
  const ready = await lives.last.ready();
  await until('the first segments are gone, and snapshots beside them', () =>
    SHARDS.every((shard) => {
      const [first] = lives.sequences(shard, 'journal');
      return first! > 1 && lives.sequences(shard, 'snapshot').length >= 2;
    }),
  );
  const headers = { Authorization: `Bearer ${lives.first.read('admin-token')}` };
  const metrics = await (await fetch(`${ready.adminUrl}/metrics`, { headers })).text();
  assert.match(metrics, /^ringside_snapshot_position\{shard="1"\} [1-9]\d+$/m);
  assert.match(metrics, /^ringside_snapshot_failures_total 0$/m);
  await lives.kill();
  assert.doesNotMatch(lives.last.stderr, /snapshot/);
  const venue = lives.again();
  state = await stateOf(await venue.ready());
  await lives.kill();
});

after(async () => {
  await lives?.cleanUp();
  await postgres.remove();
});

/** Starts the venue again, to the same state, and kills it; answers what it said. */
async function restart(): Promise<string> {
  const venue = lives.again();
  assert.deepEqual(await stateOf(await venue.ready()), state);
  await lives.kill();
  return venue.stdout + venue.stderr;
}

async function refusedStart(message: RegExp): Promise<void> {
  const { exitCode, stderr } = await lives.again().ended;
  assert.equal(exitCode, 1);
  assert.match(stderr, message);
}

test('a venue whose first segments are gone begins with its snapshots', async () => {
  const said = await restart();
  for (const shard of SHARDS) {
    const line = `a snapshot of \\d+ inputs and \\d+ inputs recovered from its journal in \\d+ ms`;
    assert.match(said, new RegExp(`^Shard ${shard}: ${line}`, 'm'));
  }
  assert.doesNotMatch(said, /of no use/);
});

test('a snapshot that has rotted gives way to the one before it', async () => {
  const path = lives.snapshot(0, -1);
  const bytes = readFileSync(path);
  const rotten = Buffer.from(bytes);
  rotten[rotten.length >> 1]! ^= 4;
  writeFileSync(path, rotten);
  const said = await restart();
  const line = `Shard 0: ${path} is of no use (SNAPSHOT_DAMAGED); it began with an older one.`;
  assert.ok(said.split('\n').includes(line), said);
  const older = lives.sequences(0, 'snapshot').at(-2);
  assert.match(said, new RegExp(`^Shard 0: a snapshot of ${older} inputs`, 'm'));
  assert.deepEqual(readFileSync(path), rotten, 'it stays for somebody to look at');
  writeFileSync(path, bytes);
});

test('a rotten snapshot behind the one that a start begins with is named', async () => {
  const path = lives.snapshot(0, 0);
  const bytes = readFileSync(path);
  const rotten = Buffer.from(bytes);
  rotten[rotten.length >> 1]! ^= 4;
  writeFileSync(path, rotten);
  const said = await restart();
  const line = `Shard 0: ${path} is of no use (SNAPSHOT_DAMAGED); it began with a newer one.`;
  assert.ok(said.split('\n').includes(line), said);
  writeFileSync(path, bytes);
});

test('without a snapshot to begin with there is no start, and none is empty', async () => {
  const paths = lives.sequences(0, 'snapshot').map((_sequence, at) => lives.snapshot(0, at));
  for (const path of paths) renameSync(path, `${path}.hidden`);
  await refusedStart(
    /^ringside: shard 0 died: the first inputs in .*shard-0 were deleted and no snapshot can be/m,
  );
  for (const path of paths) renameSync(`${path}.hidden`, path);
  await restart();
});

test('rows that no snapshot can make again are asked for, not passed over', async () => {
  await postgres.query('create table kept as select * from projection_positions');
  await postgres.query('update projection_positions set sequence = 0');
  await refusedStart(
    /^ringside: shard \d died: what is left of .* shard \d begins .*the database holds 0/m,
  );
  await postgres.query(
    'update projection_positions set sequence = kept.sequence from kept where kept.shard = projection_positions.shard',
  );
  await restart();
});
