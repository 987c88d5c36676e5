import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { AdminClient, type AuditReport, type VenueState } from '../client/admin-client.ts';
import { RestClient } from '../client/rest-client.ts';
import { VenueProcess } from '../client/venue-process.ts';
import type { AuditInput, OpenOrdersKnown, RestingOrder } from './audit-input.ts';
import { auditRun } from './audit-run.ts';
import { auditedRun, LAST_CLIENT_ID } from './audited-run.fixture.ts';
import { HeardMarket } from './heard-market.ts';
import type { AccountFindings, MarketFindings, StreamFindings } from './stream-findings.ts';
import { FILL_FIGURES, type FillSums, ORDER_FIGURES, TRADE_FIGURES } from './weighted-sums.ts';

const GAPS = 'public sequences have no gaps';
const BOOKS = 'books rebuilt from the streams equal the engine’s';
const BOOKS_DURING = 'books during the run equalled the engine’s';
const BEST_LEVELS = 'best levels told are those of the rebuilt books';
const EXECUTED = 'fills of each reply are what it says was executed';
const REPLY_FILLS = 'each fill of the replies is as in its row';
const PRIVATE_FILLS = 'each fill of the private streams is as in its row';
const AS_REPLIED = 'private streams told each fill as its reply did';
const STATUSES = 'private streams told the status that befell each order';
const ENDS = 'orders began and ended in the database as the private streams told';
const TRADE_SUMS = 'each trade of the public streams is as in its row';
const AT_REST = 'the venue came to rest';
const MONEY = 'money adds up';
const CAUGHT_UP = 'the database has caught up';
const ORDERS = 'orders in the database are those acknowledged';
const TRADES = 'trades in the database are the fills told';
const QUANTITIES = 'rows of each market agree with its stream';
const CANDLE_ROWS = 'candles in the database add up to the trades';
const API_CANDLES = 'candles of the API are those in the database';
const CANDLES = 'candles add up to the trades';
const OPEN = 'open orders are those told';
const CANCELLED = 'cancelled orders in the database are the cancels acknowledged';
const DEPOSITS = 'deposits are those of the run';
const REQUESTS = 'every request ended in one way';
const FILLS = 'private streams told each fill once to each party';
const BALANCES = 'balances have changed by the fills told';
const BALANCE_EVENTS = 'private streams told the balances as they are';
const REPLIES = 'each request was answered at most once';

let venue: VenueProcess;
let input: AuditInput;
let frames: readonly Buffer[];
let streams: StreamFindings;
/** What the private streams told. */
let heardOfAccounts: AccountFindings;

before(async () => {
  venue = await VenueProcess.start({ shards: 2 });
  const run = await auditedRun(venue);
  ({ input, frames } = run);
  const { accounts, ...found } = await input.recorder.finish(run.told);
  streams = found;
  heardOfAccounts = accounts!;
});

after(async () => {
  assert.equal(await venue.stop(), 0);
});

/** The checks that do not hold, by name, of the run as it was but for what is falsified. */
async function broken(
  falsified: Partial<AuditInput>,
  told: StreamFindings = streams,
): Promise<ReadonlyMap<string, string>> {
  const recorder = { finish: async () => told };
  const { clean, checks } = await auditRun({ ...input, recorder, ...falsified });
  const failed = checks.filter(({ holds }) => !holds);
  assert.equal(clean, failed.length === 0);
  return new Map(failed.map(({ name, detail }) => [name, detail]));
}

const namesOf = (found: ReadonlyMap<string, string>): string[] => [...found.keys()];

function withMarket(change: Partial<MarketFindings>): StreamFindings {
  const [first, ...others] = streams.markets;
  return { markets: [{ ...first!, ...change }, ...others] };
}

test('a clean run passes every check, and each of them has looked at something', async () => {
  const recorder = { finish: async () => streams };
  const { clean, checks, leftOut } = await auditRun({ ...input, recorder });
  assert.deepEqual(
    checks.filter(({ holds }) => !holds),
    [],
  );
  assert.equal(clean, true);
  assert.match(leftOut!.join(), /^Private streams were not listened to/);
  assert.equal(checks.length, 21);
  const { counts, fillsTold, accounts } = input;
  assert.ok(fillsTold.taker > 20 && counts.refused.INSUFFICIENT_FUNDS! > 2);
  assert.ok(counts.cancels > 10 && counts.replaces > 10);
  for (const { openOrderIds } of accounts) assert.ok(openOrderIds!.length > 2);
  for (const market of streams.markets) {
    const { depthFrames, trades, levelsCompared, tickersCompared } = market;
    assert.ok(depthFrames > 50 && trades > 10 && levelsCompared > 3, JSON.stringify(market));
    assert.ok(tickersCompared > 10, JSON.stringify(market));
  }
});

test('a request too many, or too few', async () => {
  const { counts } = input;
  const sent = { ...counts, sent: counts.sent + 1 };
  const found = await broken({ counts: sent });
  assert.deepEqual(namesOf(found), [REQUESTS]);
  assert.match(found.get(REQUESTS)!, /INSUFFICIENT_FUNDS \d+/);
  assert.deepEqual(namesOf(await broken({ counts: { ...sent, unknown: 1 } })), []);
});

test('a reply too many', async () => {
  const found = await broken({ strayReplies: 3 });
  assert.deepEqual(namesOf(found), [REPLIES]);
  assert.match(found.get(REPLIES)!, /^3 replies besides \d+ /);
});

test('a wrong count of an account’s orders', async () => {
  const [first, ...others] = input.accounts;
  const { ordersAcknowledged, accountId } = first!;
  const accountsWith = (change: number, unknown: number) => ({
    accounts: [{ ...first!, ordersAcknowledged: ordersAcknowledged + change, unknown }, ...others],
  });
  const found = await broken(accountsWith(1, 0));
  assert.deepEqual(namesOf(found), [ORDERS]);
  assert.match(found.get(ORDERS)!, new RegExp(`^account ${accountId} has ${ordersAcknowledged} `));
  assert.deepEqual(namesOf(await broken(accountsWith(-1, 0))), [ORDERS]);
  // A request without an answer may have been done, and never undoes one that was acknowledged.
  assert.deepEqual(namesOf(await broken(accountsWith(-1, 1))), []);
  assert.deepEqual(namesOf(await broken(accountsWith(1, 1))), [ORDERS]);
});

test('a fill too many, or one too few', async () => {
  const { taker, maker } = input.fillsTold;
  assert.deepEqual(namesOf(await broken({ fillsTold: { taker: taker + 1 } })), [TRADES]);
  assert.deepEqual(namesOf(await broken({ fillsTold: { taker: taker - 1 } })), [TRADES]);
  const found = await broken({ fillsTold: { taker, maker: maker! + 1 } });
  assert.deepEqual(namesOf(found), [TRADES]);
  assert.match(found.get(TRADES)!, /to those who made/);
});

test('a deposit that the venue does not have, and one that it should not have', async () => {
  const { deposits } = input;
  const more = [...deposits, { asset: 'USD', quantity: '0.000001' }];
  const found = await broken({ deposits: more });
  assert.deepEqual(namesOf(found), [DEPOSITS]);
  assert.match(found.get(DEPOSITS)!, /^USD: /);
  assert.deepEqual(namesOf(await broken({ deposits: deposits.slice(1) })), [DEPOSITS]);
});

test('an open order that is not, and one that nobody was told of', async () => {
  const [first, ...others] = input.accounts;
  const told = first!.openOrderIds!;
  const accountsWith = (openOrderIds: readonly string[], unknown = 0) => ({
    accounts: [{ ...first!, openOrderIds, unknown }, ...others],
  });
  const found = await broken(accountsWith([...told, '64']));
  assert.deepEqual(namesOf(found), [OPEN]);
  assert.match(found.get(OPEN)!, /lacks 1 orders .* such as 64$/);
  assert.deepEqual(namesOf(await broken(accountsWith(told.slice(1)))), [OPEN]);
  assert.deepEqual(namesOf(await broken(accountsWith(told.slice(1), 1))), []);
});

/** An account with an order that has a client id, and what is known of its open orders. */
async function withClientIds() {
  const accountId = await new AdminClient(venue.ready.adminUrl, venue.adminToken).createAccount(
    'account 0',
  );
  const account = input.accounts.find((each) => each.accountId === accountId)!;
  const rest = new RestClient(venue.ready.url, account.keyPair);
  const orders = await rest.signedGet<RestingOrder[]>('/api/v1/orders', 'orderQueryAll');
  return { account, orders };
}

test('open orders by client id: one that was never cancelled, one that is gone, one at other terms', async () => {
  const { account, orders } = await withClientIds();
  const told = orders.map((order, index) => ({ ...order, clientId: order.clientId ?? -index }));
  const [order] = told.filter(({ clientId }) => clientId === LAST_CLIENT_ID);
  const brokenWith = async (known: Partial<OpenOrdersKnown>) => {
    const openOrders = {
      ...{ orders: [order!], inDoubt: 0, mayBeTaken: false },
      isUncertain: ({ clientId }: RestingOrder) => clientId !== LAST_CLIENT_ID,
      ...known,
    };
    const { openOrderIds: _, ...rest } = account;
    return broken({ accounts: [{ ...rest, openOrders }] });
  };
  assert.deepEqual(namesOf(await brokenWith({})), []);
  const never = await brokenWith({ orders: [] });
  assert.deepEqual(namesOf(never), [OPEN]);
  assert.match(never.get(OPEN)!, /lacks 0 orders, has 1 that are over, .* such as \d+ is open$/);
  assert.deepEqual(namesOf(await brokenWith({ orders: [], isUncertain: () => true })), []);
  const gone = await brokenWith({ orders: [order!, { ...order!, clientId: 77 }] });
  assert.match(gone.get(OPEN)!, /lacks 1 orders, .* such as clientId 77 is not open$/);
  for (const terms of [{ price: '60.01' }, { quantity: '0.501' }, { symbol: 'BBB_USD' }]) {
    const found = await brokenWith({ orders: [{ ...order!, ...terms }] });
    assert.deepEqual(namesOf(found), [OPEN]);
    assert.match(found.get(OPEN)!, /and 1 at other terms, such as \d+ is 0\.50* AAA_USD at /);
  }
});

test('a cancel that was acknowledged and not done, and one more than was', async () => {
  const [first, ...others] = input.accounts;
  const accountsWith = (change: number, unknown = 0) => {
    const cancelsAcknowledged = first!.cancelsAcknowledged! + change;
    return { accounts: [{ ...first!, cancelsAcknowledged, unknown }, ...others] };
  };
  const found = await broken(accountsWith(1));
  assert.deepEqual(namesOf(found), [CANCELLED]);
  assert.match(found.get(CANCELLED)!, /cancelled orders, \d+ cancels were acknowledged$/);
  assert.deepEqual(namesOf(await broken(accountsWith(-1))), [CANCELLED]);
});

test('trades that the stream told otherwise than the rows', async () => {
  const { trades } = streams.markets[0]!;
  assert.deepEqual(namesOf(await broken({}, withMarket({ trades: trades + 1 }))), [
    QUANTITIES,
    CANDLE_ROWS,
    CANDLES,
  ]);
  assert.deepEqual(namesOf(await broken({}, withMarket({ quantity: '0.001' }))), [
    QUANTITIES,
    CANDLE_ROWS,
    CANDLES,
  ]);
});

test('a trade that the stream told otherwise than its row', async () => {
  const { symbol, tradeSums } = streams.markets[0]!;
  for (const figure of TRADE_FIGURES) {
    const changed = { ...tradeSums, [figure]: tradeSums[figure] + 1 };
    const found = await broken({}, withMarket({ tradeSums: changed }));
    assert.deepEqual(namesOf(found), [TRADE_SUMS]);
    assert.equal(found.get(TRADE_SUMS), `${symbol}: other ${figure} than in the rows`);
  }
});

/** The sums of the first market changed in one figure. */
function changedIn(
  sums: ReadonlyMap<string, FillSums>,
  figure: (typeof FILL_FIGURES)[number],
): ReadonlyMap<string, FillSums> {
  const right = sums.get('AAA_USD')!;
  return new Map([...sums, ['AAA_USD', { ...right, [figure]: right[figure] + 1 }]]);
}

test('a fill that replies told otherwise than its row', async () => {
  const right = input.fillsOfReplies!;
  assert.ok(right.ordersCompared > 10);
  for (const figure of FILL_FIGURES) {
    const fillsOfReplies = { ...right, sums: changedIn(right.sums, figure) };
    const found = await broken({ fillsOfReplies });
    assert.deepEqual(namesOf(found), [REPLY_FILLS]);
    assert.equal(found.get(REPLY_FILLS), `AAA_USD: other ${figure} than in the rows`);
  }
  const wrongOrders = ['order 64 executed 5 for 500, by its fills 4 at 100'];
  const executed = { ...right, wrongOrderCount: 1, wrongOrders };
  const found = await broken({ fillsOfReplies: executed });
  assert.deepEqual(namesOf(found), [EXECUTED]);
  assert.equal(found.get(EXECUTED), wrongOrders[0]);
});

test('a book that was another one during the run', async () => {
  const during = {
    ...{ comparisons: 3, levelsCompared: 20, differenceCount: 1 },
    differences: ['bid 60 is 0.5, rebuilt 0.503'],
  };
  const found = await broken({}, withMarket({ during }));
  assert.deepEqual(namesOf(found), [BOOKS_DURING]);
  assert.match(found.get(BOOKS_DURING)!, / differed in 1 levels: bid 60 is 0.5, rebuilt 0.503$/);
});

test('best levels that are not those of the book at their update', async () => {
  const { symbol, tickersCompared } = streams.markets[0]!;
  assert.ok(tickersCompared > 0);
  const brokenWith = async (bid: string, quantity: string) => {
    const heard = await heardWith((market, lastUpdateId) =>
      market.bookTicker(
        Buffer.from(
          `{"data":{"A":null,"B":"${quantity}","E":1,"T":1,"a":null,"b":"${bid}","e":"bookTicker","s":"${symbol}","u":${lastUpdateId}},"stream":"bookTicker.${symbol}"}`,
        ),
      ),
    );
    const { tickersCompared, tickersUncompared, wrongTickerCount, wrongTickers } = heard;
    assert.deepEqual([tickersCompared, tickersUncompared], [1, 0]);
    return broken({}, withMarket({ wrongTickerCount, wrongTickers }));
  };
  assert.deepEqual(namesOf(await brokenWith('60', '0.500')), []);
  for (const [bid, quantity] of [
    ['60.05', '0.500'],
    ['60', '0.503'],
  ] as const) {
    const found = await brokenWith(bid, quantity);
    assert.deepEqual(namesOf(found), [BEST_LEVELS]);
    assert.match(found.get(BEST_LEVELS)!, /^AAA_USD was told 1 times otherwise: update \d+: bid 0/);
  }
});

test('a change of best levels that was not told', async () => {
  const missing = { missingTickerCount: 2, missingTickers: [9, 11] };
  const found = await broken({}, withMarket(missing));
  assert.deepEqual(namesOf(found), [BEST_LEVELS]);
  assert.match(found.get(BEST_LEVELS)!, / was not told of 2 changes: of updates 9, 11$/);
});

/** What a listener finds of a book of one bid, 0.5 at 60, that heard more at this update. */
async function heardWith(
  hear: (market: HeardMarket, updateId: number) => void,
): Promise<MarketFindings> {
  const { symbol } = streams.markets[0]!;
  const market = new HeardMarket(symbol, { priceDecimals: 2, quantityDecimals: 3 });
  const bids: [string, string][] = [['60', '0.5']];
  market.begin({ bids, asks: [], lastUpdateId: '7', timestamp: 0 });
  hear(market, 8);
  market.depth(
    Buffer.from(
      `{"data":{"E":1,"T":1,"U":8,"a":[],"b":[],"e":"depth","s":"${symbol}","u":8},"stream":"depth.${symbol}"}`,
    ),
  );
  return market.findings;
}

test('rows of candles that are not those of the API, or of the trades, are found', async () => {
  const change = (set: string, interval: string): Promise<unknown> =>
    databaseDoes(`update klines set ${set} where interval = '${interval}'`);
  await change('close = close + 1', '1h');
  const closes = await broken({});
  assert.deepEqual(namesOf(closes), [API_CANDLES]);
  assert.match(closes.get(API_CANDLES)!, /^AAA_USD 1h .*: close \S+, in the database \d/);
  await change('close = close - 1', '1h');
  // The API would answer of its memory, and never asks for the rows of a week.
  await change('trades = trades + 1', '1w');
  const counts = await broken({});
  assert.deepEqual(namesOf(counts), [CANDLE_ROWS]);
  assert.match(counts.get(CANDLE_ROWS)!, /AAA_USD 1w: candles of \d+ trades of /);
  await change('trades = trades - 1', '1w');
  await databaseDoes(`create table ringside.away as select * from klines where interval = '1m'`);
  await databaseDoes(`delete from klines where interval = '1m'`);
  assert.match((await broken({})).get(API_CANDLES)!, / 1m .* is not in the database/);
  await databaseDoes('insert into klines select * from ringside.away');
  await databaseDoes('drop table ringside.away');
  assert.deepEqual(namesOf(await broken({})), []);
});

async function databaseDoes(statement: string): Promise<unknown> {
  const options = '-c search_path=ringside';
  const client = new pg.Client({ connectionString: venue.databaseUrl!, options });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

/** What a listener finds that heard all of the first market's depth frames but one. */
async function heardBut(missing: number): Promise<MarketFindings> {
  const { symbol } = streams.markets[0]!;
  const heard = new HeardMarket(symbol, { priceDecimals: 2, quantityDecimals: 3 });
  // Of a book without orders: only heartbeats had come before.
  const { data } = JSON.parse(frames[0]!.toString()) as { data: { U: number } };
  heard.begin({ bids: [], asks: [], lastUpdateId: String(data.U - 1), timestamp: 0 });
  for (const [index, frame] of frames.entries()) if (index !== missing) heard.depth(frame);
  heard.compare(await new RestClient(venue.ready.url).depth(symbol));
  return heard.findings;
}

test('a depth frame that was dropped', async () => {
  const { symbol } = streams.markets[0]!;
  const all = await heardBut(-1);
  assert.deepEqual([all.gapCount, all.differenceCount], [0, 0]);
  const brokenWithout = async (missing: number) => {
    const { gapCount, gaps, differenceCount, differences } = await heardBut(missing);
    assert.equal(gapCount, 1);
    return broken({}, withMarket({ gapCount, gaps, differenceCount, differences }));
  };
  // The last two each set a level of their own.
  const found = await brokenWithout(frames.length - 2);
  assert.deepEqual(namesOf(found), [GAPS, BOOKS]);
  assert.match(found.get(GAPS)!, new RegExp(`^${symbol} has 1 gaps: depth update `));
  const difference = `${symbol} differs in 1 levels: bid 60 is 0.5, rebuilt 0`;
  assert.equal(found.get(BOOKS), difference);
});

test('a recorder that did not hear everything decides nothing', async () => {
  const incomplete = 'the venue closed its socket during the run: 1008 slow consumer';
  const found = await broken({}, { ...streams, incomplete });
  const ofStreams = [GAPS, BOOKS, BOOKS_DURING, BEST_LEVELS];
  const ofRows = [QUANTITIES, TRADE_SUMS, CANDLE_ROWS, CANDLES];
  assert.deepEqual(namesOf(found), [...ofStreams, ...ofRows]);
  for (const detail of found.values()) assert.match(detail, /^not decidable.* 1008 slow consumer$/);
  const recorder = { finish: () => Promise.reject(new Error('gone')) };
  assert.deepEqual(namesOf(await broken({ recorder })), namesOf(found));
});

/** A venue that has lost a unit, and whose database does not come to where its shards are. */
class BrokenVenue extends AdminClient {
  override async audit(): Promise<AuditReport> {
    const report = await super.audit();
    const [first, ...others] = report.assets;
    return { ...report, balanced: false, assets: [{ ...first!, balanced: false }, ...others] };
  }

  override async state(): Promise<VenueState> {
    const state = await super.state();
    const shards = state.shards.map((shard) => ({ ...shard, projectionPosition: 0 }));
    return { ...state, shards };
  }
}

test('money that does not add up, and a database that stays behind', async () => {
  const admin = new BrokenVenue(venue.ready.adminUrl, venue.adminToken);
  const found = await broken({ venue: { ...input.venue, admin }, databaseTimeoutMs: 100 });
  assert.deepEqual(namesOf(found), [MONEY, CAUGHT_UP]);
  assert.match(found.get(MONEY)!, / available \+ .* locked/);
  assert.match(found.get(CAUGHT_UP)!, /^not decidable: the database is still behind after 0.1 s$/);
});

test('an operator who is not let in', async () => {
  const admin = new AdminClient(venue.ready.adminUrl, 'wrong');
  const found = await broken({ venue: { ...input.venue, admin } });
  assert.deepEqual(namesOf(found), [AT_REST, CAUGHT_UP]);
});

test('a database out of reach is a finding, and not the end of the audit', async () => {
  const away = { ...input.venue, databaseUrl: 'postgres://127.0.0.1:1/none' };
  const found = await broken({ venue: away });
  const ofRows = [
    ...[ORDERS, CANCELLED, TRADES, QUANTITIES, TRADE_SUMS, REPLY_FILLS],
    ...[CANDLE_ROWS, API_CANDLES],
  ];
  assert.deepEqual(namesOf(found), ofRows);
  for (const detail of found.values()) assert.match(detail, /^not decidable: /);
});

test('fills and balances that private streams told otherwise', async () => {
  const right = heardOfAccounts;
  assert.ok(right.takerFills > 20 && right.makerFills > 20 && right.orderEvents > 100);
  const brokenWith = (change: Partial<AccountFindings>) =>
    broken({}, { ...streams, accounts: { ...right, ...change } });
  assert.deepEqual(namesOf(await brokenWith({})), []);
  const wrongFills = ['trade 7 of AAA_USD was told to who made 0 times'];
  const fills = await brokenWith({ wrongFillCount: 3, wrongFills });
  assert.deepEqual(namesOf(fills), [FILLS]);
  assert.equal(fills.get(FILLS), `${wrongFills[0]}; 3 in all`);
  const closed = await brokenWith({ incomplete: 'closed' });
  assert.deepEqual(namesOf(closed), [FILLS, AS_REPLIED]);
  assert.deepEqual(namesOf(await brokenWith({ wrongStatuses: ['one'] })), [STATUSES]);
  const [first, ...others] = right.orderSums;
  for (const figure of ORDER_FIGURES) {
    const orderSums = [{ ...first!, [figure]: first![figure] + 1 }, ...others];
    const found = await brokenWith({ orderSums });
    assert.deepEqual(namesOf(found), [ENDS]);
    assert.match(found.get(ENDS)!, new RegExp(`^account \\d+: other ${figure} than in the rows$`));
  }
  for (const party of ['takerSums', 'makerSums'] as const) {
    const found = await brokenWith({ [party]: changedIn(right[party], 'order ids') });
    const isTaker = party === 'takerSums';
    assert.deepEqual(namesOf(found), [...(isTaker ? [AS_REPLIED] : []), PRIVATE_FILLS]);
    assert.match(
      found.get(PRIVATE_FILLS)!,
      /^AAA_USD to who \w+: other order ids than in the rows/,
    );
  }
  assert.deepEqual(namesOf(await brokenWith({ wrongBalances: ['USD'] })), [BALANCES]);
  assert.deepEqual(namesOf(await brokenWith({ wrongBalanceEvents: ['USD'] })), [BALANCE_EVENTS]);
});

test('what a venue does not let us ask is said, not passed', async () => {
  const { url } = input.venue;
  const recorder = { finish: async () => streams };
  const accounts = input.accounts.map(({ openOrderIds: _, ...account }) => account);
  const result = await auditRun({ ...input, recorder, accounts, venue: { url } });
  assert.equal(result.clean, true);
  assert.deepEqual(
    result.checks.map(({ name }) => name),
    [REQUESTS, REPLIES, EXECUTED, GAPS, BOOKS, BOOKS_DURING, BEST_LEVELS, CANDLES],
  );
  assert.equal(result.leftOut!.length, 8);
  const shared = await auditRun({ ...input, recorder, venue: { ...input.venue, isShared: true } });
  assert.equal(shared.clean, true);
  assert.equal(shared.leftOut!.length, 5);
  const heard = { trades: [], placed: [], isWhole: true };
  const listened = await auditRun({ ...input, recorder, toldToAccounts: heard });
  assert.equal(listened.leftOut!.length, 3);
  const lost = { ...input.counts, sent: input.counts.sent + 1, unknown: 1 };
  const unanswered = await auditRun({ ...input, recorder, counts: lost });
  assert.equal(unanswered.clean, true);
  assert.match(unanswered.leftOut!.join(), /1 requests were not answered, and may have traded/);
  const { fillsOfReplies: _, ...unread } = input;
  const counted = await auditRun({ ...unread, recorder });
  assert.match(counted.leftOut!.join(), /Fills of replies were counted, not held against the rows/);
});
