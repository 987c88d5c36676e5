import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import ccxt, { type Order, type OrderBook } from 'ccxt';
import { until } from '../../persistence/testing/until.ts';
import {
  type CcxtClient,
  type CcxtTrader,
  DEPOSITS,
  TAKER_FEE_BPS,
  useCcxtVenue,
} from './ccxt-venue.fixture.ts';
import { RandomTrader } from './random-trader.fixture.ts';
import { idOf, SOL, trade, unitsOf } from './trading.fixture.ts';

const ROUNDS = 6;
const REQUESTS_PER_ROUND = 160;
/** Between two books that are fetched under way: what they cost is taken from the trading. */
const SNAPSHOT_PAUSE_MS = 10;

const venue = useCcxtVenue();

type Level = readonly [price: number, amount: number];

interface Levels {
  readonly bids: Level[];
  readonly asks: Level[];
}

function levelsOf({ bids, asks }: Pick<OrderBook, 'bids' | 'asks'>): Levels {
  const plain = (side: Iterable<unknown>): Level[] =>
    [...side].map((level) => [...(level as number[])].slice(0, 2) as unknown as Level);
  return { bids: plain(bids), asks: plain(asks) };
}

/** A client that keeps the book, and every state of it that it went through. */
class BookWatcher {
  readonly client: CcxtClient;
  readonly states = new Map<number, string>();
  #isOver = false;
  #watching: Promise<void> = Promise.resolve();

  constructor(client: CcxtClient) {
    this.client = client;
    // Reconnects at once, where a client at home pauses.
    client.options.ws = { backoff: { base: 1, factor: 1 } };
    const handle = client.handleOrderBook.bind(client);
    client.handleOrderBook = (socket, message) => {
      handle(socket, message);
      const { nonce } = this.book;
      if (nonce !== undefined) this.states.set(nonce, JSON.stringify(levelsOf(this.book)));
    };
  }

  get book(): OrderBook {
    return this.client.orderbooks[SOL] as unknown as OrderBook;
  }

  /** Resolves when the book is there; it goes on by itself. */
  async begin(): Promise<void> {
    this.#isOver = false;
    await this.client.watchOrderBook(SOL);
    this.#watching = this.#watch();
  }

  /** Ends the connection as `lose` does, and forgets the book, which ccxt would go on with. */
  async reconnect(lose: (client: CcxtClient) => unknown): Promise<void> {
    this.#isOver = true;
    await lose(this.client);
    await this.#watching;
    delete this.client.orderbooks[SOL];
    await this.begin();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.client.close();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    try {
      while (!this.#isOver) await this.client.watchOrderBook(SOL);
    } catch (error) {
      const isLost = error instanceof ccxt.NetworkError || error instanceof ccxt.UnsubscribeError;
      if (!this.#isOver || !(isLost || error instanceof ccxt.ExchangeClosedByUser)) throw error;
    }
  }
}

const WAYS_TO_LOSE: readonly ((client: CcxtClient) => unknown)[] = [
  (client) => Object.values(client.clients).map(({ connection }) => connection.terminate()),
  (client) => client.close(),
  (client) => client.unWatchOrderBook(SOL),
];

/** What an account was told of its fills, summed up. */
interface Fills {
  count: number;
  /** 10^-2 SOL bought less those sold. */
  baseLots: number;
  /** 10^-6 USDC earned less those spent, fees included. */
  quoteUnits: number;
  feeUnits: number;
}

/** An account whose updates are heard from before its first random order on. */
class Account {
  readonly trader: CcxtTrader;
  readonly fills: Fills = { count: 0, baseLots: 0, quoteUnits: 0, feeUnits: 0 };
  /** The newest update of each order. */
  readonly newest = new Map<string, Record<string, unknown>>();
  #opening: Record<string, number> = {};

  constructor(trader: CcxtTrader) {
    this.trader = trader;
  }

  async listen(): Promise<void> {
    const { pro } = this.trader;
    const handle = pro.handleOrder.bind(pro);
    const heard = pro.watchOrders(SOL);
    // The venue reads this subscription after that of the orders.
    await pro.watchOrderBook('BTC/USDC');
    const balance = await pro.fetchBalance();
    this.#opening = {
      SOL: unitsOf(balance.SOL!.total, 2),
      USDC: unitsOf(balance.USDC!.total, 6),
    };
    pro.handleOrder = (socket, message) => {
      this.#hear(message.data);
      handle(socket, message);
    };
    heard.catch(() => {});
  }

  /** The totals that the fills lead to. */
  get expected(): { SOL: number; USDC: number } {
    const { baseLots, quoteUnits } = this.fills;
    return { SOL: this.#opening.SOL! + baseLots, USDC: this.#opening.USDC! + quoteUnits };
  }

  #hear(update: Record<string, unknown>): void {
    this.newest.set(String(update.i), update);
    if (update.e !== 'orderFill') return;
    const lots = unitsOf(Number(update.l), 2);
    const feeUnits = unitsOf(Number(update.n), 6);
    const value = lots * unitsOf(Number(update.L), 2) * 100;
    const sign = update.S === 'Bid' ? 1 : -1;
    this.fills.count++;
    this.fills.baseLots += sign * lots;
    this.fills.quoteUnits += -sign * value - feeUnits;
    this.fills.feeUnits += feeUnits;
  }
}

test('books of streams and balances are what the venue has, after thousands of orders and many reconnects', async () => {
  const traders = [await venue().trader('left'), await venue().trader('right')] as const;
  await trade(...traders, SOL, 'buy', 1, 100);
  const accounts = traders.map((trader) => new Account(trader));
  for (const account of accounts) await account.listen();
  const actors = traders.map((trader, index) => new RandomTrader(trader, 1 + index));
  const anybody = await venue().client();
  const steady = new BookWatcher(await venue().client());
  const flaky = new BookWatcher(await venue().client());
  await Promise.all([steady.begin(), flaky.begin()]);
  let snapshotsMet = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const snapshots: OrderBook[] = [];
    let isOver = false;
    const trading = Promise.all(
      actors.map(async (actor) => {
        for (let index = 0; index < REQUESTS_PER_ROUND; index++) await actor.operate();
      }),
    ).finally(() => {
      isOver = true;
    });
    const asking = (async () => {
      while (!isOver) {
        snapshots.push(await anybody.fetchOrderBook(SOL));
        await delay(SNAPSHOT_PAUSE_MS);
      }
    })();
    // In the midst of it all.
    await flaky.reconnect(WAYS_TO_LOSE[round % WAYS_TO_LOSE.length]!);
    await Promise.all([trading, asking]);
    snapshotsMet += await assertBooksEqual(anybody, snapshots, steady, flaky);
  }
  assert.ok(snapshotsMet > ROUNDS, `only ${snapshotsMet} snapshots could be compared under way`);
  const operations = actors.reduce((sum, { operationCount }) => sum + operationCount, 0);
  assert.ok(operations > 2000, `only ${operations} operations`);
  for (const account of accounts) await assertAccount(account);
  await steady.end();
  await flaky.end();
  const audit = await venue().admin('GET', '/admin/audit');
  assert.equal(audit.balanced, true, JSON.stringify(audit));
});

/** Compares, at rest, the watched books with the fetched one; answers how many states under way were. */
async function assertBooksEqual(
  anybody: CcxtClient,
  snapshots: readonly OrderBook[],
  ...watchers: readonly BookWatcher[]
): Promise<number> {
  const last = await anybody.fetchOrderBook(SOL);
  let met = 0;
  for (const { book, states } of watchers) {
    await until('the last change is heard', () => book.nonce! >= last.nonce!);
    assert.deepEqual(levelsOf(book), levelsOf(last));
    for (const snapshot of snapshots) {
      const state = states.get(snapshot.nonce!);
      if (state === undefined) continue;
      met++;
      assert.equal(state, JSON.stringify(levelsOf(snapshot)), `state ${snapshot.nonce}`);
    }
    states.clear();
  }
  return met;
}

async function assertAccount(account: Account): Promise<void> {
  const { trader, fills, newest } = account;
  const open = await trader.rest.fetchOpenOrders(SOL);
  await assertUpdatesEnd(open, newest);
  await assertRows(account);
  const { SOL: base, USDC: quote } = await trader.rest.fetchBalance();
  const { expected } = account;
  assert.ok(fills.count > 100, `only ${fills.count} fills`);
  assert.equal(unitsOf(base!.total, 2), expected.SOL);
  assert.equal(unitsOf(quote!.total, 6), expected.USDC);

  const [bids, asks] = ['buy', 'sell'].map((side) => open.filter((order) => order.side === side));
  const asked = asks!.reduce((sum, { remaining }) => sum + unitsOf(remaining, 2), 0);
  assert.equal(unitsOf(base!.used, 2), asked);
  // The fee of a lock rounds up, less what earlier fills of the order have paid too much: one unit at most.
  const bid = bids!.reduce((sum, { price, remaining }) => {
    const value = unitsOf(price, 2) * unitsOf(remaining, 2) * 100;
    return sum + value + (value * TAKER_FEE_BPS) / 10_000;
  }, 0);
  assert.ok(Math.abs(unitsOf(quote!.used, 6) - bid) <= bids!.length, `${quote!.used} for ${bid}`);

  await trader.rest.cancelAllOrders(SOL);
  const rest = await trader.rest.fetchBalance();
  assert.deepEqual([rest.SOL!.used, rest.USDC!.used], [0, 0]);
  assert.equal(unitsOf(rest.SOL!.free, 2), expected.SOL);
  assert.equal(unitsOf(rest.USDC!.free, 6), expected.USDC);
}

/** What the stream said last of each order is what REST says of those that are open, and an end of all others. */
async function assertUpdatesEnd(
  open: readonly Order[],
  newest: Map<string, Record<string, unknown>>,
): Promise<void> {
  const isOpen = ({ X }: Record<string, unknown>): boolean =>
    X === 'New' || X === 'PartiallyFilled' || X === 'TriggerPending';
  const opened = () => [...newest.values()].filter(isOpen);
  await until('the last update is heard', () => opened().length === open.length);
  for (const order of open) {
    const update = newest.get(idOf(order))!;
    assert.deepEqual([update.X, Number(update.z)], [order.info.status, order.filled]);
  }
}

async function assertRows({ trader, fills, expected }: Account): Promise<void> {
  await until('the rows are written', async () => {
    const [row] = await venue().query(
      `select count(*)::int as count, sum(fee) * 1000000 as fees from fills
        where account_id = $1 and filled_at > (select min(filled_at) from fills)`,
      [trader.accountId],
    );
    if (Number(row!.count) !== fills.count) return false;
    assert.equal(Number(row!.fees), fills.feeUnits);
    return true;
  });
  const balances = await venue().query(
    `select symbol, available + locked as total from balances join assets using (asset_id)
      where account_id = $1`,
    [trader.accountId],
  );
  const total = (asset: string) => Number(balances.find(({ symbol }) => symbol === asset)!.total);
  assert.equal(unitsOf(total('SOL'), 2), expected.SOL);
  assert.equal(unitsOf(total('USDC'), 6), expected.USDC);
  assert.equal(total('ETH'), Number(DEPOSITS.ETH));
}

test('a book that ccxt keeps over a lost connection is not the venue’s any more: forget it', async () => {
  const { rest } = await venue().trader('changer');
  const client = await venue().client();
  const lose = async (): Promise<void> => {
    for (const { connection } of Object.values(client.clients)) connection.terminate();
    await assert.rejects(client.watchOrderBook(SOL), ccxt.NetworkError);
  };
  await rest.createOrder(SOL, 'limit', 'buy', 1, 50);
  await client.watchOrderBook(SOL);
  await lose();
  await rest.cancelAllOrders(SOL);
  let isOver = false;
  const again = client.watchOrderBook(SOL).finally(() => {
    isOver = true;
  });
  while (!isOver) await rest.createOrder(SOL, 'limit', 'buy', 1, 49);
  const kept = levelsOf(await again);
  assert.ok(kept.bids.some(([price]) => price === 50));
  await lose();
  delete client.orderbooks[SOL];
  const fresh = levelsOf(await client.watchOrderBook(SOL));
  assert.deepEqual(fresh, levelsOf(await client.fetchOrderBook(SOL)));
});
