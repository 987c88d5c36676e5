import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { bidLockUnits } from '../ledger/fees.ts';
import { OrderEventKind, Side } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { checkAtRest, quiesce } from './cluster-checks.fixture.ts';
import { deposit, everyday, limit, openCluster, QUOTE } from './cluster-commands.fixture.ts';
import { DirectCluster } from './shard-cluster.fixture.ts';

/** Their homes are different shards, so fills at the old price may be under way during a change. */
const ACCOUNT = 2;
const MARKET = 1;
const PLACED = 300;
const REPLACED = 301;
const TIME_US = 5_000;

/** What a bid of 10 lots at 90 hears when it becomes one of `lots` at 80 and the account had `funds`. */
function answerOf(funds: number, lots: number): unknown {
  const cluster = new DirectCluster(2, new Random(1));
  openCluster(cluster, everyday.setup);
  cluster.inject(deposit(201, ACCOUNT, QUOTE, funds));
  cluster.inject(limit(PLACED, ACCOUNT, MARKET, Side.Bid, 90, 10));
  quiesce(cluster);
  const named = { accountId: ACCOUNT, marketId: MARKET, orderId: 0, clientId: PLACED };
  const terms = { priceTicks: 80, quantityLots: lots, expiresAtUs: 0 };
  const body = { ...named, requestId: REPLACED, ...terms };
  cluster.inject({ kind: 'replace', body });
  quiesce(cluster);
  checkAtRest(cluster);
  const reply = cluster.heard[ACCOUNT % 2]!.replies.find((one) => one.requestId === REPLACED)!;
  return 'code' in reply ? { refused: reply.code } : { told: reply.kind };
}

/** What two replaces hear that expire at `TIME_US`, when all behind the first step happens at `laterUs`. */
function answersInTime(laterUs: number, seed: number): unknown[] {
  const cluster = new DirectCluster(2, new Random(seed));
  openCluster(cluster, everyday.setup);
  cluster.inject(deposit(201, ACCOUNT, QUOTE, 1_000_000));
  cluster.inject(limit(PLACED, ACCOUNT, MARKET, Side.Bid, 90, 10));
  quiesce(cluster);
  const named = { accountId: ACCOUNT, marketId: MARKET, orderId: 0, clientId: PLACED };
  cluster.nowUs = TIME_US;
  for (const [requestId, priceTicks] of [
    [REPLACED, 91],
    [REPLACED + 1, 92],
  ] as const) {
    const terms = { priceTicks, quantityLots: 0, expiresAtUs: TIME_US };
    cluster.inject({ kind: 'replace', body: { ...named, requestId, ...terms } });
  }
  cluster.step();
  cluster.nowUs = laterUs;
  quiesce(cluster);
  checkAtRest(cluster);
  cluster.answers.assertAllGiven();
  const { replies } = cluster.heard[ACCOUNT % 2]!;
  return replies
    .filter(({ requestId }) => requestId >= REPLACED)
    .map((reply) => ('code' in reply ? { refused: reply.code } : { told: reply.priceTicks }));
}

test('a replace that waits for another one expires meanwhile; one on its way to its market does not', () => {
  for (let seed = 1; seed <= 20; seed++) {
    assert.deepEqual(answersInTime(TIME_US, seed), [{ told: 91 }, { told: 92 }]);
    const expired = { refused: RejectCode.RequestExpired };
    assert.deepEqual(answersInTime(TIME_US + 1, seed), [{ told: 91 }, expired]);
  }
});

test('a bid that moves down and grows far from home locks its old lots at the old price, no more', () => {
  const spec = everyday.setup.markets.find(({ marketId }) => marketId === MARKET)!;
  const { quoteUnitsPerTickLot, makerFeeBps, takerFeeBps } = spec;
  for (const lots of [20, 12, 11]) {
    const notional = (lots * 80 + 10 * (90 - 80)) * quoteUnitsPerTickLot;
    const needed = bidLockUnits(notional, Math.max(makerFeeBps, takerFeeBps), 0);
    assert.deepEqual(answerOf(needed, lots), { told: OrderEventKind.Modified });
    assert.deepEqual(answerOf(needed - 1, lots), { refused: RejectCode.InsufficientFunds });
  }
});
