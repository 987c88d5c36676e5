import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { CancelScope, OrderEventKind, Side } from '../protocol/enums.ts';
import type { OrderEvent } from '../protocol/events.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { checkAtRest, quiesce } from './cluster-checks.fixture.ts';
import { deposit, everyday, limit, openCluster, QUOTE } from './cluster-commands.fixture.ts';
import { DirectCluster } from './shard-cluster.fixture.ts';
import type { Command } from './shard-harness.fixture.ts';

const { Modified, Fill, Cancelled } = OrderEventKind;
const SEEDS = 60;
/** Of account 2, whose home is not the shard of market 1, so that changes are under way between the two. */
const ACCOUNT = 2;
const MARKET = 1;
const PLACED = 300;

const account = { accountId: ACCOUNT, marketId: MARKET };
const order = { ...account, orderId: 0, clientId: PLACED };

function replace(requestId: number, priceTicks: number): Command {
  const terms = { priceTicks, quantityLots: 0, expiresAtUs: 0 };
  return { kind: 'replace', body: { ...order, requestId, ...terms } };
}

function reduce(requestId: number, quantityLots: number): Command {
  return { kind: 'reduce', body: { ...order, requestId, quantityLots } };
}

function cancel(requestId: number): Command {
  return { kind: 'cancel', body: { ...order, requestId } };
}

function cancelAll(requestId: number): Command {
  return { kind: 'cancelAll', body: { ...account, requestId, scope: CancelScope.All } };
}

/** What account 2 hears of its order, in order, when it sends these without waiting for an answer. */
function answersTo(commands: readonly Command[], seed: number, asks: readonly Command[] = []) {
  const cluster = new DirectCluster(2, new Random(seed));
  openCluster(cluster, everyday.setup);
  cluster.inject(deposit(201, ACCOUNT, QUOTE, 1_000_000));
  quiesce(cluster);
  for (const ask of [...asks, limit(PLACED, ACCOUNT, MARKET, Side.Bid, 90, 10)])
    cluster.inject(ask);
  quiesce(cluster);
  for (const said of cluster.heard) said.clear();
  for (const command of commands) cluster.inject(command);
  quiesce(cluster);
  checkAtRest(cluster);
  cluster.answers.assertAllGiven();
  const home = cluster.heard[ACCOUNT % 2]!;
  const answers = home.replies.map((reply) =>
    'code' in reply
      ? [reply.requestId, 'refused', reply.code]
      : [reply.requestId, reply.kind, (reply as OrderEvent).priceTicks],
  );
  return { answers, done: home.done };
}

for (const [what, ending] of [
  ['a cancel', cancel(13)],
  ['a cancel-all', cancelAll(13)],
] as const) {
  test(`${what} waits for the changes of its order that were sent before it`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { answers, done } = answersTo([replace(11, 91), replace(12, 92), ending], seed);
      const should = [
        [11, Modified, 91],
        [12, Modified, 92],
        [13, Cancelled, 92],
      ];
      assert.deepEqual(answers, should, `seed ${seed}`);
      assert.deepEqual(done, what === 'a cancel' ? [] : [13]);
    }
  });

  test(`${what} goes before the changes sent after it`, () => {
    const commands = [replace(11, 91), reduce(12, 1), ending, replace(14, 93)];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { answers } = answersTo(commands, seed);
      const should = [
        [11, Modified, 91],
        [12, Modified, 91],
        [13, Cancelled, 91],
        [14, 'refused', RejectCode.UnknownOrder],
      ];
      assert.deepEqual(answers, should, `seed ${seed}`);
    }
  });
}

test('a cancel and a cancel-all that waited for an order which is gone by then are answered', () => {
  const seller = { ...deposit(202, 1, 1, 1_000) };
  const ask = limit(203, 1, MARKET, Side.Ask, 95, 10);
  const commands = [replace(11, 91), replace(12, 95), cancelAll(13), cancel(14)];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { answers, done } = answersTo(commands, seed, [seller, ask]);
    const should = [
      [11, Modified, 91],
      [0, Modified, 95],
      [12, Fill, 95],
      [14, 'refused', RejectCode.UnknownOrder],
    ];
    assert.deepEqual(answers, should, `seed ${seed}`);
    assert.deepEqual(done, [13]);
  }
});
