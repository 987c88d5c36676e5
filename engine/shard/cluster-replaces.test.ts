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

/** What a bid of 10 lots at 90 hears when it becomes one of `lots` at 80 and the account had `funds`. */
function answerOf(funds: number, lots: number): unknown {
  const cluster = new DirectCluster(2, new Random(1));
  openCluster(cluster, everyday.setup);
  cluster.inject(deposit(201, ACCOUNT, QUOTE, funds));
  cluster.inject(limit(PLACED, ACCOUNT, MARKET, Side.Bid, 90, 10));
  quiesce(cluster);
  const named = { accountId: ACCOUNT, marketId: MARKET, orderId: 0, clientId: PLACED };
  const body = { ...named, requestId: REPLACED, priceTicks: 80, quantityLots: lots };
  cluster.inject({ kind: 'replace', body });
  quiesce(cluster);
  checkAtRest(cluster);
  const reply = cluster.heard[ACCOUNT % 2]!.replies.find((one) => one.requestId === REPLACED)!;
  return 'code' in reply ? { refused: reply.code } : { told: reply.kind };
}

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
