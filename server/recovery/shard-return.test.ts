import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Random } from '../../engine/collections/random.ts';
import { nodeDisk } from '../../engine/journal/disk.ts';
import { JournalReader } from '../../engine/journal/journal-reader.ts';
import { DepthHeartbeat } from '../../engine/protocol/commands.ts';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { CancelResting } from '../../engine/protocol/shard-messages.ts';
import { endNewThreads } from '../../engine/ring/end-new-threads.fixture.ts';
import { LinkWriter } from '../../engine/ring/link.ts';
import { useTestServer } from '../../persistence/testing/test-server.ts';
import { until } from '../../persistence/testing/until.ts';
import { reportState } from '../admin/shard-reports.ts';
import type { HaltedShard } from '../admin/venue-status.ts';
import { done, type Json, type RestartingVenue } from './restarting-venue.fixture.ts';
import {
  addTrader,
  openTrading,
  publicAnswers,
  SYMBOLS,
  type Trader,
} from './trading-venue.fixture.ts';

const server = useTestServer();

/** The shard that fails: it owns the first market, and the accounts with odd ids. */
const VICTIM = 1;
/** Rounds in which everything that may happen has happened. */
const ROUNDS_MAX = 30;
/** Of no shard: whoever is sent a heartbeat for it asserts. */
const NO_MARKET = 99;

/** A venue with journals, and two traders at home on either shard. */
async function open(context: TestContext) {
  const journalFolder = mkdtempSync(join(tmpdir(), 'ringside-return-'));
  context.after(() => rmSync(journalFolder, { recursive: true }));
  const { venue, traders } = await openTrading(context, server, { journalFolder });
  traders.push(await addTrader(venue, 'three'), await addTrader(venue, 'four'));
  return { venue, traders, journalFolder };
}

/** What became of the requests of a test. */
class Outcomes {
  placed = 0;
  answered = 0;
  /** Sent, and ended by the gateway. */
  unknown = 0;
  /** Not sent. */
  halted = 0;

  get settled(): number {
    return this.answered + this.unknown + this.halted;
  }

  place(venue: RestartingVenue, { accountId }: Trader, symbol: string, random: Random): void {
    this.placed++;
    const params = {
      symbol,
      side: random.below(2) === 0 ? 'Bid' : 'Ask',
      orderType: 'Limit',
      price: ((2_000 + random.below(30)) * 0.05).toFixed(2),
      quantity: ((1 + random.below(500)) * 0.01).toFixed(2),
    };
    const refusal = venue.gateway.orders.place(accountId, params, {
      answered: () => void this.answered++,
      refused: (code) => {
        assert.equal(code, RejectCode.OutcomeUnknown);
        this.unknown++;
      },
    });
    if (refusal === undefined) return;
    assert.deepEqual([refusal.status, refusal.code], [503, 'TRADING_PAUSED']);
    this.halted++;
  }

  /** Of any trader, on any market. */
  placeMany(
    venue: RestartingVenue,
    traders: readonly Trader[],
    random: Random,
    count: number,
  ): void {
    for (let order = 0; order < count; order++) {
      this.place(venue, traders[random.below(4)]!, SYMBOLS[random.below(2)]!, random);
    }
  }
}

/** Of the market that the other shard owns. */
function lastTradeId(venue: RestartingVenue): number {
  return venue.gateway.marketData.trades(2, 1)[0]?.tradeId ?? 0;
}

async function healthOf(
  venue: RestartingVenue,
): Promise<{ status: number; halted: HaltedShard[] }> {
  const { status, body } = await venue.admin('GET', '/health/ready');
  const { shards } = body.components as { shards: { halted: HaltedShard[] } };
  return { status, halted: shards.halted };
}

/** Balances of the accounts as the database has them, and as the shards do, in units. */
async function balancesOf(venue: RestartingVenue, traders: readonly Trader[]) {
  const rows = await server.query(
    'select account_id, asset_id, available * 1e8 as available, locked * 1e8 as locked from balances',
  );
  const ofDatabase = rows.map((row) => Object.values(row).map(Number).join(' '));
  const ofShards: string[] = [];
  for (const { accountId } of traders) {
    for (const balance of await venue.gateway.orders.balances(accountId)) {
      const { assetId, availableUnits, lockedUnits } = balance;
      ofShards.push([accountId, assetId, availableUnits, lockedUnits].join(' '));
    }
  }
  return { ofDatabase: ofDatabase.sort(), ofShards: ofShards.sort() };
}

/** Everybody knows the same, and a gateway that has heard nothing learns what the one that stayed has heard. */
async function assertWhole(venue: RestartingVenue, traders: readonly Trader[]): Promise<void> {
  await venue.settle();
  const audit = await done(venue.admin('GET', '/admin/audit'));
  assert.deepEqual([audit.balanced, audit.quiescent], [true, true]);
  const { ofDatabase, ofShards } = await balancesOf(venue, traders);
  assert.deepEqual(ofDatabase, ofShards);
  const before = await publicAnswers(venue);
  await venue.restartGateway();
  assert.deepEqual(await publicAnswers(venue), before);
}

test('a thread that is terminated under load halts its markets only, and comes back', async (context) => {
  const { venue, traders } = await open(context);
  const random = new Random(1);
  const outcomes = new Outcomes();
  const { supervisor, gateway } = venue;
  const [, two, , four] = traders as [Trader, Trader, Trader, Trader];
  const [ownMarket, otherMarket] = SYMBOLS as [string, string];
  let tradesWhileDown = 0;
  for (let round = 1; tradesWhileDown === 0 || outcomes.unknown === 0 || round <= 3; round++) {
    assert.ok(round <= ROUNDS_MAX, `${tradesWhileDown} trades, ${outcomes.unknown} unknown`);
    outcomes.placeMany(venue, traders, random, 300);
    const ended = venue.pool.end(VICTIM);
    outcomes.placeMany(venue, traders, random, 300);
    await ended;
    await until('the shard is missed', () => supervisor.halted.length > 0);
    while (supervisor.halted.length > 0) {
      const { halted } = outcomes;
      outcomes.place(venue, two, ownMarket, random);
      outcomes.place(venue, traders[0]!, otherMarket, random);
      assert.equal(outcomes.halted, halted + 2);
      await assert.rejects(gateway.orders.cancelAll(two.accountId, {}), { code: 'TRADING_PAUSED' });
      await gateway.orders.cancelAll(four.accountId, { symbol: otherMarket });
      await gateway.orders.queryAll(four.accountId, {});
      const before = lastTradeId(venue);
      for (const trader of [two, four, two, four])
        outcomes.place(venue, trader, otherMarket, random);
      if (supervisor.halted.length === 0) break;
      const { halted: told } = await healthOf(venue);
      const { body } = await venue.get('/api/v1/markets');
      if (supervisor.halted.length === 0) break;
      assert.deepEqual(
        told.map(({ shard, code }) => [shard, code]),
        [[VICTIM, 'TERMINATED']],
      );
      const markets = body as unknown as { symbol: string; haltReason: string | null }[];
      assert.deepEqual(
        markets.map(({ haltReason }) => haltReason),
        ['TERMINATED', null],
      );
      await done(venue.get(`/api/v1/depth?symbol=${ownMarket}`));
      if (supervisor.halted.length > 0 && lastTradeId(venue) > before) tradesWhileDown++;
    }
    outcomes.placeMany(venue, traders, random, 200);
    await until('everything is answered', () => outcomes.settled === outcomes.placed);
    assert.equal(supervisor.restarts[VICTIM], round);
  }
  assert.deepEqual((await healthOf(venue)).halted, []);
  assert.ok(outcomes.answered > 1_000, `${outcomes.answered} answered`);
  await assertWhole(venue, traders);
});

test('an input of the gateway that fails a shard is kept aside, and the shard goes on without it', async (context) => {
  const { venue, traders } = await open(context);
  const random = new Random(2);
  const outcomes = new Outcomes();
  const { supervisor, gateway } = venue;
  outcomes.placeMany(venue, traders, random, 200);
  await venue.settle();
  const { shards } = await reportState(gateway.engine);
  assert.ok(gateway.engine.tell(DepthHeartbeat, { marketId: NO_MARKET }, VICTIM));
  await until('the shard fails', () => supervisor.halted.length > 0);
  const [halted] = supervisor.halted;
  assert.deepEqual([halted!.shard, halted!.code], [VICTIM, 'POISONED_INPUT']);
  const kept = JSON.parse(readFileSync(halted!.quarantineFile!, 'utf8')) as Json;
  assert.equal(kept.source, 'gateway');
  await until('the shard is back', () => supervisor.halted.length === 0);
  const { shards: after } = await reportState(gateway.engine);
  assert.deepEqual(
    after.map(({ stateHash }) => stateHash),
    shards.map(({ stateHash }) => stateHash),
  );
  outcomes.placeMany(venue, traders, random, 200);
  await until('everything is answered', () => outcomes.settled === outcomes.placed);
  assert.equal(outcomes.answered, 400);
  assert.equal(supervisor.restarts[VICTIM], 1);
  assert.match(
    venue.lines.join('\n'),
    /Shard 1 has failed \(POISONED_INPUT\).*it is started again/,
  );
  await assertWhole(venue, traders);
});

test('a message that fails a shard again when it has come back leaves it halted, and the stop is orderly', async (context) => {
  const { venue, traders } = await open(context);
  const random = new Random(3);
  const outcomes = new Outcomes();
  const { supervisor, gateway } = venue;
  outcomes.placeMany(venue, traders, random, 200);
  await venue.settle();
  // In the name of the other shard, which is at rest.
  const { shards } = await reportState(gateway.engine);
  const message = { ...CancelResting.create(), marketId: NO_MARKET };
  const writer = new LinkWriter(venue.topology.shardToShard[0]![VICTIM]!);
  CancelResting.encode(writer.frames, shards[0]!.sentTo[VICTIM]! + 1, message);
  assert.ok(writer.flush());
  await until('the shard stays halted', () => supervisor.halted[0]?.isReturning === false);
  assert.equal(supervisor.restarts[VICTIM], 1);
  const { status, halted } = await healthOf(venue);
  assert.equal(status, 503);
  assert.equal(halted[0]!.code, 'POISONED_INPUT');
  const kept = JSON.parse(readFileSync(halted[0]!.quarantineFile!, 'utf8')) as Json;
  assert.equal(kept.source, 'shard 0');
  const { message: said } = await done(venue.get('/api/v1/status'));
  assert.equal(said, `Halted: ${SYMBOLS[0]}`);
  const { answered } = outcomes;
  outcomes.place(venue, traders[1]!, SYMBOLS[1]!, random);
  await until('the other shard trades', () => outcomes.answered > answered);
});

test('a thread that dies before it has begun is started again, until it comes back', async (context) => {
  const { venue, traders } = await open(context);
  const random = new Random(4);
  const outcomes = new Outcomes();
  const { supervisor } = venue;
  outcomes.placeMany(venue, traders, random, 200);
  const stopEnding = endNewThreads('created');
  await venue.pool.end(VICTIM);
  const failures = (): number =>
    venue.lines.filter((line) => line.startsWith('Shard 1 has failed (TERMINATED)')).length;
  await until('new threads have died, too', () => failures() > 2);
  assert.equal(supervisor.halted[0]!.isReturning, true);
  stopEnding();
  await until('the shard is back', () => supervisor.halted.length === 0);
  assert.equal(supervisor.restarts[VICTIM], 1);
  outcomes.placeMany(venue, traders, random, 200);
  await until('everything is answered', () => outcomes.settled === outcomes.placed);
  await assertWhole(venue, traders);
});

test('what a shard cuts off is told though it then fails again', async (context) => {
  const { venue, journalFolder } = await open(context);
  await venue.settle();
  await venue.pool.end(VICTIM);
  const directory = join(journalFolder, `shard-${VICTIM}`);
  const identity = { shard: VICTIM, shardCount: 2 };
  const end = new JournalReader(nodeDisk, directory, identity).read(1, () => {});
  const { path, endBytes } = end.newestSegment!;
  const torn = Buffer.alloc(30, 0xcd);
  writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, endBytes), torn]));
  // No file that could be removed, which is only tried when the torn end is cut off.
  const obstacle = join(directory, '0000000000000777.journal.new');
  mkdirSync(obstacle);
  await until('the shard has failed at it', () =>
    /\(JOURNAL_FAILED\)/.test(venue.lines.join('\n')),
  );
  rmdirSync(obstacle);
  await until('the shard is back', () => venue.supervisor.halted.length === 0);
  const told = venue.lines.filter((line) => line.includes('cut off'));
  assert.equal(told.length, 1, venue.lines.join('\n'));
  assert.match(told[0]!, /^Shard 1: .*, 30 bytes of an unfinished batch cut off and kept in /);
});
