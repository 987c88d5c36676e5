import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Random } from '../engine/collections/random.ts';
import { useTestServer } from '../persistence/testing/test-server.ts';
import { until } from '../persistence/testing/until.ts';
import { done, type RestartingVenue } from './recovery/restarting-venue.fixture.ts';
import { openTrading, SYMBOLS, type Trader } from './recovery/trading-venue.fixture.ts';
import { type BalanceUpdate, type Capital, ToldAccount } from './told-account.fixture.ts';
import { type Received, TestSocket } from './ws/socket.fixture.ts';

/*
 * The private streams of two accounts of a whole venue, under seeded operations: each balance told adds up with the
 * orders told before it, and the last ones are those of `GET /api/v1/capital`.
 */

const server = useTestServer();

const BURSTS = 60;
const BURST = 12;
const ASSETS = ['SOL', 'BTC', 'USDC'];
/** Only moved when all else is over: its balance is the last that is told. */
const LAST_ASSET = 'END';
/** Owns the first market, and is the home of the first account. */
const VICTIM = 1;

const STREAMS = ['account.orderUpdate', 'account.balanceUpdate'];
const ONE_ASSET = 'account.balanceUpdate.USDC';

/** A trader's sockets: one that trades, one that hears everything, one that hears one asset. */
class Client {
  readonly orderIds: { readonly symbol: string; readonly orderId: string }[] = [];
  readonly trader: Trader;
  readonly told: ToldAccount;
  readonly #trading: TestSocket;
  readonly #all: TestSocket;
  readonly #one: TestSocket;

  private constructor(trader: Trader, told: ToldAccount, sockets: readonly TestSocket[]) {
    this.trader = trader;
    this.told = told;
    [this.#trading, this.#all, this.#one] = sockets as [TestSocket, TestSocket, TestSocket];
  }

  static async open(venue: RestartingVenue, trader: Trader, isExact: boolean): Promise<Client> {
    const url = `${venue.url.replace('http', 'ws')}/ws`;
    const sockets = [];
    for (const params of [null, STREAMS, [ONE_ASSET]]) {
      const socket = await TestSocket.open(url);
      sockets.push(socket);
      if (params === null) await socket.logIn(trader);
      else {
        const signature = trader.signer.frameSignature();
        const reply = await socket.request('SUBSCRIBE', { params, signature });
        assert.equal(reply.error, undefined);
      }
    }
    const told = new ToldAccount(venue.gateway.registry, await capitalOf(venue, trader), isExact);
    return new Client(trader, told, sockets);
  }

  /** Sends one request; answers whether it was done. */
  async ask(method: string, params: object): Promise<boolean> {
    const { status, result } = await this.#trading.request(method, { params });
    const order = result as unknown as { id?: string; symbol: string } | undefined;
    if (status === 200 && method === 'order.place') {
      this.orderIds.push({ symbol: order!.symbol, orderId: order!.id! });
    }
    return status === 200;
  }

  /** Everything has been heard when the last asset has been told; holds it against what the account has. */
  async compare(venue: RestartingVenue): Promise<void> {
    const { trader, told } = this;
    await move(venue, this, 'deposits', 'last', LAST_ASSET, '1');
    const isLast = ({ data }: Received) => (data as { a?: string })?.a === LAST_ASSET;
    await until('the last balance is told', () => this.#all.frames.some(isLast));
    const { frames } = this.#all;
    for (const frame of frames) told.hear(frame);
    const capital = await capitalOf(venue, trader);
    told.compare(capital, [...ASSETS, LAST_ASSET]);
    const ofOneAsset = frames
      .map(({ data }) => data as BalanceUpdate)
      .filter(({ e, a }) => e === 'balanceUpdate' && a === 'USDC');
    await until('so is that of one', () => this.#one.frames.length >= ofOneAsset.length);
    assert.deepEqual(
      this.#one.frames,
      ofOneAsset.map((data) => ({ data, stream: ONE_ASSET })),
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#trading.close(), this.#all.close(), this.#one.close()]);
  }
}

async function capitalOf(venue: RestartingVenue, { signer }: Trader): Promise<Capital> {
  return (await done(venue.signedGet(signer, '/api/v1/capital', 'balanceQuery'))) as Capital;
}

/** A deposit or withdrawal; the second one of an id moves nothing. */
async function move(
  venue: RestartingVenue,
  { trader, told }: Client,
  kind: 'deposits' | 'withdrawals',
  id: string,
  asset: string,
  quantity: string,
): Promise<void> {
  const path = `/admin/accounts/${trader.accountId}/${kind}`;
  await done(venue.admin('POST', path, { id, asset, quantity }));
  told.moved(asset, quantity, kind === 'deposits' ? 1 : -1);
  await done(venue.admin('POST', path, { id, asset, quantity }));
}

async function transfer(
  venue: RestartingVenue,
  [from, to]: readonly [Client, Client],
  id: string,
  asset: string,
  quantity: string,
): Promise<void> {
  const fromAccountId = from.trader.accountId;
  const toAccountId = to.trader.accountId;
  const body = { id, fromAccountId, toAccountId, asset, quantity };
  await done(venue.admin('POST', '/admin/transfers', body));
  from.told.moved(asset, quantity, -1);
  to.told.moved(asset, quantity, 1);
}

/** A random request of one account; most are orders that may meet those of the other. */
function randomRequest(
  { orderIds, told }: Client,
  random: Random,
): [method: string, params: object] {
  const symbol = SYMBOLS[random.below(2)]!;
  const side = random.below(2) === 0 ? 'Bid' : 'Ask';
  const price = decimal((1990 + random.below(21)) * 5, 2);
  const quantity = decimal(1 + random.below(900), 2);
  const limit = { symbol, side, orderType: 'Limit', price, quantity };
  const place = (more: object): [string, object] => ['order.place', { ...limit, ...more }];
  // One of the last, which may rest still.
  const named = orderIds.at(-1 - random.below(Math.max(1, Math.min(20, orderIds.length))));
  switch (random.below(16)) {
    case 0:
      return place({ postOnly: true });
    case 1:
      return place({ timeInForce: random.below(2) === 0 ? 'IOC' : 'FOK' });
    case 2:
      return ['order.place', { symbol, side, orderType: 'Market', quantity }];
    case 3:
      return place({ triggerPrice: side === 'Bid' ? '100.4' : '99.6', triggerQuantity: quantity });
    case 4:
      return place({ selfTradePrevention: 'RejectMaker' });
    case 5:
      // Where an account meets itself, what the one order locks is told with the fill of the other.
      return place({ selfTradePrevention: told.isExact ? 'RejectBoth' : 'Allow' });
    case 6:
      return random.below(8) === 0 ? ['order.cancelAll', {}] : place({});
    case 7:
    case 8:
      return named === undefined ? place({}) : ['order.reduce', { ...named, quantity: '0.05' }];
    case 9:
    case 10:
      return named === undefined ? place({}) : ['order.replace', { ...named, price, quantity }];
    case 11:
    case 12:
      return named === undefined ? place({}) : ['order.cancel', named];
    default:
      return place({});
  }
}

/** A plain decimal without trailing zeros. */
function decimal(steps: number, places: number): string {
  return String(Number((steps / 10 ** places).toFixed(places)));
}

async function randomMove(
  venue: RestartingVenue,
  clients: readonly [Client, Client],
  random: Random,
  id: string,
): Promise<void> {
  const [one, two] = clients;
  const asset = ASSETS[random.below(3)]!;
  const quantity = decimal(1 + random.below(1_000_000), 8 - random.below(6));
  const client = clients[random.below(2)]!;
  const kind = random.below(3);
  if (kind === 2)
    await transfer(venue, client === one ? [one, two] : [two, one], id, asset, quantity);
  else await move(venue, client, kind === 0 ? 'deposits' : 'withdrawals', id, asset, quantity);
}

async function openClients(
  context: TestContext,
  shardCount: number,
  journalFolder?: string,
): Promise<{ venue: RestartingVenue; clients: readonly [Client, Client] }> {
  const options = journalFolder === undefined ? {} : { journalFolder };
  const { venue, traders } = await openTrading(context, server, options, shardCount);
  await done(venue.admin('POST', '/admin/assets', { symbol: LAST_ASSET, decimals: 0 }));
  const [one, two] = traders as [Trader, Trader];
  const isExact = shardCount === 1;
  const clients = [
    await Client.open(venue, one, isExact),
    await Client.open(venue, two, isExact),
  ] as const;
  return { venue, clients };
}

async function close(venue: RestartingVenue, clients: readonly Client[]): Promise<void> {
  await venue.rest();
  for (const client of clients) await client.compare(venue);
  for (const client of clients) await client.close();
}

/** Sends `BURST` requests at once; answers how many were refused. */
async function burst(clients: readonly [Client, Client], random: Random): Promise<number> {
  const requests = Array.from({ length: BURST }, () => {
    const client = clients[random.below(2)]!;
    return client.ask(...randomRequest(client, random));
  });
  return (await Promise.all(requests)).filter((isDone) => !isDone).length;
}

for (const shardCount of [1, 2]) {
  test(`balances told add up with the orders told and end as those of the account, ${shardCount} shards`, async (context) => {
    const { venue, clients } = await openClients(context, shardCount);
    const random = new Random(shardCount);
    let refused = 0;
    for (let round = 0; round < BURSTS; round++) {
      const moving = randomMove(venue, clients, random, `move ${round}`);
      refused += await burst(clients, random);
      await moving;
    }
    await close(venue, clients);
    assert.ok(refused > 20, `${refused} refused`);
    for (const { told } of clients) {
      context.diagnostic(JSON.stringify([...told.kinds, ['balances', told.balanceUpdates]]));
      for (const kind of ['Accepted', 'Fill', 'Cancelled', 'Expired', 'Modified']) {
        assert.ok((told.kinds.get(`order${kind}`) ?? 0) >= 5, `order${kind}`);
      }
      assert.ok((told.kinds.get('triggerPlaced') ?? 0) >= 5);
      assert.ok(told.balanceUpdates > 200);
    }
  });
}

test('a shard that ends and comes back tells no balance twice, and none is missing', async (context) => {
  const journalFolder = mkdtempSync(join(tmpdir(), 'ringside-balances-'));
  context.after(() => rmSync(journalFolder, { recursive: true }));
  const { venue, clients } = await openClients(context, 2, journalFolder);
  const random = new Random(3);
  for (let life = 1; life <= 3; life++) {
    for (let round = 0; round < 10; round++) await burst(clients, random);
    const during = burst(clients, random);
    await venue.pool.end(VICTIM);
    await until('the shard is missed', () => venue.supervisor.restarts[VICTIM] === life);
    await until('the shard is back', () => venue.supervisor.halted.length === 0);
    await during;
    await randomMove(venue, clients, random, `life ${life}`);
  }
  await close(venue, clients);
});
