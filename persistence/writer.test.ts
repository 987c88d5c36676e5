import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  ExpiryReason,
  OrderBookState,
  OrderEventKind,
  OrderStatus,
  OrderType,
  Permission,
  SelfTradePrevention,
  Side,
  TimeInForce,
  TransferKind,
} from '../engine/protocol/enums.ts';
import {
  AccountCreated,
  AllowedAddressesSet,
  ApiKeyCreated,
  ApiKeyRevoked,
  AssetListed,
  BalanceChanged,
  FundsMoved,
  MarketListed,
  MarketStateChanged,
  MatchPrevented,
  OrderEvent,
  Trade,
} from '../engine/protocol/events.ts';
import { RejectCode } from '../engine/protocol/reject-codes.ts';
import { START_US, TEST_MARKET } from './testing/event-feed.ts';
import { MarketModel } from './testing/market-model.ts';
import { Random } from './testing/random.ts';
import { useTestServer } from './testing/test-server.ts';
import { until } from './testing/until.ts';
import { assertTablesEqual, startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();

test('every recorded event ends up as the exact rows that it says', async (context) => {
  const venue = await startVenue(context, server);
  const { feed } = venue;
  feed.recordListings();
  const timeUs = START_US + 1_234_567;
  feed.record(0, FundsMoved, {
    kind: TransferKind.Deposit,
    accountId: 1,
    transferId: 'd-1',
    assetId: 1,
    amountUnits: Number.MAX_SAFE_INTEGER,
    availableUnits: Number.MAX_SAFE_INTEGER,
    timeUs,
  });
  const key = { accountId: 2, publicKey: 'key=', permissions: Permission.Trade, timeUs };
  feed.record(0, ApiKeyCreated, key);
  const allowedAddresses = '10.0.0.0/8';
  const old = { ...key, publicKey: 'old=', permissions: Permission.Read, allowedAddresses };
  feed.record(0, ApiKeyCreated, old);
  feed.record(0, ApiKeyCreated, { ...key, publicKey: 'later=', allowedAddresses });
  feed.record(0, ApiKeyCreated, { ...key, publicKey: 'at once=', allowedAddresses });
  const moved = { accountId: 2, allowedAddresses: '192.0.2.0/24,2001:db8::/32', timeUs };
  feed.record(0, AllowedAddressesSet, { ...moved, publicKey: 'at once=' });
  feed.record(0, MarketStateChanged, { marketId: 1, state: OrderBookState.PostOnly, timeUs });
  const order = {
    kind: OrderEventKind.Accepted,
    accountId: 2,
    marketId: 1,
    orderId: 64,
    clientId: 4_294_967_295,
    side: Side.Ask,
    priceTicks: 374_123,
    quantityLots: 2500,
    postOnly: true,
    createdAtUs: timeUs,
    timeUs,
    baseLockedUnits: 250_000_000,
    quoteAvailableUnits: 1,
  };
  feed.record(0, OrderEvent, order);
  await feed.flush();
  await untilCommitted(venue);

  feed.record(0, ApiKeyRevoked, { accountId: 2, publicKey: 'old=', timeUs: timeUs + 1 });
  feed.record(0, AllowedAddressesSet, { ...moved, publicKey: 'later=' });
  const fill = { tradeId: 9, fillPriceTicks: 374_123, fillLots: 500, feeUnits: 7483 };
  feed.record(0, OrderEvent, {
    ...order,
    ...fill,
    kind: OrderEventKind.Fill,
    status: OrderStatus.PartiallyFilled,
    executedLots: 500,
    executedQuoteUnits: 9_353_075_000,
    isMaker: true,
    timeUs: timeUs + 2,
    baseLockedUnits: 200_000_000,
    quoteAvailableUnits: 9_353_067_518,
  });
  feed.record(0, OrderEvent, {
    kind: OrderEventKind.Expired,
    accountId: 1,
    marketId: 1,
    orderId: 128,
    orderType: OrderType.Market,
    timeInForce: TimeInForce.IOC,
    selfTradePrevention: SelfTradePrevention.RejectBoth,
    status: OrderStatus.Expired,
    expiryReason: ExpiryReason.InsufficientLiquidity,
    priceTicks: 400_000,
    quoteBudgetUnits: 20_000_000_001,
    createdAtUs: timeUs,
    timeUs: timeUs + 4,
    baseAvailableUnits: 50_000_000,
  });
  feed.record(0, Trade, {
    marketId: 1,
    tradeId: 9,
    priceTicks: 374_123,
    quantityLots: 500,
    takerSide: Side.Bid,
    makerOrderId: 64,
    takerOrderId: 128,
    timeUs: timeUs + 2,
  });
  feed.record(0, MatchPrevented, {
    ...{ marketId: 1, accountId: 2, makerOrderId: 64, takerOrderId: 192, takerSide: Side.Bid },
    mode: SelfTradePrevention.RejectTaker,
    ...{ priceTicks: 374_123, quantityLots: 2_000, timeUs: timeUs + 4 },
  });
  const refund = { accountId: 1, assetId: 2, availableUnits: 7, lockedUnits: 1 };
  feed.record(0, BalanceChanged, { ...refund, timeUs: timeUs + 5 });
  await feed.flush();
  await untilCommitted(venue);

  const rowsOf = async (table: string, columns: string, order: string) => {
    const rows = await server.query(`select ${columns} from ${table} order by ${order}`);
    return rows.map((row) =>
      Object.values(row)
        .map((value) => (value === null ? '-' : value))
        .join(' '),
    );
  };
  const time = (offsetUs: number) => `2026-01-01 00:00:01.${234_567 + offsetUs}+00`;
  assert.deepEqual(await rowsOf('assets', '*', 'asset_id').then((rows) => rows.length), 2);
  assert.deepEqual(
    await rowsOf('markets', 'symbol, tick_size, step_size, max_price, max_quantity, state', '1'),
    ['BTC_USDC 0.05 0.001 50000.00 100000.000 PostOnly'],
  );
  const transferColumns = `account_id, transfer_number, kind, transfer_id, amount::text, client_id,
    blockchain, address`;
  assert.deepEqual(await rowsOf('transfers', transferColumns, '1, 2'), [
    '1 1 Deposit d-1 90071992.54740991 - - -',
  ]);
  assert.deepEqual(
    await rowsOf(
      'api_keys',
      'public_key, can_read, can_trade, revoked_at::text, allowed_addresses',
      'public_key collate "C"',
    ),
    [
      'at once= false true - 192.0.2.0/24,2001:db8::/32',
      'key= false true - ',
      'later= false true - 192.0.2.0/24,2001:db8::/32',
      `old= true false ${time(1)} 10.0.0.0/8`,
    ],
  );
  const columns = `order_id, client_id, side, order_type, time_in_force, post_only,
    self_trade_prevention, status, expiry_reason, price, quantity, quote_quantity,
    executed_quantity, executed_quote_quantity, updated_at::text`;
  assert.deepEqual(await rowsOf('orders', columns, 'order_id'), [
    `64 4294967295 Ask Limit GTC true RejectTaker PartiallyFilled - 18706.15 2.500 - 0.500 9353.075000 ${time(2)}`,
    `128 - Bid Market IOC false RejectBoth Expired InsufficientLiquidity - - 20000.000001 0.000 0.000000 ${time(4)}`,
  ]);
  assert.deepEqual(
    await rowsOf(
      'fills',
      'trade_id, order_id, account_id, side, price, quantity, quote_quantity, fee, fee_asset_id, is_maker',
      '1',
    ),
    ['9 64 2 Ask 18706.15 0.500 9353.075000 0.007483 2 true'],
  );
  assert.deepEqual(
    await rowsOf(
      'trades',
      'trade_id, price, quantity, quote_quantity, taker_side, traded_at::text',
      '1',
    ),
    [`9 18706.15 0.500 9353.075000 Bid ${time(2)}`],
  );
  assert.deepEqual(await rowsOf('prevented_matches', '*, prevented_at::text', '1'), [
    `1 64 192 2 Bid RejectTaker 18706.15 2.000 ${time(4)}`,
  ]);
  assert.deepEqual(await rowsOf('balances', 'account_id, asset_id, available, locked', '1, 2'), [
    '1 1 0.50000000 0.00000000',
    '1 2 0.000007 0.000001',
    '2 1 0.00000000 2.00000000',
    '2 2 9353.067518 0.000000',
  ]);
  const positions = await server.query('select shard, sequence from projection_positions');
  assert.deepEqual(positions, [{ shard: 0, sequence: String(feed.sequences[0]) }]);
});

test('a stop order is one row from its placing on, in one batch or in several', async (context) => {
  const venue = await startVenue(context, server);
  const { feed } = venue;
  feed.recordListings();
  const timeUs = START_US + 1_000_000;
  const stop = {
    ...{ accountId: 2, marketId: 1, priceTicks: 1_000, quantityLots: 2_500, createdAtUs: timeUs },
    ...{ triggerPriceTicks: 990, timeUs },
  };
  const { TriggerPlaced, Accepted, TriggerFailed } = OrderEventKind;
  const placed = { ...stop, kind: TriggerPlaced, status: OrderStatus.TriggerPending };
  const fired = { ...stop, triggeredAtUs: timeUs + 7, timeUs: timeUs + 7 };
  const taken = { ...fired, kind: Accepted, status: OrderStatus.New };
  for (const orderId of [64, 128]) feed.record(0, OrderEvent, { ...placed, orderId });
  feed.record(0, OrderEvent, { ...taken, orderId: 128 });
  feed.record(0, OrderEvent, { ...placed, orderId: 192 });
  await feed.flush();
  await untilCommitted(venue);
  feed.record(0, OrderEvent, { ...taken, orderId: 64 });
  const why = { rejectCode: RejectCode.FillOrKillUnfillable };
  const failed = { kind: TriggerFailed, status: OrderStatus.TriggerFailed, ...why };
  feed.record(0, OrderEvent, { ...fired, ...failed, orderId: 192 });
  feed.record(0, OrderEvent, { ...placed, orderId: 256 });
  await feed.flush();
  await untilCommitted(venue);
  const rows = await server.query(`select order_id, status, price::text, trigger_price::text,
    triggered_at::text, reject_reason from orders order by order_id`);
  const at = '2026-01-01 00:00:01.000007+00';
  assert.deepEqual(
    rows.map((row) => Object.values(row)),
    [
      ['64', 'New', '50.00', '49.50', at, null],
      ['128', 'New', '50.00', '49.50', at, null],
      ['192', 'TriggerFailed', '50.00', '49.50', at, 'FillOrKillUnfillable'],
      ['256', 'TriggerPending', '50.00', '49.50', null, null],
    ],
  );
  const rules = await server.query('select min_notional::text, price_band_bps from markets');
  assert.deepEqual(rules, [{ min_notional: '5.500000', price_band_bps: 2_500 }]);
});

test('candles in the table equal a naive computation over random trades', async (context) => {
  const venue = await startVenue(context, server);
  const model = new MarketModel(venue.feed, new Random(21));
  venue.feed.recordListings();
  for (let round = 0; round < 20; round++) {
    model.recordTrades(60);
    await venue.feed.flush();
    if (round % 4 === 0) await untilCommitted(venue);
  }
  await untilCommitted(venue);
  await assertTablesEqual(server, model);
});

test('a shard whose market is not listed yet waits for the other shard’s listing', async (context) => {
  const venue = await startVenue(context, server, { shardCount: 2 });
  const { feed, writer } = venue;
  const timeUs = START_US;
  feed.record(1, AccountCreated, { accountId: 1, name: 'early', timeUs });
  feed.record(1, FundsMoved, { accountId: 1, transferId: 'd', assetId: 2, amountUnits: 5, timeUs });
  feed.record(1, MarketListed, { ...TEST_MARKET, timeUs });
  feed.record(1, OrderEvent, { accountId: 1, marketId: 1, orderId: 65, priceTicks: 1, timeUs });
  await feed.flush();
  await until('the account is written', () => writer.status().committedSequences[1] === 1);
  assert.equal(writer.status().lagEvents, 3);
  feed.record(0, AssetListed, { assetId: 2, symbol: 'USDC', decimals: 6, timeUs });
  await feed.flush();
  await until('the deposit is written', () => writer.status().committedSequences[1] === 2);
  feed.record(0, AssetListed, { assetId: 1, symbol: 'BTC', decimals: 8, timeUs });
  await feed.flush();
  await untilCommitted(venue);
  assert.equal(writer.status().lagEvents, 0);
  assert.deepEqual(await server.query('select order_id from orders'), [{ order_id: '65' }]);
});

test('events that are projected already are not written again by the next writer', async (context) => {
  const first = await startVenue(context, server);
  const model = new MarketModel(first.feed, new Random(5));
  first.feed.recordListings();
  model.recordTrades(50);
  await first.feed.flush();
  assert.deepEqual(await first.writer.stop(), { drained: true });

  // The same stream once more and some events beyond it, as a replay would send them.
  const { startWriter } = await import('./writer-client.ts');
  const { allocateTopology } = await import('../engine/ring/topology.ts');
  const { EventFeed } = await import('./testing/event-feed.ts');
  const topology = allocateTopology(1);
  const feed = new EventFeed(topology);
  const writer = await startWriter({ topology, databaseUrl: server.url, dataDir: server.dataDir });
  context.after(() => writer.stop(0));
  const again = new MarketModel(feed, new Random(5));
  feed.recordListings();
  again.recordTrades(80);
  await feed.flush();
  assert.deepEqual(await writer.stop(), { drained: true });
  await assertTablesEqual(server, again);
});

test('a writer that is held takes all there is and leaves the database alone until its release', async (context) => {
  const memoryBudgetBytes = 2 ** 18;
  const untouched = async (): Promise<void> => {
    assert.deepEqual(await server.query('select * from projection_positions'), []);
    assert.deepEqual(await server.query('select * from accounts'), []);
  };
  const options = { memoryBudgetBytes, isHeld: true };
  const venue = await startVenue(context, server, options);
  const { feed, writer } = venue;
  const model = new MarketModel(feed, new Random(9));
  feed.recordListings();
  // More than its ring and its memory have room for.
  model.recordTrades(8000);
  await feed.flush();
  await until('the ring is empty', () => writer.status().lagEvents === feed.sequences[0]);
  const { queuedBytes, spooledBytes } = writer.status();
  assert.ok(spooledBytes > memoryBudgetBytes, 'the spool was not used');
  assert.ok(queuedBytes - spooledBytes < 2 * memoryBudgetBytes, 'memory is beyond its budget');
  await untouched();
  writer.release();
  await untilCommitted(venue);
  await assertTablesEqual(server, model);
  await writer.stop();

  const never = await startVenue(context, server, options);
  never.feed.recordListings();
  await never.feed.flush();
  assert.deepEqual(await never.writer.stop(), { drained: true });
  await untouched();
  assert.deepEqual(readdirSync(join(server.dataDir, 'spool')), []);
});

test('stop writes what the rings hold, and leaves no spool behind', async (context) => {
  const { feed, writer } = await startVenue(context, server, { memoryBudgetBytes: 2 ** 18 });
  const model = new MarketModel(feed, new Random(8));
  feed.recordListings();
  model.recordTrades(4000);
  await feed.flush();
  assert.deepEqual(await writer.stop(), { drained: true });
  await assertTablesEqual(server, model);
  assert.deepEqual(readdirSync(join(server.dataDir, 'spool')), []);
});
