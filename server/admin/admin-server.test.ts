import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { after, before, test } from 'node:test';
import { CancelAllOrders, PlaceOrder, StopShard } from '../../engine/protocol/commands.ts';
import { allocateTopology } from '../../engine/ring/topology.ts';
import { ShardCounters } from '../../engine/shard/shard-counters.ts';
import { type ShardPool, startShards } from '../../engine/shard/shard-pool.ts';
import { ApiKeys } from '../auth/api-keys.ts';
import { EngineClient } from '../engine/engine-client.ts';
import type { EngineListener } from '../engine/event-loop.ts';
import type { HttpServer } from '../http/http-server.ts';
import { makeProtections } from '../protection/protections.ts';
import { AccountDirectory } from '../registry/account-directory.ts';
import { type Market, Registry } from '../registry/registry.ts';
import { makeAdminServer } from './admin-server.ts';
import { BAD_BODIES } from './bad-bodies.fixture.ts';
import type { HaltedShard, VenueStatus } from './venue-status.ts';

const SHARDS = 2;
const TOKEN = 'a-token-for-tests';
const silent = { info: () => {}, error: (line: string) => assert.fail(line) };

const accounts = new AccountDirectory();
const apiKeys = new ApiKeys();
const listener: EngineListener = {
  onAssetListed: () => {},
  onMarketListed: () => {},
  onMarketStateChanged: () => {},
  onAccountCreated: ({ accountId, name }) => accounts.add(accountId, name),
  onApiKeyCreated: (event) => apiKeys.add(event),
  onApiKeyRevoked: ({ publicKey }) => apiKeys.revoke(publicKey),
  onAllowedAddressesSet: (event) => apiKeys.setAllowedAddresses(event),
  onFundsMoved: () => {},
  onBalanceChanged: () => {},
  onOrderEvent: () => {},
  onTrade: () => {},
  onBookDelta: () => {},
  onBatchEnd: () => {},
};

const status = {
  isTaking: true,
  haltedShards: [] as HaltedShard[],
  historyBegins: [
    { sequence: 1, timeUs: null },
    { sequence: 41, timeUs: 1_767_225_600_123_456 },
  ],
  shardRestarts: [0, 3],
  database: {
    connected: true,
    failed: false,
    error: null as string | null,
    lagEvents: 0,
    refusedEvents: 2,
    positions: [3, 4],
  },
  redisConnected: null as boolean | null,
  snapshots: {
    failures: 1,
    lastError: 'no room' as string | null,
    shards: [
      { journalPosition: 70, snapshotPosition: 60 },
      { journalPosition: null, snapshotPosition: 0 },
    ],
  },
  ...{ clockBehindSeconds: 0, gatewayLoad: null },
  protections: {
    ...{ latches: [], killedOrders: 4, timers: [], timersFired: 5, timedOutOrders: 6 },
  },
  ringFillBytes: { 'gateway-shard-0': 0 },
  shardCounts: [new ShardCounters(ShardCounters.allocate(1), 0).read(0)],
  threads: [{ thread: 'gateway', cpuSeconds: 1.5, collections: 3, collectionSeconds: 0.25 }],
} satisfies VenueStatus;

const registry = new Registry();
const listed: Market[] = [];
let pool: ShardPool;
let engine: EngineClient;
let server: HttpServer;
let base = '';

before(async () => {
  const topology = allocateTopology(SHARDS);
  pool = startShards(topology);
  engine = new EngineClient(topology, listener);
  engine.start();
  const onMarketListed = (market: Market): number => listed.push(market);
  const known = { registry, accounts, apiKeys };
  const protections = makeProtections(engine, silent);
  server = makeAdminServer({
    engine,
    protections,
    ...known,
    status,
    token: TOKEN,
    log: silent,
    onMarketListed,
  });
  base = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
});

after(async () => {
  server.close();
  for (let shard = 0; shard < SHARDS; shard++) engine.tell(StopShard, {}, shard);
  await Promise.all(pool.stopped);
  await engine.stop();
  await pool.close();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function ask(method: string, path: string, body?: unknown, token = TOKEN): Promise<Answer> {
  const reply = await fetch(base + path, {
    method,
    headers: { Authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

const post = (path: string, body: unknown): Promise<Answer> => ask('POST', path, body);

/** Answers of 200 only. */
async function done(answer: Promise<Answer>): Promise<Record<string, unknown>> {
  const { status, body } = await answer;
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

async function refused(answer: Promise<Answer>, status: number, code: string): Promise<string> {
  const { status: heard, body } = await answer;
  assert.deepEqual([heard, body.code], [status, code], JSON.stringify(body));
  return String(body.message);
}

/** Assets and a market of this test alone, so that tests do not depend on each other. */
async function list(name: string): Promise<Record<string, unknown>> {
  await done(post('/admin/assets', { symbol: `${name}B`, decimals: 4 }));
  await done(post('/admin/assets', { symbol: `${name}Q`, decimals: 6 }));
  return done(post('/admin/markets', listing(name)));
}

const listing = (name: string) => ({
  symbol: `${name}B_${name}Q`,
  baseSymbol: `${name}B`,
  quoteSymbol: `${name}Q`,
  tickSize: '0.01',
  stepSize: '0.1',
  takerFeeBps: 10,
});

async function account(name: string): Promise<number> {
  return (await done(post('/admin/accounts', { name }))).accountId as number;
}

test('without the token nothing but health is told', async () => {
  for (const [method, path] of [
    ['GET', '/admin/audit'],
    ['GET', '/metrics'],
    ['POST', '/admin/assets'],
    ['POST', '/admin/kill'],
  ] as const) {
    await refused(ask(method, path, undefined, 'wrong'), 401, 'UNAUTHORIZED');
    assert.equal((await fetch(base + path, { method })).status, 401);
  }
  assert.equal((await fetch(`${base}/health/live`)).status, 200);
  assert.equal((await fetch(`${base}/health/ready`)).status, 200);
  assert.equal((await fetch(`${base}/admin/nothing`, { method: 'POST' })).status, 404);
});

test('readiness follows the shards and the stop, not database or Redis', async () => {
  const parts = {
    database: { ...status.database, connected: false, error: 'away', lagEvents: 9, positions: [] },
    redisConnected: false,
  };
  const { database } = status;
  Object.assign(status, parts);
  assert.equal((await fetch(`${base}/health/ready`)).status, 200);
  const failure = { code: 'JOURNAL_FAILED', message: 'no space left', quarantineFile: null };
  const halted = [{ shard: 1, ...failure, isReturning: true }];
  Object.assign(status, { haltedShards: halted });
  const unready = await ask('GET', '/health/ready');
  await refused(Promise.resolve(unready), 503, 'NOT_READY');
  const { shards } = unready.body.components as Record<string, unknown>;
  assert.deepEqual(shards, { running: 1, expected: SHARDS, restarts: 3, halted });
  Object.assign(status, { haltedShards: [], isTaking: false });
  await refused(ask('GET', '/health/ready'), 503, 'NOT_READY');
  await refused(post('/admin/accounts', { name: 'late' }), 503, 'SHUTTING_DOWN');
  Object.assign(status, { isTaking: true, redisConnected: null, database });
});

test('the same asset again gets the first answer, with other content it is refused', async () => {
  const asset = { symbol: 'IDEM', decimals: 8, extra: 'ignored' };
  const answers = await Promise.all(Array.from({ length: 10 }, () => post('/admin/assets', asset)));
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.deepEqual(answers[0]!.body, {
    assetId: registry.assetBySymbol('IDEM')!.assetId,
    symbol: 'IDEM',
    decimals: 8,
  });
  await refused(post('/admin/assets', { ...asset, decimals: 9 }), 409, 'ALREADY_EXISTS');
});

test('ids are dense, also when many ask at once', async () => {
  const first = await account('dense');
  const names = Array.from({ length: 20 }, (_, index) => `dense ${index % 10}`);
  const ids = await Promise.all(names.map(account));
  assert.deepEqual(ids.slice(0, 10), ids.slice(10));
  const sorted = ids.slice(0, 10).sort((a, b) => a - b);
  assert.deepEqual(
    sorted,
    sorted.map((_, index) => first + 1 + index),
  );
});

test('a market is answered with its derived limits and its shard, and announced once', async () => {
  const market = await list('M');
  assert.deepEqual(market, {
    marketId: market.marketId,
    symbol: 'MB_MQ',
    baseSymbol: 'MB',
    quoteSymbol: 'MQ',
    tickSize: '0.01',
    stepSize: '0.1',
    minPrice: '0.01',
    maxPrice: '10000',
    minQuantity: '0.1',
    maxQuantity: '100000',
    makerFeeBps: 0,
    takerFeeBps: 10,
    minNotional: '0',
    priceBandBps: 0,
    orderBookState: 'Open',
    shard: Number(market.marketId) % SHARDS,
  });
  assert.deepEqual(await list('M'), market);
  assert.equal(listed.filter(({ symbol }) => symbol === 'MB_MQ').length, 1);
  const other = { ...listing('M'), takerFeeBps: 11 };
  await refused(post('/admin/markets', other), 409, 'ALREADY_EXISTS');
});

test('a market may have a least value and a price band of its orders', async () => {
  const rules = { ...listing('N'), minNotional: '5.5', priceBandBps: 2_500 };
  for (const asset of [rules.baseSymbol, rules.quoteSymbol]) {
    await done(post('/admin/assets', { symbol: asset, decimals: 6 }));
  }
  const market = await done(post('/admin/markets', rules));
  assert.deepEqual([market.minNotional, market.priceBandBps], ['5.5', 2_500]);
  const tooWide = { ...rules, symbol: 'OB_OQ', priceBandBps: 10_001 };
  await refused(post('/admin/markets', tooWide), 400, 'INVALID_CLIENT_REQUEST');
});

test('a market changes its state, and names are checked', async () => {
  await list('S');
  const path = '/admin/markets/SB_SQ/state';
  for (const orderBookState of ['CancelOnly', 'Closed', 'PostOnly', 'Open']) {
    const market = await done(post(path, { orderBookState }));
    assert.equal(market.orderBookState, orderBookState);
  }
  await refused(post(path, { orderBookState: 'open' }), 400, 'INVALID_CLIENT_REQUEST');
  await refused(post(path, { orderBookState: 'toString' }), 400, 'INVALID_CLIENT_REQUEST');
  const unknown = post('/admin/markets/NO_NO/state', { orderBookState: 'Open' });
  await refused(unknown, 404, 'RESOURCE_NOT_FOUND');
});

test('a key pair made by the venue works with Ed25519, and its secret is shown once', async () => {
  const accountId = await account('pair');
  const keys = `/admin/accounts/${accountId}/keys`;
  const { apiKey, secret } = await done(ask('POST', keys));
  assert.equal(Buffer.from(String(secret), 'base64').length, 32);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: toUrl(apiKey), d: toUrl(secret) };
  const derived = createPublicKey(createPrivateKey({ key: jwk, format: 'jwk' }));
  assert.equal(derived.export({ format: 'jwk' }).x, jwk.x);
  assert.deepEqual(await done(post(keys, { publicKey: apiKey })), { apiKey });
});

function toUrl(base64: unknown): string {
  return Buffer.from(String(base64), 'base64').toString('base64url');
}

test('a given key belongs to one account, and once revoked stays revoked', async () => {
  const publicKey = Buffer.alloc(32, 7).toString('base64');
  const [mine, other] = [await account('key owner'), await account('key thief')];
  const request = { publicKey, permissions: ['read'] };
  assert.deepEqual(await done(post(`/admin/accounts/${mine}/keys`, request)), {
    apiKey: publicKey,
  });
  assert.deepEqual(await done(post(`/admin/accounts/${mine}/keys`, request)), {
    apiKey: publicKey,
  });
  await refused(post(`/admin/accounts/${other}/keys`, request), 409, 'ALREADY_EXISTS');
  await refused(post(`/admin/accounts/${mine}/keys`, { publicKey }), 409, 'ALREADY_EXISTS');
  const revoke = `/admin/keys?apiKey=${encodeURIComponent(publicKey)}`;
  assert.deepEqual(await done(ask('DELETE', revoke)), { apiKey: publicKey });
  assert.deepEqual(await done(ask('DELETE', revoke)), { apiKey: publicKey });
  await refused(post(`/admin/accounts/${mine}/keys`, request), 409, 'ALREADY_EXISTS');
  await refused(ask('DELETE', '/admin/keys?apiKey=AAAA'), 404, 'RESOURCE_NOT_FOUND');
  await refused(ask('DELETE', '/admin/keys'), 400, 'INVALID_CLIENT_REQUEST');
});

test('a transfer moves money once, and never more than there is', async () => {
  await list('T');
  const accountId = await account('saver');
  const deposits = `/admin/accounts/${accountId}/deposits`;
  const withdrawals = `/admin/accounts/${accountId}/withdrawals`;
  const deposit = { id: 'd1', asset: 'TQ', quantity: '100.5' };
  const both = await Promise.all([post(deposits, deposit), post(deposits, deposit)]);
  for (const { body } of both) {
    assert.deepEqual(body, { asset: 'TQ', available: '100.5', locked: '0' });
  }
  await refused(post(deposits, { ...deposit, quantity: '100' }), 409, 'ALREADY_EXISTS');
  await refused(post(deposits, { ...deposit, asset: 'TB' }), 409, 'ALREADY_EXISTS');
  const tooMuch = { id: 'w1', asset: 'TQ', quantity: '100.500001' };
  await refused(post(withdrawals, tooMuch), 400, 'INSUFFICIENT_FUNDS');
  const withdrawal = { id: 'd1', asset: 'TQ', quantity: '0.5' };
  const balance = { asset: 'TQ', available: '100', locked: '0' };
  assert.deepEqual(await done(post(withdrawals, withdrawal)), balance);
  const late = await done(post(deposits, deposit));
  assert.equal(late.available, '100.5', 'a repeated deposit hears its first answer');
});

for (const [path, body, message] of BAD_BODIES) {
  test(`${path} refuses ${JSON.stringify(body).slice(0, 60)} by name`, async () => {
    await account('somebody');
    const { status, body: answer } = await post(path, body);
    assert.equal(status, 400);
    assert.match(String(answer.message), message);
  });
}

test('amounts that are no amounts are refused and move nothing', async () => {
  await list('A');
  const deposits = `/admin/accounts/${await account('amounts')}/deposits`;
  for (const quantity of ['0', '-1', '1e3', 'NaN', '0.0000001', '9999999999999999999', '1,5']) {
    const bad = post(deposits, { id: 'x', asset: 'AQ', quantity });
    assert.match(await refused(bad, 400, 'INVALID_CLIENT_REQUEST'), /quantity must be/);
  }
  await refused(post(deposits, { id: 'x', asset: 'NONE', quantity: '1' }), 400, 'INVALID_ASSET');
  // What can be counted at all is shared out to the shards.
  const max = { id: 'max', asset: 'AQ', quantity: '4503599627.370495' };
  assert.equal((await done(post(deposits, max))).available, max.quantity);
  const more = { id: 'more', asset: 'AQ', quantity: '0.000001' };
  await refused(post(deposits, more), 400, 'INVALID_RANGE');
  for (const id of ['0', '999999', 'x', '1e2']) {
    const nobody = post(`/admin/accounts/${id}/deposits`, max);
    await refused(nobody, 404, 'RESOURCE_NOT_FOUND');
  }
});

/** A limit order of one account, straight to the engine; answers when it is answered. */
function place(accountId: number, symbol: string, side: number, price: number, lots: number) {
  const market = registry.marketBySymbol(symbol)!;
  const body = { ...PlaceOrder.create(), accountId, marketId: market.marketId, side };
  return new Promise<void>((resolve, reject) => {
    const sent = engine.sendOrder(
      PlaceOrder,
      { ...body, priceTicks: price, quantityLots: lots },
      { answered: () => resolve(), refused: (code) => reject(new Error(`refused: ${code}`)) },
    );
    assert.ok(sent);
  });
}

interface AuditedAsset {
  readonly asset: string;
  readonly balanced: boolean;
}

test('the audit adds up over shards while orders rest and trade', async () => {
  await list('U');
  const symbol = 'UB_UQ';
  const [buyer, seller] = [await account('audit buyer'), await account('audit seller')];
  const funds = { id: '1', asset: 'UQ', quantity: '1000' };
  await done(post(`/admin/accounts/${buyer}/deposits`, funds));
  const stock = { id: '1', asset: 'UB', quantity: '50' };
  await done(post(`/admin/accounts/${seller}/deposits`, stock));
  await place(seller, symbol, 1, 1000, 100);
  await place(buyer, symbol, 0, 1000, 40);
  await place(buyer, symbol, 0, 900, 10);
  const { balanced, quiescent, assets } = await done(ask('GET', '/admin/audit'));
  assert.deepEqual([balanced, quiescent], [true, true]);
  const lines = (assets as AuditedAsset[]).filter(({ asset }) => asset.startsWith('U'));
  assert.deepEqual(lines, [
    {
      asset: 'UB',
      available: '44',
      locked: '6',
      fees: '0',
      inFlight: '0',
      deposits: '50',
      withdrawals: '0',
      balanced: true,
    },
    {
      asset: 'UQ',
      available: '990.951',
      locked: '9.009',
      fees: '0.04',
      inFlight: '0',
      deposits: '1000',
      withdrawals: '0',
      balanced: true,
    },
  ]);
  const all = { ...CancelAllOrders.create(), marketId: 0 };
  for (const accountId of [buyer, seller]) {
    await engine.request(CancelAllOrders, { ...all, accountId }, accountId % SHARDS, true);
  }
});

test('the state shows every shard and market, and moves with the book', async () => {
  await list('V');
  const stateOf = async () => {
    const state = await done(ask('GET', '/admin/state'));
    const markets = state.markets as {
      symbol: string;
      updateId: number;
      marketHash: string;
      bookHash: string;
    }[];
    const shards = state.shards as {
      shard: number;
      openOrders: number;
      stateHash: string;
      historyBegins: number;
      historyBeginsAt: string | null;
    }[];
    return { market: markets.find(({ symbol }) => symbol === 'VB_VQ')!, shards };
  };
  const empty = await stateOf();
  assert.deepEqual(
    empty.shards.map(({ shard, historyBegins, historyBeginsAt }) => {
      return [shard, historyBegins, historyBeginsAt];
    }),
    [
      [0, 1, null],
      [1, 41, '2026-01-01T00:00:00.123Z'],
    ],
  );
  const accountId = await account('state');
  const funds = { id: '1', asset: 'VQ', quantity: '10' };
  await done(post(`/admin/accounts/${accountId}/deposits`, funds));
  await place(accountId, 'VB_VQ', 0, 100, 10);
  const later = await stateOf();
  assert.equal(later.market.updateId, empty.market.updateId + 1);
  assert.notEqual(later.market.bookHash, empty.market.bookHash);
  assert.notEqual(later.market.marketHash, empty.market.marketHash);
  const home = accountId % SHARDS;
  assert.equal(later.shards[home]!.openOrders, empty.shards[home]!.openOrders + 1);
  assert.notEqual(later.shards[home]!.stateHash, empty.shards[home]!.stateHash);
});

test('a match within an account is prevented, and counted', async () => {
  await list('P');
  const trader = await account('trades with himself');
  for (const asset of ['PB', 'PQ']) {
    await done(post(`/admin/accounts/${trader}/deposits`, { id: asset, asset, quantity: '1000' }));
  }
  const before = engine.preventedMatchCount;
  await place(trader, 'PB_PQ', 1, 1000, 5);
  await place(trader, 'PB_PQ', 0, 1000, 5);
  assert.equal(engine.preventedMatchCount, before + 1);
  const reply = await fetch(`${base}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } });
  const lines = (await reply.text()).split('\n');
  assert.ok(lines.includes(`ringside_prevented_matches_total ${before + 1}`));
});

test('metrics are Prometheus text', async () => {
  const reply = await fetch(`${base}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } });
  const lines = (await reply.text()).trimEnd().split('\n');
  for (const line of lines) {
    assert.match(
      line,
      /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]+"(,le="[^"]+")?\})? [\d.e+-]+)$/,
    );
  }
  assert.ok(lines.includes('ringside_shards_running 2'));
  assert.ok(lines.includes('ringside_database_position{shard="1"} 4'));
  assert.ok(lines.includes('ringside_refused_events 2'));
  assert.ok(lines.includes('ringside_snapshot_failures_total 1'));
  assert.ok(lines.includes('ringside_journal_position{shard="0"} 70'));
  assert.ok(lines.includes('ringside_snapshot_position{shard="0"} 60'));
  assert.ok(lines.includes('ringside_journal_sync_seconds_bucket{shard="0",le="+Inf"} 0'));
  assert.ok(lines.includes('ringside_thread_cpu_seconds_total{thread="gateway"} 1.5'));
  assert.ok(lines.includes('ringside_thread_gc_seconds_total{thread="gateway"} 0.25'));
});
