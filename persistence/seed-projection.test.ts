import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderEventKind, OrderStatus, Permission, Side } from '../engine/protocol/enums.ts';
import {
  AccountCreated,
  ApiKeyCreated,
  ApiKeyRevoked,
  AssetListed,
  MarketListed,
  OrderEvent,
} from '../engine/protocol/events.ts';
import { FrameWriter } from '../engine/protocol/frame-writer.ts';
import type { FieldsOf, Message } from '../engine/protocol/message.ts';
import { readPositions, rebuildProjection } from './history.ts';
import { seedProjection } from './seed-projection.ts';
import { START_US, TEST_MARKET } from './testing/event-feed.ts';
import { useTestServer } from './testing/test-server.ts';
import { resumeVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();
const HISTORY = { shardCount: 2, historyId: 'history-1' };
/** More than one transaction takes. */
const ORDERS = 20_000;
const ORDERS_PER_PIECE = 3_000;
/** Of the last event before the state. */
const SEQUENCE = 1_000_000;
const BEGINS = [
  { sequence: SEQUENCE + 1, timeUs: START_US + 1 },
  { sequence: 1, timeUs: null },
];

/** Frames of events, begun anew whenever a piece is taken. */
class Pieces {
  readonly frames = new FrameWriter();

  say<M extends Message>(message: M, fields: Partial<ReturnType<M['create']>>): void {
    const body = { ...message.create(), ...fields } as FieldsOf<Record<string, 'uint'>>;
    message.encode(this.frames, 0, body);
  }

  listings(symbol = 'USDC'): void {
    this.say(AssetListed, { assetId: 1, symbol: 'BTC', decimals: 8 });
    this.say(AssetListed, { assetId: 2, symbol, decimals: 6 });
    this.say(MarketListed, { ...TEST_MARKET, timeUs: START_US });
    this.say(AccountCreated, { accountId: 2, name: 'two', timeUs: START_US });
    const allowedAddresses = '10.0.0.0/8';
    const key = { accountId: 2, publicKey: 'good', permissions: Permission.Read, allowedAddresses };
    this.say(ApiKeyCreated, key);
    this.say(ApiKeyCreated, { ...key, publicKey: 'revoked', permissions: 0, allowedAddresses: '' });
    this.say(ApiKeyRevoked, { accountId: 2, publicKey: 'revoked', timeUs: START_US + 1 });
  }

  *state(): Generator<FrameWriter> {
    this.listings();
    for (let order = 1; order <= ORDERS; order++) {
      this.say(OrderEvent, orderOf(order));
      if (order % ORDERS_PER_PIECE === 0) yield this.frames;
    }
    yield this.frames;
  }
}

/** As a state tells of it; half of it is executed. */
function orderOf(orderId: number): Partial<ReturnType<typeof OrderEvent.create>> {
  return {
    ...{ kind: OrderEventKind.Snapshot, status: OrderStatus.PartiallyFilled, side: Side.Ask },
    ...{ orderId, accountId: 2, marketId: 1, priceTicks: 100, quantityLots: 10, executedLots: 5 },
    ...{ executedQuoteUnits: 25_000, createdAtUs: START_US, timeUs: START_US + 1 },
    ...{ baseAvailableUnits: 7, baseLockedUnits: orderId },
  };
}

test('a projection that begins with a state goes on from there', async (context) => {
  await rebuildProjection(server.url, HISTORY.historyId, BEGINS);
  const pieces = new Pieces().state();
  const rows = await seedProjection(server.url, HISTORY, [
    { shard: 0, sequence: SEQUENCE, pieces },
  ]);
  // Two assets, one market, one account, two keys and one revoked, two balances as often as there were transactions.
  assert.ok(rows >= ORDERS + 9 && rows <= ORDERS + 13, `${rows} rows`);
  assert.deepEqual(await readPositions(server.url, 2), {
    ...{ historyId: HISTORY.historyId, positions: [SEQUENCE, 0], begins: BEGINS },
  });

  const venue = await resumeVenue(context, server, { ...HISTORY });
  venue.feed.sequences[0] = SEQUENCE;
  const { kind, status } = { kind: OrderEventKind.Fill, status: OrderStatus.Filled };
  venue.feed.record(0, OrderEvent, {
    ...{ ...orderOf(3), kind, status, executedLots: 10, executedQuoteUnits: 50_000 },
    ...{ tradeId: 71, fillPriceTicks: 100, fillLots: 5, timeUs: START_US + 2 },
  });
  await venue.feed.flush();
  await untilCommitted(venue);
  const orders = await server.query(
    `select count(*)::integer as count, status, sum(executed_quantity)::text as executed
      from orders group by status order by status`,
  );
  assert.deepEqual(orders, [
    { count: 1, status: 'Filled', executed: '0.010' },
    { count: ORDERS - 1, status: 'PartiallyFilled', executed: `${(ORDERS - 1) * 0.005}` },
  ]);
  const assets = await server.query('select symbol, listed_at from assets order by asset_id');
  assert.deepEqual(assets, [
    { symbol: 'BTC', listed_at: null },
    { symbol: 'USDC', listed_at: null },
  ]);
  const keys = await server.query(
    `select public_key as key, can_read as reads, created_at is null as old,
      revoked_at is not null as revoked, allowed_addresses as addresses from api_keys order by 1`,
  );
  assert.deepEqual(keys, [
    { key: 'good', reads: true, old: true, revoked: false, addresses: '10.0.0.0/8' },
    { key: 'revoked', reads: false, old: true, revoked: true, addresses: '' },
  ]);
  const balances = await server.query('select available::text, locked::text from balances');
  assert.ok(balances.some(({ locked }) => locked === '0.00000003'));
});

test('a state that is broken off amid is not taken for whole, though some of it is written', async () => {
  await rebuildProjection(server.url, HISTORY.historyId, BEGINS);
  const brokenOff = function* (): Generator<FrameWriter> {
    yield* new Pieces().state();
    throw new Error('the snapshot cannot be read on');
  };
  const seeds = [{ shard: 0, sequence: SEQUENCE, pieces: brokenOff() }];
  await assert.rejects(seedProjection(server.url, HISTORY, seeds), /cannot be read on$/);
  const [written] = await server.query('select count(*)::integer as orders from orders');
  assert.ok(Number(written!.orders) > 0);
  assert.deepEqual((await readPositions(server.url, 2)).positions, [0, 0]);
});

test('a state that the database does not take is not taken for written', async () => {
  await rebuildProjection(server.url, HISTORY.historyId, BEGINS);
  const pieces = new Pieces();
  pieces.listings('BTC');
  const seeds = [{ shard: 0, sequence: SEQUENCE, pieces: [pieces.frames] }];
  await assert.rejects(
    seedProjection(server.url, HISTORY, seeds),
    /^Error: the state of the snapshots was not written: 23505; assets\.assets_symbol_key$/,
  );
  assert.deepEqual((await readPositions(server.url, 2)).positions, [0, 0]);
  assert.deepEqual(await server.query('select * from assets'), []);
});
