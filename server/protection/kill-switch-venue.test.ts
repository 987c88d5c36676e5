import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestServer } from '../../persistence/testing/test-server.ts';
import { VenueUnderTest } from '../venue-process.fixture.ts';
import type { Received, TestSocket } from '../ws/socket.fixture.ts';
import {
  codeOf,
  type Fields,
  Operator,
  type ProcessTrader,
  placeResting,
  resultOf,
  SYMBOLS,
} from './process-traders.fixture.ts';

const TRADERS = 4;
const ORDERS_UNDER_WAY = 200;
const ORDERS_BEFORE_KILL = 2000;
const ORDERS_AFTER_KILL = 20;

const postgres = new TestServer();

for (const shards of [1, 2]) {
  test(`the kill switch under load takes exactly what is open, once: ${shards} shards`, async (context) => {
    const venue = new VenueUnderTest({
      ...{ DATABASE_URL: await postgres.createDatabase(`load${shards}`) },
      RINGSIDE_SHARDS: String(shards),
    });
    context.after(() => venue.cleanUp());
    const operator = await Operator.of(venue);
    await operator.listMarkets();
    const crowd = await Crowd.of(operator);
    await crowd.untilPlaced(ORDERS_BEFORE_KILL);
    const answer = await operator.adminAnswer('POST', '/admin/kill', {
      ...{ scope: 'venue', active: true },
    });
    assert.equal(answer.status, 200);
    const { cancelled, ...told } = answer.body;
    const cancelledIds = (cancelled as Fields[]).map(({ id }) => String(id));
    assert.deepEqual(told, {
      ...{ scope: 'venue', target: null, active: true, complete: true, missingShards: [] },
      cancelledOrders: cancelledIds.length,
    });
    // What is sent from now on must be refused, and what comes of what was sent before is known to be over.
    await crowd.onlyRefusalsFrom(ORDERS_AFTER_KILL);
    await crowd.stop();
    crowd.checkEnds(cancelledIds);
    assert.ok(cancelledIds.length > 100, `only ${cancelledIds.length} orders were open`);
    for (const trader of crowd.traders) assert.deepEqual(await operator.openOrders(trader), []);
    for (const symbol of SYMBOLS) {
      const { bids, asks } = await operator.get(`/api/v1/depth?symbol=${symbol}`);
      assert.deepEqual([bids, asks], [[], []]);
      const market = await operator.get(`/api/v1/market?symbol=${symbol}`);
      const { orderBookState, haltReason } = market;
      assert.deepEqual([orderBookState, haltReason], ['CancelOnly', 'KILL_SWITCH']);
    }
    const latch = { scope: 'venue', target: null, missingShards: [] };
    const health = await operator.adminAnswer('GET', '/health/ready');
    assert.deepEqual((health.body.components as Fields).killSwitch, [latch]);
    const state = await operator.adminAnswer('GET', '/admin/state');
    assert.deepEqual(state.body.killSwitch, [latch]);
    const metrics = await operator.metrics();
    assert.match(metrics, /^ringside_kill_switch_latches\{scope="venue"\} 1$/m);
    const count = `ringside_kill_switch_cancelled_orders_total ${cancelledIds.length}`;
    assert.ok(metrics.split('\n').includes(count));
    assert.match(String((await operator.get('/api/v1/status')).message), /AAA_USD, BBB_USD/);
  });
}

/** Traders who place orders of all kinds as fast as they are answered, and what they were told. */
class Crowd {
  readonly traders: readonly ProcessTrader[];
  /** By order id, the events of it in order. */
  readonly #events = new Map<string, string[]>();
  readonly #sockets: readonly TestSocket[];
  readonly #streams: readonly TestSocket[];
  readonly #loops: Promise<void>[];
  #placed = 0;
  #isKilled = false;
  #refusedSince = 0;
  #isStopped = false;

  private constructor(
    traders: readonly ProcessTrader[],
    sockets: readonly TestSocket[],
    streams: readonly TestSocket[],
  ) {
    this.traders = traders;
    this.#sockets = sockets;
    this.#streams = streams;
    for (const stream of streams) void this.#listen(stream);
    const lanes = Array.from({ length: ORDERS_UNDER_WAY / traders.length });
    this.#loops = sockets.flatMap((socket) => lanes.map(() => this.#trade(socket)));
  }

  static async of(operator: Operator): Promise<Crowd> {
    const names = Array.from({ length: TRADERS }, (_, index) => `crowd ${index}`);
    const traders: ProcessTrader[] = [];
    for (const name of names) traders.push(await operator.addTrader(name));
    const streams = await Promise.all(traders.map((trader) => operator.listen(trader)));
    const sockets = await Promise.all(traders.map((trader) => operator.logIn(trader)));
    return new Crowd(traders, sockets, streams);
  }

  async untilPlaced(count: number): Promise<void> {
    while (this.#placed < count) await sleep(1);
  }

  /** Asserts that all that is sent from now on is refused, so many orders at least. */
  async onlyRefusalsFrom(count: number): Promise<void> {
    this.#isKilled = true;
    while (this.#refusedSince < count * this.#loops.length) {
      await Promise.race([sleep(1), ...this.#loops.map((loop) => loop.then(() => {}))]);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#loops);
    // What a stream was sent before the answer to something asked later on the same socket has come by then.
    for (const stream of this.#streams) await stream.request('session.status', {});
    await Promise.all([...this.#sockets, ...this.#streams].map((socket) => socket.close()));
  }

  /** Every order that was told of has one end, and those that were cancelled are these. */
  checkEnds(cancelledIds: readonly string[]): void {
    const ends: readonly string[] = ['orderCancelled', 'orderExpired', 'Filled', 'triggerFailed'];
    const cancelled: string[] = [];
    for (const [orderId, events] of this.#events) {
      const ended = events.filter((event) => ends.includes(event));
      assert.equal(ended.length, 1, `order ${orderId}: ${events.join()}`);
      assert.equal(events.at(-1), ended[0], `order ${orderId}: ${events.join()}`);
      if (ended[0] === 'orderCancelled') cancelled.push(orderId);
    }
    assert.deepEqual([...cancelledIds].sort(), cancelled.sort());
    assert.equal(new Set(cancelledIds).size, cancelledIds.length);
  }

  async #trade(socket: TestSocket): Promise<void> {
    while (!this.#isStopped) {
      const isKilled = this.#isKilled;
      const index = this.#placed++;
      const reply = await socket.request('order.place', { params: someOrder(index) });
      if (isKilled) this.#checkRefused(reply);
    }
  }

  #checkRefused(reply: Received): void {
    // Of a gateway that has too much to do, which did not even ask.
    if (codeOf(reply) === 'BUSY') return;
    assert.deepEqual([reply.status, codeOf(reply)], [400, 'TRADING_PAUSED']);
    this.#refusedSince++;
  }

  async #listen(stream: TestSocket): Promise<void> {
    const isUpdate = (frame: Received) => frame.stream === 'account.orderUpdate';
    const over = stream.closed.then(() => null);
    for (;;) {
      const frame = await Promise.race([stream.frame(isUpdate), over]);
      if (frame === null) return;
      const { i, e, X } = frame.data as Record<string, string>;
      const events = this.#events.get(i!) ?? [];
      this.#events.set(i!, events);
      events.push(e === 'orderFill' && X === 'Filled' ? 'Filled' : e!);
    }
  }
}

/** Mostly orders that rest, some that trade, and some that wait for a trade. */
function someOrder(index: number): Fields {
  const symbol = SYMBOLS[index % 2]!;
  const kind = index % 7;
  const side = index % 4 < 2 ? 'Bid' : 'Ask';
  const quantity = '1';
  if (kind < 2) {
    const price = side === 'Bid' ? '100.05' : '99.95';
    return { symbol, side, orderType: 'Limit', price, quantity };
  }
  if (kind === 2) {
    const trigger = { triggerPrice: side === 'Bid' ? '150' : '50', triggerQuantity: quantity };
    return { symbol, side, orderType: 'Limit', price: '100', ...trigger };
  }
  const away = (5 + (index % 900) / 100).toFixed(2);
  const price = side === 'Bid' ? (100 - Number(away)).toFixed(2) : (100 + Number(away)).toFixed(2);
  return { symbol, side, orderType: 'Limit', price, quantity };
}

test('latches outlive the process, and stop just what they are for until they are lifted', async (context) => {
  const settings = { DATABASE_URL: await postgres.createDatabase('latches'), RINGSIDE_SHARDS: '2' };
  const home = new VenueUnderTest(settings);
  context.after(() => home.cleanUp());
  let operator = await Operator.of(home);
  await operator.listMarkets();
  const [one, two] = [await operator.addTrader('one'), await operator.addTrader('two')];
  const place = async (trader: ProcessTrader, symbol: string): Promise<string> => {
    const socket = await operator.logIn(trader);
    const params = { symbol, side: 'Bid', orderType: 'Limit', price: '1', quantity: '1' };
    const reply = await socket.request('order.place', { params });
    await socket.close();
    return codeOf(reply) ?? String(resultOf(reply).status);
  };
  const kill = (body: Fields) => operator.adminAnswer('POST', '/admin/kill', body);
  const [left, right] = [await operator.logIn(one), await operator.logIn(two)];
  const ofOne = await placeResting(left, 10);
  const ofTwo = await placeResting(right, 10);
  await Promise.all([left.close(), right.close()]);

  const account = { scope: 'account', target: String(one.accountId), active: true };
  const ofAccount = await kill(account);
  const idsOf = ({ body }: { body: Fields }) =>
    (body.cancelled as Fields[]).map(({ id }) => String(id)).sort();
  assert.deepEqual([ofAccount.status, idsOf(ofAccount)], [200, ofOne]);
  assert.deepEqual(await operator.openOrders(two), ofTwo);
  const ofMarket = await kill({ scope: 'market', target: 'AAA_USD', active: true });
  assert.equal(ofMarket.body.cancelledOrders, 5);
  assert.ok((ofMarket.body.cancelled as Fields[]).every(({ symbol }) => symbol === 'AAA_USD'));
  const again = await kill({ scope: 'market', target: 'AAA_USD', active: true });
  assert.equal(again.body.cancelledOrders, 0);
  const latches = [
    { scope: 'account', target: one.accountId, missingShards: [] },
    { scope: 'market', target: 'AAA_USD', missingShards: [] },
  ];
  const latched = async () => (await operator.adminAnswer('GET', '/admin/kill')).body;
  assert.deepEqual(await latched(), latches);

  home.signalGroup('SIGKILL');
  await home.ended;
  const next = new VenueUnderTest({ ...settings, RINGSIDE_DATA_DIR: home.dataDir });
  context.after(() => next.cleanUp());
  operator = await Operator.of(next, home);
  const held = (await latched()) as unknown as Fields[];
  assert.deepEqual(
    held.sort((a, b) => String(a.scope).localeCompare(String(b.scope))),
    latches,
  );
  assert.equal(await place(one, 'BBB_USD'), 'ACCOUNT_DEACTIVATED');
  assert.equal(await place(two, 'AAA_USD'), 'TRADING_PAUSED');
  assert.equal(await place(two, 'BBB_USD'), 'New');
  const session = await operator.logIn(one);
  assert.equal(resultOf(await session.request('session.status', {})).isStopped, true);
  await session.close();

  assert.equal((await kill({ ...account, active: false })).status, 200);
  assert.equal(await place(one, 'AAA_USD'), 'TRADING_PAUSED');
  assert.equal(await place(one, 'BBB_USD'), 'New');
  const lifted = await kill({ scope: 'market', target: 'AAA_USD', active: false });
  assert.deepEqual(lifted.body, {
    ...{ scope: 'market', target: 'AAA_USD', active: false, complete: true, missingShards: [] },
    ...{ cancelledOrders: 0, cancelled: [] },
  });
  assert.equal(await place(one, 'AAA_USD'), 'New');
  assert.deepEqual(await latched(), []);

  for (const [body, status, code] of [
    [{}, 400, 'INVALID_CLIENT_REQUEST'],
    [{ scope: 'galaxy', active: true }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ scope: 'venue', active: 'yes' }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ scope: 'venue', target: 'AAA_USD', active: true }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ scope: 'market', active: true }, 400, 'INVALID_CLIENT_REQUEST'],
    [{ scope: 'market', target: 'X_Y', active: true }, 400, 'INVALID_MARKET'],
    [{ scope: 'account', target: 99, active: true }, 404, 'RESOURCE_NOT_FOUND'],
  ] as const) {
    const answer = await kill(body);
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(body));
  }
  assert.deepEqual(await latched(), []);
});

before(() => postgres.start());
after(() => postgres.remove());
