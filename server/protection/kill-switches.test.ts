import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Random } from '../../engine/collections/random.ts';
import { DepthHeartbeat, SetCancelTimer } from '../../engine/protocol/commands.ts';
import { CancelTrigger, KillScope } from '../../engine/protocol/enums.ts';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { DEFAULT_RING_SIZES } from '../../engine/ring/topology.ts';
import { TestVenue, type Trader } from '../orders/venue.fixture.ts';
import { KillSwitches } from './kill-switches.ts';

const SHARDS = 2;
const ORDER = { side: 'Bid', orderType: 'Limit', price: '5', quantity: '1' };
const SYMBOLS = ['SOL_USDC', 'ETH_USDC'];
/** Whose command ring is filled up. */
const FULL_SHARD = 1;

interface Opened {
  readonly venue: TestVenue;
  readonly kills: KillSwitches;
  readonly traders: readonly Trader[];
}

/** Two shards, and a trader at home on each. */
async function open(context: TestContext): Promise<Opened> {
  const ringSizes = { ...DEFAULT_RING_SIZES, commandBytes: 8192 };
  const venue = await TestVenue.open(SHARDS, ringSizes);
  context.after(() => venue.close());
  const traders = [await venue.addTrader(), await venue.addTrader()];
  return { venue, kills: new KillSwitches(venue.engine), traders };
}

/** What becomes of an order of each trader in each market: 0, or the refusal's code. */
function outcomes({ venue, traders }: Opened): Promise<number[]> {
  const orders = traders.flatMap(({ accountId }) =>
    SYMBOLS.map((symbol) => ({ accountId, params: { ...ORDER, symbol } })),
  );
  return Promise.all(
    orders.map(({ accountId, params }) => {
      return new Promise<number>((resolve, reject) => {
        const answer = { answered: () => resolve(0), refused: resolve };
        const refusal = venue.gateway.place(accountId, params, answer);
        if (refusal !== undefined) reject(refusal);
      });
    }),
  );
}

const STOPPED = new Array<number>(4).fill(RejectCode.KillSwitch);
const TRADING = new Array<number>(4).fill(0);

/** Leaves no room in the ring, not even for what must go through; nothing of it is sent before the turn ends. */
function fillRing({ engine }: TestVenue): Promise<unknown> {
  while (engine.tell(DepthHeartbeat, { marketId: 1 }, FULL_SHARD));
  const timer = { accountId: FULL_SHARD, marketId: 0, trigger: CancelTrigger.DeadMan };
  const off = { ...timer, requestId: 0, timeoutUs: 0, deadlineUs: 0 };
  const asked = Array.from({ length: 400 }, () =>
    engine.request(SetCancelTimer, { ...off }, FULL_SHARD),
  );
  return Promise.allSettled(asked);
}

test('a latch that is set while it is being lifted stays, at the shards and in what is told', async (context) => {
  const opened = await open(context);
  const { kills } = opened;
  await kills.activate(KillScope.Venue, 0);
  const lifting = kills.lift(KillScope.Venue, 0);
  const { missing } = await kills.activate(KillScope.Venue, 0);
  await lifting;
  assert.deepEqual(missing, []);
  assert.deepEqual(await outcomes(opened), STOPPED);
  const held = [{ scope: KillScope.Venue, targetId: 0 }];
  const told = kills.latches.map(({ scope, targetId }) => ({ scope, targetId }));
  assert.deepEqual(told, held);
  await kills.lift(KillScope.Venue, 0);
  assert.deepEqual(kills.latches, []);
  assert.deepEqual(await outcomes(opened), TRADING);
});

test('one that was never set stays, too, when it is set during a lift', async (context) => {
  const opened = await open(context);
  const { kills } = opened;
  const lifting = kills.lift(KillScope.Market, 1);
  await kills.activate(KillScope.Market, 1);
  await lifting;
  assert.equal(kills.stopsMarket(1), true);
  const { KillSwitch, None } = RejectCode;
  assert.deepEqual(await outcomes(opened), [KillSwitch, None, KillSwitch, None]);
});

test('however settings and lifts follow each other, the last one is what shards and gateway have', async (context) => {
  const opened = await open(context);
  const { kills } = opened;
  const random = new Random(1);
  for (let round = 0; round < 40; round++) {
    const asked: Promise<unknown>[] = [];
    let isSet = false;
    const count = 2 + random.below(6);
    for (let change = 0; change < count; change++) {
      isSet = random.below(2) === 0;
      asked.push(isSet ? kills.activate(KillScope.Venue, 0) : kills.lift(KillScope.Venue, 0));
      for (let turns = random.below(3); turns > 0; turns--) await setImmediate();
    }
    await Promise.all(asked);
    assert.equal(kills.latches.length, isSet ? 1 : 0, `round ${round}`);
    assert.ok(kills.latches.every(({ missing }) => missing.size === 0));
    assert.deepEqual(await outcomes(opened), isSet ? STOPPED : TRADING, `round ${round}`);
  }
});

test('a latch that waits for room in a ring is not overtaken by a lift, and is set', async (context) => {
  const opened = await open(context);
  const { kills, venue } = opened;
  const filled = fillRing(venue);
  const setting = kills.activate(KillScope.Venue, 0);
  await assert.rejects(kills.lift(KillScope.Venue, 0), { code: 'BUSY' });
  // Behind the flush of what was sent, and before any timer: the shard makes room meanwhile, and nobody has seen it.
  await setImmediate();
  while (venue.engine.commandRingShare > 0);
  const lifting = kills.lift(KillScope.Venue, 0);
  await assert.rejects(lifting, { status: 503, code: 'BUSY' });
  const { missing } = await setting;
  assert.deepEqual(missing, []);
  assert.equal(kills.latches.length, 1);
  assert.deepEqual(await outcomes(opened), STOPPED);
  await filled;
  await kills.lift(KillScope.Venue, 0);
  assert.deepEqual(await outcomes(opened), TRADING);
});
