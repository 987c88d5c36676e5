import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderResult } from '../client/reply-reader.ts';
import { ReplayChecker, type TradeEvent } from './checker.ts';
import { type CommandList, commandsOf } from './commands.ts';
import { compareTrades, type TradeRow } from './database-check.ts';
import { syntheticDay } from './synthetic-day.ts';

/** One command's consequences as a venue would tell them. Levels: isAsk, price, quantity. */
interface Step {
  reply: OrderResult;
  depth: [isAsk: boolean, price: number, quantity: number][];
  trades: TradeEvent[];
}

/** What a right venue says to the synthetic day, by hand: order ids are 64, 128, … in order of placing. */
function rightAnswers(): Step[] {
  let updateId = 7;
  let placed = 0;
  const step = (
    open: [quantity: number, executed: number],
    depth: Step['depth'],
    trades: TradeEvent[] = [],
  ): Step => ({
    reply: {
      id: String(64 * ++placed),
      quantity: String(open[0]),
      executedQuantity: String(open[1]),
      executedQuoteQuantity: '',
      fills: trades.map(({ t, p, q }) => ({ tradeId: t, price: p, quantity: q, fee: '0' })),
      depthUpdateId: ++updateId,
    },
    depth,
    trades,
  });
  const trade = (t: number, seller: number, buyer: number, m: boolean, p: string, q: string) => ({
    t,
    a: String(seller * 64),
    b: String(buyer * 64),
    m,
    p,
    q,
  });
  return [
    step([5, 0], [[false, 999900, 5]]),
    step([4, 0], [[true, 1000200, 4]]),
    step([2, 0], [[true, 1000200, 6]]),
    step([5, 0], [[true, 1000100, 5]]),
    step(
      [9, 9],
      [
        [true, 1000100, 0],
        [true, 1000200, 2],
      ],
      [trade(1, 4, 5, false, '100.01', '5'), trade(2, 2, 5, false, '100.02', '4')],
    ),
    step([9, 0], [[false, 999700, 9]]),
    step([3, 0], [[false, 999900, 3]]),
    step(
      [9, 3],
      [
        [false, 999900, 0],
        [true, 999900, 6],
      ],
      [trade(3, 8, 1, true, '99.99', '3')],
    ),
    step([2, 2], [[true, 999900, 4]], [trade(4, 8, 9, false, '99.99', '2')]),
    step([9, 5], [[true, 999900, 0]]),
    step([9, 0], [[false, 999700, 0]]),
    step([3, 0], [[false, 999700, 3]]),
    step([6, 0], [[false, 999700, 9]]),
    step([1, 0], [[false, 999800, 1]]),
  ];
}

type Part = 'depth' | 'trades' | 'reply';

function feed(checker: ReplayChecker, steps: Step[], order: Part[] = ['depth', 'trades', 'reply']) {
  checker.start(7);
  steps.forEach((step, index) => {
    for (const part of order) {
      if (part === 'reply') checker.onReply(index, step.reply);
      if (part === 'trades') for (const trade of step.trades) checker.onTrade(trade);
      if (part !== 'depth') continue;
      for (const [isAsk, price, size] of step.depth) checker.queue.addLevel(!isAsk, price, size);
      checker.queue.commit(step.reply.depthUpdateId, step.reply.depthUpdateId);
      checker.compareBooks();
    }
  });
  checker.finish();
}

function check(doctor: (steps: Step[]) => void, order?: Part[]): ReplayChecker {
  const day = syntheticDay();
  const checker = new ReplayChecker(commandsOf(day), day.books);
  const steps = rightAnswers();
  doctor(steps);
  feed(checker, steps, order);
  return checker;
}

test('a right venue has no mismatch, in whatever order its sockets deliver', () => {
  const orders: Part[][] = [
    ['depth', 'trades', 'reply'],
    ['reply', 'depth', 'trades'],
    ['trades', 'reply', 'depth'],
    ['reply', 'trades', 'depth'],
  ];
  for (const order of orders) {
    const checker = check(() => undefined, order);
    assert.deepEqual(checker.mismatches.details, [], order.join());
    assert.equal(checker.isComplete, true);
    assert.equal(checker.aggressorsExact, 3);
    assert.equal(checker.booksCompared, 7);
    assert.deepEqual(
      checker.trades.map((trade) => trade.tradeId),
      [1, 2, 3, 4],
    );
  }
});

test('a wrong maker, size, price, order or number of fills is noticed', () => {
  const faults: ((step: Step) => void)[] = [
    (step) => Object.assign(step.trades[0]!, { a: '192' }),
    (step) => {
      Object.assign(step.reply.fills[0]!, { quantity: '4' });
      Object.assign(step.trades[0]!, { q: '4' });
    },
    (step) => {
      Object.assign(step.reply.fills[1]!, { price: '100.03' });
      Object.assign(step.trades[1]!, { p: '100.03' });
    },
    (step) => (step.reply.fills as unknown[]).reverse(),
    (step) => (step.reply.fills as unknown[]).pop(),
  ];
  faults.forEach((fault, index) => {
    const checker = check((steps) => fault(steps[4]!));
    assert.equal(checker.mismatches.count('fills'), 1, `fault ${index}`);
    assert.equal(checker.aggressorsExact, 2, `fault ${index}`);
  });
});

test('a fill of an order that should only rest is noticed', () => {
  const checker = check((steps) => {
    const trade = { t: 9, a: '64', b: '64', m: true, p: '99.97', q: '1' };
    steps[5]!.trades.push(trade);
    (steps[5]!.reply.fills as unknown[]).push({ tradeId: 9, price: '99.97', quantity: '1' });
  });
  assert.equal(checker.mismatches.count('fills'), 1);
});

test('a wrong level is noticed, even the deepest one compared', () => {
  const wrongSize = check((steps) => {
    steps[6]!.depth[0]![2] = 4;
  });
  assert.equal(wrongSize.mismatches.count('book'), 1);
  assert.match(
    wrongSize.mismatches.details[0]!,
    /row 5.*bid level 1: recorded 3 at 99.99, venue 4/,
  );
  const leftOver = check((steps) => {
    steps[4]!.depth.shift();
  });
  assert.equal(leftOver.mismatches.count('book') > 0, true);
});

test('a hole in the depth stream is noticed', () => {
  const checker = check((steps) => {
    for (const step of steps.slice(9)) {
      Object.assign(step.reply, { depthUpdateId: step.reply.depthUpdateId + 1 });
    }
  });
  assert.equal(checker.mismatches.count('depth stream'), 1);
});

test('a trade without a fill and a fill unlike its trade are noticed', () => {
  const stray = check((steps) => {
    steps[13]!.trades.push({ t: 5, a: '64', b: '128', m: true, p: '1', q: '1' });
    (steps[13]!.reply.fills as unknown[]).length = 0;
  });
  assert.equal(stray.mismatches.count('trade stream'), 1);
  const unlike = check((steps) => {
    Object.assign(steps[4]!.trades[0]!, { q: '6' });
  });
  assert.equal(unlike.mismatches.count('trade stream'), 1);
});

test('a wrong open quantity and a refusal are noticed', () => {
  const open = check((steps) => {
    Object.assign(steps[9]!.reply, { executedQuantity: '4' });
  });
  assert.equal(open.mismatches.count('open quantity'), 1);
  const day = syntheticDay();
  const checker = new ReplayChecker(commandsOf(day), day.books);
  checker.start(7);
  checker.onRefusal(0, 'INSUFFICIENT_FUNDS');
  assert.equal(checker.mismatches.count('refused'), 1);
  assert.equal(checker.isComplete, false);
});

test('a depth event or a trade that never comes leaves the check incomplete', () => {
  const day = syntheticDay();
  const withoutDepth = new ReplayChecker(commandsOf(day), day.books);
  feed(withoutDepth, rightAnswers(), ['reply', 'trades']);
  assert.equal(withoutDepth.isComplete, false);
  const withoutTrades = new ReplayChecker(commandsOf(day), day.books);
  feed(withoutTrades, rightAnswers(), ['reply', 'depth']);
  assert.equal(withoutTrades.isComplete, false);
});

test('empty depth events that take an id are part of the sequence', () => {
  const day = syntheticDay();
  const checker = new ReplayChecker(commandsOf(day), day.books);
  const steps = rightAnswers();
  // The snapshot said 7: older events are dropped, later empty ones are applied.
  checker.queue.commit(6, 6);
  checker.queue.commit(7, 7);
  checker.queue.commit(8, 8);
  for (const step of steps) {
    Object.assign(step.reply, { depthUpdateId: step.reply.depthUpdateId + 1 });
  }
  feed(checker, steps);
  assert.equal(checker.mismatches.total, 0);
  assert.equal(checker.isComplete, true);
});

const RIGHT_ROWS: TradeRow[] = [
  { trade_id: '1', price: '100.0100', quantity: '5' },
  { trade_id: '2', price: '100.0200', quantity: '4.000' },
  { trade_id: '3', price: '99.99', quantity: '3' },
  { trade_id: '4', price: '99.99', quantity: '2' },
];

function databaseMismatches(rows: TradeRow[]): number {
  const checker = check(() => undefined);
  const list: CommandList = commandsOf(syntheticDay());
  const right = compareTrades(list, checker.trades, rows, checker.mismatches);
  assert.equal(right === 4 && rows.length === 4, checker.mismatches.total === 0);
  return checker.mismatches.count('database');
}

test('the trades table is held against the recorded executions row by row', () => {
  assert.equal(databaseMismatches(RIGHT_ROWS), 0);
});

test('a missing, doubled, swapped or wrong row of the trades table is noticed', () => {
  const [first, second, third, fourth] = RIGHT_ROWS as [TradeRow, TradeRow, TradeRow, TradeRow];
  const doctored: TradeRow[][] = [
    [first, second, third],
    [second, third, fourth],
    [first, second, third, fourth, fourth],
    [first, second, fourth, third],
    [first, { ...second, price: '100.03' }, third, fourth],
    [first, { ...second, quantity: '3' }, third, fourth],
    [],
  ];
  for (const rows of doctored)
    assert.equal(databaseMismatches(rows) > 0, true, JSON.stringify(rows));
});
