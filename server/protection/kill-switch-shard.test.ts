import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeDisk } from '../../engine/journal/disk.ts';
import { JournalReader } from '../../engine/journal/journal-reader.ts';
import { DepthHeartbeat, SetKillSwitch } from '../../engine/protocol/commands.ts';
import { KillScope } from '../../engine/protocol/enums.ts';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { useTestServer } from '../../persistence/testing/test-server.ts';
import { until } from '../../persistence/testing/until.ts';
import { reportState } from '../admin/shard-reports.ts';
import { done, type Json, type RestartingVenue } from '../recovery/restarting-venue.fixture.ts';
import { addTrader, openTrading, SYMBOLS, type Trader } from '../recovery/trading-venue.fixture.ts';

const server = useTestServer();

/** The shard that fails: it owns the first market, and the accounts with odd ids. */
const VICTIM = 1;
/** Of no shard: whoever is sent a heartbeat for it asserts. */
const NO_MARKET = 99;

type Outcome = { readonly orderId: string } | { readonly code: number } | { readonly text: string };

function place(venue: RestartingVenue, { accountId }: Trader, symbol: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const params = { symbol, side: 'Bid', orderType: 'Limit', price: '1.00', quantity: '1' };
    const refusal = venue.gateway.orders.place(accountId, params, {
      answered: ({ orderId }) => resolve({ orderId: String(orderId) }),
      refused: (code) => resolve({ code }),
    });
    if (refusal !== undefined) resolve({ text: refusal.code });
  });
}

async function openOrderCount(venue: RestartingVenue): Promise<number> {
  const { shards } = await reportState(venue.gateway.engine);
  return shards.reduce((sum, { openOrders }) => sum + openOrders, 0);
}

/** Ends the shard, and keeps it from coming back until the answer is called. */
async function holdDown(venue: RestartingVenue, journalFolder: string): Promise<() => void> {
  const { gateway, supervisor } = venue;
  assert.ok(gateway.engine.tell(DepthHeartbeat, { marketId: NO_MARKET }, VICTIM));
  await until('the shard fails', () => supervisor.halted.length > 0);
  const directory = join(journalFolder, `shard-${VICTIM}`);
  const identity = { shard: VICTIM, shardCount: 2 };
  const end = new JournalReader(nodeDisk, directory, identity).read(1, () => {});
  const { path, endBytes } = end.newestSegment!;
  writeFileSync(
    path,
    Buffer.concat([readFileSync(path).subarray(0, endBytes), Buffer.alloc(30, 7)]),
  );
  // No file that could be removed, which is only tried when the torn end is cut off.
  const obstacle = join(directory, '0000000000000777.journal.new');
  mkdirSync(obstacle);
  return () => rmdirSync(obstacle);
}

test('a latch falls on what runs, on a shard that is down before it takes an order, and is lifted by all or none', async (context) => {
  const journalFolder = mkdtempSync(join(tmpdir(), 'ringside-kill-'));
  context.after(() => rmSync(journalFolder, { recursive: true }));
  const { venue, traders } = await openTrading(context, server, { journalFolder });
  traders.push(await addTrader(venue, 'three'), await addTrader(venue, 'four'));
  const everywhere = traders.flatMap((trader) =>
    SYMBOLS.map((symbol) => [trader, symbol] as const),
  );
  const placed: string[] = [];
  for (const [trader, symbol] of everywhere) {
    const outcome = await place(venue, trader, symbol);
    assert.ok('orderId' in outcome, JSON.stringify(outcome));
    placed.push(outcome.orderId);
  }
  const release = await holdDown(venue, journalFolder);

  const kill = (active: boolean) => venue.admin('POST', '/admin/kill', { scope: 'venue', active });
  const { status, body } = await kill(true);
  assert.deepEqual([status, body.complete, body.active], [202, false, true]);
  // The home that runs has orders in the market that does not, and waits for it too.
  assert.deepEqual(body.missingShards, [0, 1]);
  const early = (body.cancelled as Json[]).map(({ id }) => String(id));
  assert.equal(early.length, 2);
  const refused = await kill(false);
  assert.deepEqual([refused.status, refused.body.code], [503, 'TRADING_PAUSED']);

  release();
  const outcomes: Outcome[] = [];
  for (;;) {
    const outcome = await place(venue, traders[0]!, SYMBOLS[0]!);
    if ('code' in outcome) {
      // The first order that the shard takes comes behind the latch.
      assert.equal(outcome.code, RejectCode.KillSwitch);
      break;
    }
    outcomes.push(outcome);
    assert.deepEqual(outcome, { text: 'TRADING_PAUSED' });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const latches = async () => (await done(venue.admin('GET', '/admin/kill'))) as unknown as Json[];
  while (((await latches())[0]!.missingShards as number[]).length > 0);
  await venue.settle();
  assert.equal(await openOrderCount(venue), 0);
  const rows = await server.query(
    "select order_id::text as id, status from ringside.orders where status = 'Cancelled'",
  );
  assert.deepEqual(rows.map(({ id }) => id).sort(), [...placed].sort());
  for (const [trader, symbol] of everywhere) {
    assert.deepEqual(await place(venue, trader, symbol), { code: RejectCode.KillSwitch });
  }

  // A gateway that comes later learns of it, and lifts it.
  await venue.restartGateway();
  assert.deepEqual(await latches(), [{ scope: 'venue', target: null, missingShards: [] }]);
  assert.equal((await kill(false)).status, 200);
  for (const [trader, symbol] of everywhere) {
    assert.ok('orderId' in (await place(venue, trader, symbol)));
  }
});

test('a latch that a crash left on one shard alone is on all of them when the next gateway serves', async (context) => {
  const { venue, traders } = await openTrading(context, server);
  const { engine } = venue.gateway;
  const command = { requestId: 0, scope: KillScope.Market, targetId: 1, isActive: true };
  await engine.request(SetKillSwitch, command, 0, true);
  assert.deepEqual(await done(venue.admin('GET', '/admin/kill')), []);
  // Its home does not know of the latch, and is that of the market: the order rests.
  assert.ok('orderId' in (await place(venue, traders[0]!, SYMBOLS[0]!)));
  await venue.restartGateway();
  const latch = { scope: 'market', target: SYMBOLS[0], missingShards: [] };
  assert.deepEqual(await done(venue.admin('GET', '/admin/kill')), [latch]);
  assert.equal(await openOrderCount(venue), 0);
  const stopped = { code: RejectCode.KillSwitch };
  for (const trader of traders) {
    assert.deepEqual(await place(venue, trader, SYMBOLS[0]!), stopped);
    assert.ok('orderId' in (await place(venue, trader, SYMBOLS[1]!)));
  }
});
