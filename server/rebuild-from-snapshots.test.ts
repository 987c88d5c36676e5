import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { differingTables, digestProjection } from '../persistence/testing/compare-projections.ts';
import { TestServer } from '../persistence/testing/test-server.ts';
import { until } from '../persistence/testing/until.ts';
import { type Json, VenueClient } from './venue-client.fixture.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';

const SHARDS = [0, 1];
/** Makes and deletes as much as it can, or nothing at all. */
const BUSY = { RINGSIDE_SNAPSHOT_INPUTS: '40', RINGSIDE_SEGMENT_BYTES: '4096' };
const STILL = { RINGSIDE_SNAPSHOT_INPUTS: '0' };
const ASSETS = ['AAA', 'BBB', 'USD'];
/** One on each shard. */
const SYMBOLS = ['AAA_USD', 'BBB_USD'];
const ORDERS_AT_A_TIME = 8;
const CUT_TIMEOUT_MS = 120_000;

const postgres = new TestServer();
before(() => postgres.start());
after(() => postgres.remove());

/** A venue through its lives, with one trader on each shard. */
class TradingVenue {
  readonly settings: Readonly<Record<string, string>>;
  readonly #lives: VenueUnderTest[] = [];
  ready: Json = {};
  buyer!: VenueClient;
  seller!: VenueClient;

  constructor() {
    this.settings = { DATABASE_URL: postgres.url, RINGSIDE_SHARDS: String(SHARDS.length) };
  }

  get process(): VenueUnderTest {
    return this.#lives.at(-1)!;
  }

  /** Another process in the venue's data dir. */
  run(settings: Readonly<Record<string, string>>, entry?: string): VenueUnderTest {
    const [first] = this.#lives;
    const dataDir = first === undefined ? {} : { RINGSIDE_DATA_DIR: first.dataDir };
    const process = new VenueUnderTest({ ...this.settings, ...dataDir, ...settings }, entry);
    this.#lives.push(process);
    return process;
  }

  async start(settings: Readonly<Record<string, string>>): Promise<void> {
    this.ready = await this.run(settings).ready();
    const [first] = this.#lives as [VenueUnderTest];
    const client = () => new VenueClient(first, this.ready);
    this.buyer = this.buyer?.at(this.ready) ?? client();
    this.seller = this.seller?.at(this.ready) ?? client();
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.process.child.kill(signal);
    await this.process.ended;
  }

  async rebuild(argument = ''): Promise<Awaited<VenueUnderTest['ended']>> {
    return this.run({}, `rebuild-projection ${argument}`.trim()).ended;
  }

  /** First inputs that the shards' journals still have. */
  firstInputs(): number[] {
    return SHARDS.map((shard) => {
      const names = readdirSync(join(this.#lives[0]!.dataDir, 'journal', `shard-${shard}`));
      const inputs = names
        .filter((name) => name.endsWith('.journal'))
        .map((name) => Number.parseInt(name, 10));
      return Math.min(...inputs);
    });
  }

  async get(path: string): Promise<Json> {
    const body = (await (await fetch(`${this.ready.url}${path}`)).json()) as Json;
    delete body.timestamp;
    return body;
  }

  /** When all is in the tables: what the venue answers of its present. */
  async present(): Promise<Json> {
    await until('the projection has caught up', async () => {
      const { shards } = await this.buyer.admin('GET', '/admin/state');
      return (shards as Json[]).every((shard) => shard.projectionPosition === shard.sequence);
    });
    const { shards, markets } = await this.buyer.admin('GET', '/admin/state');
    const { assets, balanced } = await this.buyer.admin('GET', '/admin/audit');
    assert.equal(balanced, true);
    const own = async (trader: VenueClient) => [
      (await trader.signed('GET', '/api/v1/orders', 'orderQueryAll')).body,
      (await trader.signed('GET', '/api/v1/capital', 'balanceQuery')).body,
    ];
    return {
      audit: assets,
      openOrders: (shards as Json[]).map(({ openOrders }) => openOrders),
      // Heartbeats of a quiet book move its update id.
      markets: (markets as Json[]).map(({ symbol, bookHash, triggerHash, lastPrice }) => {
        return { symbol, bookHash, triggerHash, lastPrice };
      }),
      listings: await this.get('/api/v1/markets'),
      buyer: await own(this.buyer),
      seller: await own(this.seller),
    };
  }

  async historyBegins(): Promise<number[]> {
    const { shards } = await this.buyer.admin('GET', '/admin/state');
    return (shards as Json[]).map(({ historyBegins }) => Number(historyBegins));
  }

  async cleanUp(): Promise<void> {
    for (const life of this.#lives.reverse()) await life.cleanUp();
  }
}

async function placed(
  trader: VenueClient,
  order: Readonly<Record<string, string | number>>,
): Promise<Json> {
  const { status, body } = await trader.place({ orderType: 'Limit', ...order });
  assert.ok(status === 200 || status === 202, JSON.stringify(body));
  return body;
}

/** Orders of before most of the trading, by what becomes of them. */
interface OldOrders {
  readonly partlyFilled: string;
  readonly toBeCancelled: string;
}

async function list({ buyer }: TradingVenue): Promise<void> {
  for (const symbol of ASSETS) await buyer.admin('POST', '/admin/assets', { symbol, decimals: 4 });
  for (const symbol of [...SYMBOLS, 'BBB_AAA']) {
    const [baseSymbol, quoteSymbol] = symbol.split('_');
    const sizes = { tickSize: '0.01', stepSize: '1' };
    await buyer.admin('POST', '/admin/markets', { symbol, baseSymbol, quoteSymbol, ...sizes });
  }
}

/** Listings of every kind, money in and out, and orders that stay open for long. */
async function setUp(venue: TradingVenue): Promise<OldOrders> {
  const { buyer, seller } = venue;
  await list(venue);
  await buyer.admin('POST', '/admin/markets/BBB_AAA/state', { orderBookState: 'CancelOnly' });
  const path = await buyer.beTrader('buyer', ASSETS);
  await seller.beTrader('seller', ASSETS);
  for (const asset of ASSETS) {
    const more = { id: 'more', asset, quantity: '100000' };
    if (asset === 'USD') await buyer.admin('POST', `${path}/deposits`, more);
  }
  const withdrawal = { id: 'out', asset: 'BBB', quantity: '1.5' };
  await buyer.admin('POST', `${path}/withdrawals`, withdrawal);
  const { apiKey } = await buyer.admin('POST', `${path}/keys`, {});
  await buyer.admin('DELETE', `/admin/keys?apiKey=${encodeURIComponent(String(apiKey))}`);

  const market = { symbol: 'AAA_USD' };
  const ask = { ...market, side: 'Ask', price: '50', quantity: '10', clientId: 7 };
  const partlyFilled = await placed(seller, ask);
  await placed(buyer, { ...market, side: 'Bid', price: '50', quantity: '3' });
  const bid = { ...market, side: 'Bid', price: '1', quantity: '5' };
  const toBeCancelled = await placed(buyer, bid);
  const stop = { triggerPrice: '2', triggerQuantity: '4', price: '2' };
  await placed(seller, { ...market, side: 'Ask', ...stop });
  return { partlyFilled: String(partlyFilled.id), toBeCancelled: String(toBeCancelled.id) };
}

/** A few orders that trade with each other. */
async function trade({ buyer, seller }: TradingVenue, symbols = SYMBOLS): Promise<void> {
  await Promise.all(
    Array.from({ length: ORDERS_AT_A_TIME }, async (_, index) => {
      const order = { symbol: symbols[index % symbols.length]!, price: '20', quantity: '1' };
      await placed(seller, { ...order, side: 'Ask' });
      await placed(buyer, { ...order, side: 'Bid' });
    }),
  );
}

/** Until the venue is gone. */
async function tradeOn(venue: TradingVenue): Promise<never> {
  for (;;) await trade(venue);
}

/**
 * What the tables have of the present, without the times that snapshots do not know: the last change of a row, and
 * when an asset was listed, a key created or revoked.
 */
const PRESENT = {
  assets: 'select asset_id, symbol, decimals from assets',
  markets: `select to_jsonb(market) - 'updated_at' as row from markets as market`,
  accounts: 'select * from accounts',
  keys: `select public_key, account_id, revoked_at is null as is_good,
    revoked_at is null and can_read as reads, revoked_at is null and can_trade as trades from api_keys`,
  balances: 'select account_id, asset_id, available, locked from balances',
  transfers: 'select * from transfers',
  orders: `select to_jsonb(open) - 'updated_at' as row from orders as open
    where status in ('New', 'PartiallyFilled', 'TriggerPending')`,
};

async function presentTables(): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const [name, sql] of Object.entries(PRESENT)) {
    tables[name] = (await postgres.query(sql)).map((row) => JSON.stringify(row)).sort();
  }
  return tables;
}

/** The rows that say what happened. */
async function pastRows(): Promise<{ trades: Json[]; fills: Json[] }> {
  const trades = await postgres.query('select * from trades order by market_id, trade_id');
  const fills = await postgres.query('select * from fills order by market_id, trade_id, order_id');
  return { trades, fills };
}

async function tradeUntilCut(
  venue: TradingVenue,
  shards: readonly number[],
  symbols = SYMBOLS,
): Promise<void> {
  const areCut = async (): Promise<boolean> => {
    await trade(venue, symbols);
    const inputs = venue.firstInputs();
    return shards.every((shard) => inputs[shard]! > 100);
  };
  await until('the first segments are gone', areCut, CUT_TIMEOUT_MS);
}

async function refused(venue: TradingVenue, argument: string, message: RegExp): Promise<void> {
  const { exitCode, stdout, stderr } = await venue.rebuild(argument);
  assert.deepEqual([exitCode, stdout], [1, '']);
  assert.match(stderr, message);
}

async function theWayBack(context: TestContext, signal: NodeJS.Signals): Promise<void> {
  const venue = new TradingVenue();
  context.after(() => venue.cleanUp());
  await venue.start(BUSY);
  const old = await setUp(venue);
  await tradeUntilCut(venue, SHARDS);
  const isKilled = signal === 'SIGKILL';
  const underWay = isKilled ? tradeOn(venue).catch(() => {}) : Promise.resolve();
  await trade(venue);
  await venue.end(signal);
  await underWay;
  await venue.start(STILL);
  const present = await venue.present();
  assert.deepEqual(await venue.historyBegins(), [1, 1]);
  await venue.end(signal);
  const tables = await presentTables();
  const past = await pastRows();
  assert.ok(tables.orders!.length >= 3);

  await refused(venue, '', /^ringside: .*begins at input .* ARGS=--from-snapshots makes them anew/);
  const kept = /^ringside: the tables have the rows of the events 1 to \d+ of shard 0, which no/;
  await refused(venue, '--from-snapshots', kept);
  assert.deepEqual(await presentTables(), tables, 'nothing is changed');

  await postgres.query('drop schema ringside cascade');
  const start = await venue.run(STILL).ended;
  assert.equal(start.exitCode, 1);
  assert.match(
    start.stderr,
    /^ringside: shard \d died: .*holds 0: .* make rebuild-projection ARGS=--from-snapshots makes/m,
  );
  await refused(venue, '', /ARGS=--from-snapshots/);
  const { exitCode, stdout, stderr } = await venue.rebuild('--from-snapshots');
  assert.deepEqual([exitCode, stderr], [0, '']);
  const begins = SHARDS.map((shard) => {
    const line = new RegExp(`^Shard ${shard}: its history begins with event ([1-9]\\d+), 20`, 'm');
    return Number(line.exec(stdout)?.[1]);
  });
  assert.match(stdout, /^[1-9]\d* rows as of the snapshots\. Trades, fills, .* are gone$/m);
  assert.match(stdout, /^[1-9][\d,]* events, [1-9][\d,]* rows in the tables, after/m);
  assert.deepEqual(await presentTables(), tables);
  const left = await pastRows();
  for (const name of ['trades', 'fills'] as const) {
    const texts = new Set(past[name].map((row) => JSON.stringify(row)));
    assert.ok(left[name].every((row) => texts.has(JSON.stringify(row))));
    assert.ok(left[name].length > 0 && left[name].length < past[name].length);
  }

  await venue.start(STILL);
  assert.deepEqual(await venue.historyBegins(), begins);
  assert.deepEqual(await venue.present(), present);
  await goesOn(venue, old);
  await venue.end('SIGTERM');
  const digest = await digestProjection(postgres.url);
  const again = await venue.rebuild('--from-snapshots');
  assert.deepEqual([again.exitCode, again.stderr], [0, '']);
  assert.deepEqual(differingTables(digest, await digestProjection(postgres.url)), []);
}

/** Trades with what was open at the snapshots. */
async function goesOn(venue: TradingVenue, old: OldOrders): Promise<void> {
  const { buyer } = venue;
  await trade(venue);
  // Whatever a killed venue left at the price of the others.
  const sweep = { symbol: 'AAA_USD', side: 'Bid', price: '20', quantity: '50', timeInForce: 'IOC' };
  await placed(buyer, sweep);
  const rest = { symbol: 'AAA_USD', side: 'Bid', price: '50', quantity: '7' };
  assert.equal((await placed(buyer, rest)).status, 'Filled');
  const orderId = old.toBeCancelled;
  const cancel = { symbol: 'AAA_USD', orderId };
  const cancelled = await buyer.signed('DELETE', '/api/v1/order', 'orderCancel', cancel);
  assert.equal(cancelled.status, 200, JSON.stringify(cancelled.body));
  await venue.present();
  const orders = await postgres.query(
    `select order_id::text as id, client_id::text as client, status, quantity::float8 as quantity,
      executed_quantity::float8 as executed, executed_quote_quantity::float8 as quote
      from orders where order_id = any ($1) order by quantity`,
    [[old.partlyFilled, orderId]],
  );
  assert.deepEqual(orders, [
    { id: orderId, client: null, status: 'Cancelled', quantity: 5, executed: 0, quote: 0 },
    { id: old.partlyFilled, client: '7', status: 'Filled', quantity: 10, executed: 10, quote: 500 },
  ]);
  const fills = await postgres.query('select quantity::float8 from fills where order_id = $1', [
    old.partlyFilled,
  ]);
  assert.deepEqual(fills, [{ quantity: 7 }], 'the fill of before the snapshots is gone');
}

test('tables are made anew from the snapshots of a venue that was stopped', (context) =>
  theWayBack(context, 'SIGTERM'));

test('tables are made anew from the snapshots of a venue that was killed', async (context) => {
  await postgres.query('drop schema ringside cascade');
  await theWayBack(context, 'SIGKILL');
});

test('a shard whose journal is whole keeps its history beside one that begins with a snapshot', async (context) => {
  await postgres.query('drop schema ringside cascade');
  const venue = new TradingVenue();
  context.after(() => venue.cleanUp());
  await venue.start(BUSY);
  await list(venue);
  // Accounts and markets of even ids are all at home on shard 0, and the last asset, which they hold, is shard 1's.
  for (const trader of [venue.buyer, venue.seller]) {
    await trader.beTrader('at rest', ASSETS);
    await trader.beTrader('trading', ASSETS);
  }
  await tradeUntilCut(venue, [0], ['BBB_USD']);
  assert.equal(venue.firstInputs()[1], 1);
  await venue.end('SIGTERM');
  const tables = await presentTables();
  const listed = await postgres.query('select listed_at from assets where asset_id = 3');
  await postgres.query('drop schema ringside cascade');
  await refused(venue, '', /shard-0 begins at input .* ARGS=--from-snapshots/);
  const { exitCode, stdout, stderr } = await venue.rebuild('--from-snapshots');
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.match(stdout, /^Shard 1: its history begins with event 1, the first of all$/m);
  assert.deepEqual(await presentTables(), tables);
  const assets = await postgres.query('select asset_id::integer, listed_at from assets order by 1');
  assert.deepEqual(
    assets.map(({ asset_id, listed_at }) => [asset_id, listed_at === null]),
    [
      [1, false],
      [2, true],
      [3, false],
    ],
  );
  assert.deepEqual([{ listed_at: assets[2]!.listed_at }], listed);
  await venue.start(STILL);
  const [first, second] = await venue.historyBegins();
  assert.ok(first! > 1 && second === 1);
  await venue.present();
});

test('snapshots are no beginning for tables whose journals are whole', async (context) => {
  await postgres.query('drop schema ringside cascade');
  const venue = new TradingVenue();
  context.after(() => venue.cleanUp());
  await venue.start(STILL);
  await setUp(venue);
  await venue.end('SIGTERM');
  const digest = await digestProjection(postgres.url);
  await refused(venue, '--from-snapshots', /^ringside: all 2 journals are whole, .* leave --from/);
  assert.deepEqual(differingTables(digest, await digestProjection(postgres.url)), []);
});
