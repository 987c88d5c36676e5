import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { unpack } from 'msgpackr';
import { OrderBookState, OrderEventKind, Side } from '../engine/protocol/enums.ts';
import {
  AccountCreated,
  ApiKeyCreated,
  AssetListed,
  BookDelta,
  FundsMoved,
  MarketListed,
  MarketStateChanged,
  OrderEvent,
} from '../engine/protocol/events.ts';
import { prepareDatabase, resetDatabase } from './migrations.ts';
import { compareProjections } from './testing/compare-projections.ts';
import { type EventFeed, START_US, TEST_MARKET } from './testing/event-feed.ts';
import { MarketModel } from './testing/market-model.ts';
import { Random } from './testing/random.ts';
import { RandomHistory } from './testing/random-history.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';
import { useTestServer } from './testing/test-server.ts';
import {
  assertTablesEqual,
  resumeVenue,
  startVenue,
  untilCommitted,
  untilFailed,
} from './testing/venue.ts';

const server = useTestServer();
const SECRET = 'sec\0ret';

/** Each is refused in another way: by an upsert, by a COPY, and by a constraint. */
const POISONS: readonly ((feed: EventFeed, count: number) => void)[] = [
  (feed, count) => feed.record(0, AccountCreated, { accountId: 50 + count, name: SECRET }),
  (feed, count) =>
    feed.record(1, FundsMoved, {
      ...{ accountId: 1, assetId: 1, transferId: `${SECRET}${count}` },
      ...{ amountUnits: 5, availableUnits: 1, lockedUnits: 1, timeUs: START_US },
    }),
  (feed, count) =>
    feed.record(1, AssetListed, { assetId: 50 + count, symbol: 'ASSET1', timeUs: START_US }),
  (feed, count) => feed.record(0, ApiKeyCreated, { accountId: 1, publicKey: `${SECRET}${count}` }),
];

/** A history with `count` poisonous events in it, or with events without rows in their places. */
function recordPoisoned(feed: EventFeed, count: number, isPoisoned: boolean): void {
  const history = new RandomHistory(feed, 13);
  history.record(100);
  for (let index = 0; index < count; index++) {
    history.record(Math.floor(2400 / count));
    const before = [...feed.sequences];
    if (isPoisoned) POISONS[index % POISONS.length]!(feed, index);
    else feed.record([0, 1, 1, 0][index % 4]!, BookDelta, {});
    assert.notDeepEqual(feed.sequences, before);
  }
  history.record(100);
}

for (const count of [1, 4, 60]) {
  test(`${count} events that the database refuses are left out, and nothing else is`, async (context) => {
    const proxy = await TcpProxy.start(server.port);
    context.after(() => proxy.close());
    // Everything is there before the first batch is made.
    proxy.rules = { toServer: () => false };
    const shardCount = 2;
    const databaseUrl = proxy.through(server.url);
    const venue = await startVenue(context, server, { shardCount, databaseUrl });
    recordPoisoned(venue.feed, count, true);
    await venue.feed.flush();
    proxy.rules = {};
    await untilCommitted(venue);
    assert.equal(venue.writer.status().refusedEvents, count);

    const cleanUrl = await server.createDatabase(`clean${count}`);
    await prepareDatabase(cleanUrl);
    const clean = await resumeVenue(context, server, {
      ...{ shardCount, databaseUrl: cleanUrl, dataDir: join(server.dataDir, 'other') },
    });
    recordPoisoned(clean.feed, count, false);
    await clean.feed.flush();
    await untilCommitted(clean);
    const differences = await compareProjections(server.url, cleanUrl);
    assert.equal(differences.length, 1, differences.join('\n'));
    assert.match(differences[0]!, /^refused_events: /);
  });
}

test('a refused event is written down whole and named in the log, its content is not', async (context) => {
  const venue = await startVenue(context, server);
  const { feed, lines } = venue;
  const account = { accountId: 3, name: SECRET, timeUs: START_US };
  feed.recordListings();
  feed.record(0, AccountCreated, account);
  feed.record(0, AccountCreated, { ...account, accountId: 4, name: 'fine' });
  await feed.flush();
  await untilCommitted(venue);
  const rows = await server.query('select * from refused_events');
  assert.equal(rows.length, 1);
  const { frame, refused_at, ...row } = rows[0]!;
  assert.deepEqual(row, {
    ...{ shard: 0, sequence: '7', event_type: 'AccountCreated', error_code: '22021' },
    error_message: 'invalid byte sequence for encoding "UTF8": 0x00',
  });
  assert.ok(refused_at instanceof Date);
  assert.deepEqual(unpack(frame as Buffer), [83, 7, 0, 3, SECRET, START_US]);
  const names = await server.query('select name from accounts where account_id > 2');
  assert.deepEqual(names, [{ name: 'fine' }]);
  const refusals = lines.filter((line) => line.includes('refuses'));
  assert.deepEqual(refusals, [
    'persistence: the database refuses event 7 of shard 0, AccountCreated, which is left out',
  ]);
  assert.ok(!lines.join().includes('ret'), 'the log quotes what was refused');

  await venue.writer.stop();
  const next = await resumeVenue(context, server, { firstSent: [9] });
  next.feed.recordListings();
  for (const accountId of [3, 4, 5]) {
    next.feed.record(0, AccountCreated, { ...account, accountId, name: 'later' });
  }
  await next.feed.flush();
  await untilCommitted(next);
  assert.equal(next.writer.status().refusedEvents, 1);
});

test('what a refused listing named is projected all the same, also by the next writer', async (context) => {
  const first = await startVenue(context, server);
  const record = (feed: EventFeed): void => {
    feed.recordListings();
    const asset = { assetId: 3, symbol: SECRET, decimals: 4, timeUs: START_US };
    feed.record(0, AssetListed, asset);
    const market = { ...TEST_MARKET, marketId: 2, symbol: SECRET, quoteAssetId: 3 };
    feed.record(0, MarketListed, { ...market, timeUs: START_US });
    const change = { marketId: 2, state: OrderBookState.PostOnly, timeUs: START_US };
    feed.record(0, MarketStateChanged, change);
  };
  const place = (feed: EventFeed, orderId: number): void =>
    feed.record(0, OrderEvent, {
      ...{ accountId: 1, marketId: 2, orderId, side: Side.Ask, kind: OrderEventKind.Accepted },
      ...{ priceTicks: 3, quantityLots: 5, quoteAvailableUnits: 12345, timeUs: START_US },
    });
  record(first.feed);
  place(first.feed, 64);
  await first.feed.flush();
  await untilCommitted(first);
  assert.equal(first.writer.status().refusedEvents, 3);
  await first.writer.stop();

  const firstSent = [first.feed.sequences[0]! + 1];
  const second = await resumeVenue(context, server, { firstSent });
  record(second.feed);
  place(second.feed, 64);
  place(second.feed, 128);
  await second.feed.flush();
  await untilCommitted(second);
  const orders = await server.query(
    'select order_id, price::text, quantity::text from orders order by order_id',
  );
  const amounts = { price: '0.15', quantity: '0.005' };
  assert.deepEqual(orders, [
    { order_id: '64', ...amounts },
    { order_id: '128', ...amounts },
  ]);
  const balances = await server.query('select available::text from balances where asset_id = 3');
  assert.deepEqual(balances, [{ available: '1.2345' }]);
});

test('a constraint that refuses everything stops the projection, and history is not left out', async (context) => {
  const venue = await startVenue(context, server);
  const model = new MarketModel(venue.feed, new Random(5));
  await server.query('alter table trades add constraint nothing check (false) not valid');
  venue.feed.recordListings();
  model.recordTrades(300);
  await venue.feed.flush();
  assert.match(
    await untilFailed(venue),
    /has stopped.*: 23514; trades_2026_01.nothing; too many refusals in a row to leave out events/,
  );
  const [left] = await server.query(`select count(*)::integer as count,
    array_agg(distinct event_type) as types from refused_events`);
  assert.deepEqual(left, { count: 100, types: ['Trade'] });
  assert.deepEqual(await venue.writer.stop(), { drained: false });

  // Without the constraint, the next writer goes on; what was left out stays so.
  await server.query('alter table trades drop constraint nothing');
  const next = await resumeVenue(context, server);
  next.feed.recordListings();
  new MarketModel(next.feed, new Random(5)).recordTrades(300);
  await next.feed.flush();
  await untilCommitted(next);
  const ids = await server.query('select min(trade_id), count(*)::integer from trades');
  assert.deepEqual(ids, [{ min: '101', count: 200 }]);
});

test('a table that is gone stops the projection at once, and the rings keep draining', async (context) => {
  const venue = await startVenue(context, server);
  const { feed, writer, lines } = venue;
  feed.record(0, AccountCreated, { accountId: 1, name: 'fine', timeUs: START_US });
  await feed.flush();
  await untilCommitted(venue);
  await server.query('alter table accounts rename to others');
  feed.record(0, AccountCreated, { accountId: 2, name: 'lost', timeUs: START_US });
  await feed.flush();
  assert.match(
    await untilFailed(venue),
    /projection has stopped.*: 42P01; relation "accounts" does not exist; events behind 1 to 2/,
  );
  assert.equal(lines.length, 1);
  // Several times the ring: this only ends when somebody reads it.
  for (let count = 0; count < 200; count++) {
    for (let accountId = 3; accountId < 1003; accountId++) {
      feed.record(0, AccountCreated, { accountId, name: 'x'.repeat(100), timeUs: START_US });
    }
    await feed.flush();
  }
  assert.deepEqual(await server.query('select name from others'), [{ name: 'fine' }]);
  assert.deepEqual(await server.query('select * from refused_events'), []);
  assert.equal(writer.status().failed, true);
  assert.equal(writer.status().queuedBytes, 0);
  assert.deepEqual(await writer.stop(), { drained: false });
  await resetDatabase(server.url);
});

test('connections cut while refused events are looked for write nothing twice', async (context) => {
  const proxy = await TcpProxy.start(server.port);
  context.after(() => proxy.close());
  const databaseUrl = proxy.through(server.url);
  const venue = await startVenue(context, server, { databaseUrl });
  const random = new Random(23);
  let cuts = 0;
  let bytesLeft = 20_000;
  const pass = (bytes: Buffer): boolean => {
    bytesLeft -= bytes.length;
    if (bytesLeft > 0 || cuts === 40) return true;
    cuts++;
    bytesLeft = 500 + random.below(30_000);
    return false;
  };
  proxy.rules = { toServer: pass, toClient: pass };
  const model = new MarketModel(venue.feed, new Random(29));
  venue.feed.recordListings();
  let poisons = 0;
  for (let round = 0; round < 10; round++) {
    model.recordTrades(60);
    for (let count = random.below(4); count > 0; count--) {
      venue.feed.record(0, AccountCreated, { accountId: 10 + ++poisons, name: SECRET });
    }
    model.recordTrades(60);
    await venue.feed.flush();
    await untilCommitted(venue);
  }
  assert.ok(cuts > 10 && poisons > 5, `${cuts} cuts, ${poisons} refused`);
  assert.equal(venue.writer.status().refusedEvents, poisons);
  const [refused] = await server.query('select count(*)::integer as count from refused_events');
  assert.deepEqual(refused, { count: poisons });
  await assertTablesEqual(server, model);
});
