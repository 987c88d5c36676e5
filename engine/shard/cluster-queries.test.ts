import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import type { PlaceOrder } from '../protocol/commands.ts';
import { CancelScope, OrderEventKind, OrderStatus, Side } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { quiesce } from './cluster-checks.fixture.ts';
import { deposit, everyday, limit, openCluster, QUOTE } from './cluster-commands.fixture.ts';
import { DirectCluster } from './shard-cluster.fixture.ts';
import type { Command } from './shard-harness.fixture.ts';

/** Account 1 lives on shard 1 of two, market 2 on shard 0. */
const FAR_MARKET = 2;
const ORDER = 10;
const QUERY = 11;

/**
 * What two queries hear that their home takes right after the order, and one at rest: a status, or why there is
 * none.
 */
function askOf(
  cluster: DirectCluster,
  terms: Partial<PlaceOrder>,
  mayWait = true,
): (string | undefined)[] {
  const { body } = limit(ORDER, 1, FAR_MARKET, Side.Bid, 1_000, 2);
  cluster.inject({ kind: 'place', body: { ...(body as PlaceOrder), ...terms } });
  const named = { accountId: 1, marketId: FAR_MARKET, orderId: 0, clientId: ORDER };
  const ask = (requestId: number) =>
    cluster.inject({ kind: 'query', body: { requestId, ...named, mayWait } });
  ask(QUERY);
  ask(QUERY + 1);
  quiesce(cluster);
  ask(QUERY + 2);
  quiesce(cluster);
  cluster.answers.assertAllGiven();
  const heard = new Map<number, string>();
  for (const { orders, refusals } of cluster.heard) {
    for (const { kind, requestId, status } of orders) {
      if (kind === OrderEventKind.Snapshot) heard.set(requestId, nameOf(OrderStatus, status));
    }
    for (const { requestId, code } of refusals) heard.set(requestId, nameOf(RejectCode, code));
  }
  return [QUERY, QUERY + 1, QUERY + 2].map((requestId) => heard.get(requestId));
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(names).find((name) => names[name] === value)!;
}

function openVenue(seed: number): DirectCluster {
  const cluster = new DirectCluster(2, new Random(seed));
  openCluster(cluster, everyday.setup);
  cluster.inject(deposit(1, 1, QUOTE, 1e9));
  cluster.inject(deposit(2, 2, QUOTE, 1e9));
  cluster.inject(deposit(3, 2, 2, 1e9));
  quiesce(cluster);
  return cluster;
}

/** Likewise, of a venue with an ask at the order's price. */
function askWhereItCrosses(seed: number, terms: Partial<PlaceOrder>): (string | undefined)[] {
  const cluster = openVenue(seed);
  cluster.inject(limit(4, 2, FAR_MARKET, Side.Ask, 1_000, 2));
  quiesce(cluster);
  return askOf(cluster, terms);
}

test('who asks for an order that its market has not answered is answered once it has', () => {
  for (let seed = 1; seed <= 40; seed++) {
    assert.deepEqual(askOf(openVenue(seed), {}), ['New', 'New', 'New']);
  }
});

test('who may not wait for the market hears that the outcome is unknown', () => {
  const heard = new Set<string>();
  for (let seed = 1; seed <= 40; seed++) {
    const [first, , late] = askOf(openVenue(seed), {}, false);
    heard.add(first!);
    assert.equal(late, 'New');
  }
  assert.deepEqual([...heard].sort(), ['New', 'OutcomeUnknown']);
});

test('an order that fills at once is found by who asked before it did', () => {
  for (let seed = 1; seed <= 40; seed++) {
    // The second query may come when the order has gone already.
    const [first, second, late] = askWhereItCrosses(seed, {});
    assert.ok([first, second].every((told) => told === 'New' || told === 'UnknownOrder'));
    assert.equal(late, 'UnknownOrder');
  }
});

test('an order is never answered as open that its market then refuses', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const told = askWhereItCrosses(seed, { postOnly: true });
    assert.deepEqual(told, new Array(3).fill('UnknownOrder'));
  }
});

test('a stop order under way is never answered as one that rests', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const cluster = openVenue(seed);
    cluster.inject(limit(4, 2, FAR_MARKET, Side.Ask, 1_000, 2));
    quiesce(cluster);
    cluster.inject(limit(6, 1, FAR_MARKET, Side.Bid, 1_000, 2));
    quiesce(cluster);
    const told = askOf(cluster, { triggerPriceTicks: 1_001 });
    assert.deepEqual(told, new Array(3).fill('TriggerPending'));
  }
});

const NAMED = { accountId: 1, marketId: FAR_MARKET, orderId: 0, clientId: ORDER };

function query(requestId: number, mayWait = true): Command {
  return { kind: 'query', body: { requestId, ...NAMED, mayWait } };
}

function cancel(requestId: number): Command {
  return { kind: 'cancel', body: { requestId, ...NAMED } };
}

function cancelAll(requestId: number, scope: CancelScope): Command {
  return { kind: 'cancelAll', body: { requestId, accountId: 1, marketId: 0, scope } };
}

function reduce(requestId: number, quantityLots: number): Command {
  return { kind: 'reduce', body: { requestId, ...NAMED, quantityLots } };
}

function replace(requestId: number, priceTicks: number): Command {
  const terms = { priceTicks, quantityLots: 0, expiresAtUs: 0 };
  return { kind: 'replace', body: { requestId, ...NAMED, ...terms } };
}

/**
 * What a bid of 20 lots at 1000 tells its account, in order, when these follow it without waiting for an answer.
 *
 * @param stepsBeforeLast how much happens before the last of them is sent
 */
function answersTo(
  commands: readonly Command[],
  seed: number,
  doesRest = true,
  stepsBeforeLast = 0,
): string[] {
  const cluster = openVenue(seed);
  cluster.inject(limit(4, 2, FAR_MARKET, Side.Ask, 1_005, 5));
  quiesce(cluster);
  cluster.inject(limit(ORDER, 1, FAR_MARKET, Side.Bid, 1_000, 20));
  if (doesRest) quiesce(cluster);
  for (const said of cluster.heard) said.clear();
  for (const [at, command] of commands.entries()) {
    const isLast = at === commands.length - 1;
    for (let left = isLast ? stepsBeforeLast : 0; left > 0; left--) cluster.step();
    cluster.inject(command);
  }
  quiesce(cluster);
  cluster.answers.assertAllGiven();
  return cluster.heard[1]!.replies.map((reply) => {
    const { requestId } = reply;
    if ('code' in reply) return `${requestId} ${nameOf(RejectCode, reply.code)}`;
    const open = reply.quantityLots - reply.executedLots;
    return `${requestId} ${nameOf(OrderEventKind, reply.kind)} ${open} at ${reply.priceTicks}`;
  });
}

const BURSTS: readonly (readonly [commands: readonly Command[], heard: readonly string[]])[] = [
  [
    [cancel(21), query(22)],
    ['21 Cancelled 20 at 1000', '22 UnknownOrder'],
  ],
  [
    [cancelAll(21, CancelScope.All), query(22)],
    ['21 Cancelled 20 at 1000', '22 UnknownOrder'],
  ],
  [
    [cancelAll(21, CancelScope.Resting), query(22)],
    ['21 Cancelled 20 at 1000', '22 UnknownOrder'],
  ],
  [
    [reduce(21, 4), query(22), reduce(23, 1)],
    ['21 Modified 16 at 1000', '22 Snapshot 16 at 1000', '23 Modified 15 at 1000'],
  ],
  // The second change waits for the first one, and the third for that.
  [
    [replace(21, 998), query(22), reduce(23, 4), query(24), cancel(25), query(26)],
    [
      ...['21 Modified 20 at 998', '22 Snapshot 20 at 998'],
      ...['23 Modified 16 at 998', '24 Snapshot 16 at 998'],
      ...['25 Cancelled 16 at 998', '26 UnknownOrder'],
    ],
  ],
  // Refused by the home once its turn comes, since nothing would be left.
  [
    [reduce(21, 15), reduce(22, 15), query(23), query(24)],
    [
      ...['21 Modified 5 at 1000', '22 ReduceTooLarge'],
      ...['23 Snapshot 5 at 1000', '24 Snapshot 5 at 1000'],
    ],
  ],
  // The replace trades five lots, and ends with that.
  [
    [replace(21, 1_005), query(22)],
    ['0 Modified 20 at 1005', '21 Fill 15 at 1005', '22 Snapshot 15 at 1005'],
  ],
];

test('who asks for an order behind changes of it hears of it as they have left it', () => {
  for (const [commands, heard] of BURSTS) {
    for (let seed = 1; seed <= 20; seed++) assert.deepEqual(answersTo(commands, seed), heard);
  }
});

test('who asks behind two changes waits for both, whichever is answered first', () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 40; seed++) {
    // The home may refuse the reduce when it has heard that the replace was made, and not yet of its trade.
    const heard = answersTo([replace(21, 1_005), reduce(22, 30), query(23)], seed);
    assert.equal(heard.pop(), '23 Snapshot 15 at 1005');
    seen.add(heard.join());
  }
  assert.deepEqual([...seen].sort(), [
    '0 Modified 20 at 1005,21 Fill 15 at 1005,22 ReduceTooLarge',
    '0 Modified 20 at 1005,22 ReduceTooLarge,21 Fill 15 at 1005',
  ]);
});

test('who asks while one change after the other is made is answered behind the last', () => {
  const changes = [replace(21, 998), reduce(22, 4), cancel(23)];
  for (let seed = 1; seed <= 80; seed++) {
    const heard = answersTo([...changes, query(24)], seed, true, seed % 8);
    assert.deepEqual(heard.slice(-2), ['23 Cancelled 16 at 998', '24 UnknownOrder']);
  }
});

test('who asks behind an order and its cancel does not hear of it in between', () => {
  for (let seed = 1; seed <= 20; seed++) {
    assert.deepEqual(answersTo([cancel(21), query(22)], seed, false).slice(-2), [
      '21 Cancelled 20 at 1000',
      '22 UnknownOrder',
    ]);
  }
});

test('who may not wait for the market hears of an order as it was before a change under way', () => {
  const heard = new Set<string>();
  for (let seed = 1; seed <= 40; seed++) {
    const answers = answersTo([reduce(21, 4), query(22, false)], seed);
    heard.add(answers.find((answer) => answer.startsWith('22'))!);
  }
  assert.deepEqual([...heard].sort(), ['22 Snapshot 16 at 1000', '22 Snapshot 20 at 1000']);
});

test('a stop order that a cancel-all of what rests passes by is answered behind it', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const cluster = openVenue(seed);
    cluster.inject(limit(4, 2, FAR_MARKET, Side.Ask, 1_000, 2));
    cluster.inject(limit(6, 1, FAR_MARKET, Side.Bid, 1_000, 2));
    quiesce(cluster);
    const { body } = limit(ORDER, 1, FAR_MARKET, Side.Bid, 1_000, 2);
    const stop = { ...(body as PlaceOrder), triggerPriceTicks: 1_001 };
    cluster.inject({ kind: 'place', body: stop });
    quiesce(cluster);
    cluster.inject(cancelAll(21, CancelScope.Resting));
    cluster.inject(query(22));
    quiesce(cluster);
    cluster.answers.assertAllGiven();
    const { status } = cluster.heard[1]!.orders.find(({ requestId }) => requestId === 22)!;
    assert.equal(status, OrderStatus.TriggerPending);
  }
});
