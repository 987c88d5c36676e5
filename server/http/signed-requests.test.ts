import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CancelTrigger, Permission } from '../../engine/protocol/enums.ts';
import type { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { apiErrorOf } from '../api-error.ts';
import { Authenticator } from '../auth/authenticate.ts';
import { SIGNATURE_CHECKS_MAX, SignatureChecks } from '../auth/signature-checks.ts';
import { nowUs } from '../clock.ts';
import { TestVenue, type Trader } from '../orders/venue.fixture.ts';
import { makeProtections } from '../protection/protections.ts';
import { capitalRoutes } from './capital.ts';
import { orderRoutes } from './order.ts';
import { ordersRoutes } from './orders.ts';
import type { HttpMethod, HttpReply, Route } from './route.ts';

const checks = new SignatureChecks();
/** The host's clock, which somebody sets; the engine's goes on. */
const clock = { aheadMs: 0 };
const hostMs = (): number => Date.now() + clock.aheadMs;
const clocks = { hostMs, engineUs: nowUs };
let venue: TestVenue;
let trader: Trader;
let authenticator: Authenticator;
let routes: Route[];

before(async () => {
  venue = await TestVenue.open(2);
  trader = await venue.addTrader();
  authenticator = new Authenticator(venue.keys, clocks, checks);
  const { gateway, registry } = venue;
  const dependencies = { authenticator, gateway, registry };
  routes = [orderRoutes, ordersRoutes, capitalRoutes].flatMap((make) => make(dependencies));
});
after(async () => {
  await checks.close();
  await venue.close();
});

interface Signed {
  readonly as?: Trader;
  readonly text: string;
  readonly remoteAddress?: string;
  readonly timestamp?: string;
}

/** Sends a body with the signature of what `text` has between the instruction and the time. */
async function send(
  method: HttpMethod,
  path: string,
  body: string,
  { as = trader, text, remoteAddress = '127.0.0.1', timestamp = String(Date.now()) }: Signed,
): Promise<HttpReply> {
  const route = routes.find((each) => each.method === method && each.path === path)!;
  const headers: Record<string, string> = {
    'x-api-key': as.signer.apiKey,
    'x-signature': as.signer.sign(`${text}&timestamp=${timestamp}&window=5000`),
    'x-timestamp': timestamp,
  };
  const header = (name: string): string => headers[name] ?? '';
  const request = { method, path, query: '', body, header, remoteAddress, receivedUs: 0 };
  return route.handle(request, {});
}

const ORDER = '/api/v1/order';
const ORDERS = '/api/v1/orders';
const textOf = (fields: object): string =>
  Object.entries(fields)
    .map((pair) => pair.join('='))
    .sort()
    .join('&');
const limit = (clientId: number) => ({
  ...{ clientId, orderType: 'Limit', price: '50', quantity: '1', side: 'Bid', symbol: 'SOL_USDC' },
});

function place(clientId: number, signed: Partial<Signed> = {}): Promise<HttpReply> {
  const text = `instruction=orderExecute&${textOf(limit(clientId))}`;
  return send('post', ORDER, JSON.stringify(limit(clientId)), { text, ...signed });
}

function placeBatch(clientId: number): Promise<HttpReply> {
  const text = `instruction=orderExecute&${textOf(limit(clientId))}`;
  return send('post', ORDERS, JSON.stringify([limit(clientId)]), { text });
}

const idOf = ({ body }: HttpReply): number => {
  const answer = JSON.parse(body) as { id: string } | { id: string }[];
  return Number((Array.isArray(answer) ? answer[0]! : answer).id);
};

test('what an account sends at once reaches the engine in that order, whatever is wrong in between', async () => {
  const answers: Promise<number | null>[] = [];
  for (let clientId = 1; clientId <= 300; clientId++) {
    const isWrong = clientId % 7 === 3;
    if (isWrong) {
      const wrong = place(clientId, { text: 'instruction=orderExecute' });
      answers.push(assert.rejects(wrong, { code: 'INVALID_SIGNATURE' }).then(() => null));
    } else {
      // One more wait on its way than a single order has.
      answers.push((clientId % 3 === 0 ? placeBatch(clientId) : place(clientId)).then(idOf));
    }
    if (clientId % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const ids = (await Promise.all(answers)).filter((id) => id !== null);
  assert.equal(ids.length, 257);
  // Ids are given out in the order in which the account's shard takes orders.
  assert.deepEqual(
    ids,
    ids.toSorted((one, other) => one - other),
  );
});

test('an order and its cancel, sent at once, are done in that order', async () => {
  const cancelled: Promise<HttpReply>[] = [];
  for (let clientId = 1001; clientId <= 1040; clientId++) {
    void place(clientId);
    const cancel = { clientId, symbol: 'SOL_USDC' };
    const text = `instruction=orderCancel&${textOf(cancel)}`;
    cancelled.push(send('del', ORDER, JSON.stringify(cancel), { text }));
  }
  for (const { body } of await Promise.all(cancelled)) assert.match(body, /"status":"Cancelled"/);
});

test('two orders of one millisecond that are the same to the byte are two orders', async () => {
  const fields = {
    orderType: 'Limit',
    price: '49',
    quantity: '1',
    side: 'Bid',
    symbol: 'SOL_USDC',
  };
  const signed = { text: `instruction=orderExecute&${textOf(fields)}`, timestamp: `${Date.now()}` };
  const [one, other] = await Promise.all(
    [1, 2].map(() => send('post', ORDER, JSON.stringify(fields), signed)),
  );
  assert.notEqual(idOf(one!), idOf(other!));
});

test('numbers may be signed as the body has them', async () => {
  const body =
    '{"symbol":"SOL_USDC","side":"Bid","orderType":"Limit","price":48.0,"quantity":1.50}';
  const rest = 'orderType=Limit&price=PRICE&quantity=QUANTITY&side=Bid&symbol=SOL_USDC';
  const text = (price: string, quantity: string): string =>
    `instruction=orderExecute&${rest.replace('PRICE', price).replace('QUANTITY', quantity)}`;
  for (const [price, quantity] of [
    ['48.0', '1.50'],
    ['48', '1.5'],
  ] as const) {
    const reply = await send('post', ORDER, body, { text: text(price, quantity) });
    const { price: placed, quantity: size } = JSON.parse(reply.body);
    assert.deepEqual([placed, size], ['48', '1.5']);
    const batch = await send('post', ORDERS, `[${body}]`, { text: text(price, quantity) });
    assert.match(batch.body, /"operation":"Ok"/);
  }
  const wrong = send('post', ORDER, body, { text: text('48.00', '1.50') });
  await assert.rejects(wrong, { code: 'INVALID_SIGNATURE' });
});

test('a key that may only read is refused what changes something, after its signature is checked', async () => {
  const reader = await venue.addKey(trader.accountId, Permission.Read);
  const capital = await send('get', '/api/v1/capital', '', {
    ...{ as: reader, text: 'instruction=balanceQuery' },
  });
  assert.equal(capital.status, 200);
  const forbidden = { status: 403, code: 'FORBIDDEN' };
  await assert.rejects(place(2001, { as: reader }), forbidden);
  const wrong = place(2001, { as: reader, text: 'instruction=orderCancel' });
  await assert.rejects(wrong, { status: 401, code: 'INVALID_SIGNATURE' });
});

test('a key is taken from the addresses it is for, and from no other', async () => {
  const home = await venue.addKey(trader.accountId, 3, '10.0.0.0/8,2001:db8::/32');
  const from = (remoteAddress: string, text?: string) =>
    place(3001, { as: home, remoteAddress, ...(text === undefined ? {} : { text }) });
  const message = 'The API key may not be used from this address';
  for (const address of ['127.0.0.1', '2001:0db9:0000:0000:0000:0000:0000:0001', '']) {
    await assert.rejects(from(address), { status: 403, code: 'FORBIDDEN', message });
  }
  await assert.rejects(from('127.0.0.1', 'x'), { message }, 'before a signature is checked');
  assert.equal((await from('10.1.2.3')).status, 200);
});

test('a request that waited longer than its window is refused when its turn has come', async () => {
  const late = place(4001);
  clock.aheadMs = 5_500;
  try {
    await assert.rejects(late, { status: 400, message: 'Request has expired' });
  } finally {
    clock.aheadMs = 0;
  }
});

for (const hours of [1, -1]) {
  test(`after the host's clock was set by ${hours} h, orders are taken and refused by their age as before`, async () => {
    const timer = { accountId: trader.accountId, marketId: 1, trigger: CancelTrigger.DeadMan };
    const { cancelTimers } = makeProtections(venue.engine, { info() {}, error() {} });
    await cancelTimers.set(timer, 1_800_000_000, true);
    clock.aheadMs = hours * 3_600_000;
    try {
      const clientId = 6000 + hours;
      const at = (ageMs: number) => ({ timestamp: String(hostMs() - ageMs) });
      const open = await place(clientId, at(0));
      assert.equal(open.status, 200);
      assert.equal((await place(6100 + hours, at(1000))).status, 200);
      await assert.rejects(place(clientId, at(5001)), { message: 'Request has expired' });
      await assert.rejects(place(clientId, at(-30_000)), { message: 'Invalid timestamp' });
      await assert.rejects(place(clientId, { timestamp: String(Date.now()) }), {
        code: 'INVALID_CLIENT_REQUEST',
      });
      await assert.rejects(lateInTheEngine(clientId), { message: /^Request has expired/ });
      // Half an hour has not passed for the engine.
      const cancel = { clientId, symbol: 'SOL_USDC' };
      const text = `instruction=orderCancel&${textOf(cancel)}`;
      const cancelled = await send('del', ORDER, JSON.stringify(cancel), { text, ...at(0) });
      assert.match(cancelled.body, /"status":"Cancelled"/);
      assert.equal(cancelTimers.fired, 0);
    } finally {
      clock.aheadMs = 0;
      await cancelTimers.set(timer, 0, false);
      cancelTimers.stop();
    }
  });
}

/** Places an order that was in time at the gateway and is not when a shard takes it. */
async function lateInTheEngine(clientId: number): Promise<unknown> {
  const timestamp = String(hostMs() - 4700);
  const text = `instruction=orderExecute&timestamp=${timestamp}&window=5000`;
  const signature = trader.signer.sign(text);
  const { apiKey } = trader.signer;
  const credentials = { apiKey, signature, timestamp, window: '5000', remoteAddress: '127.0.0.1' };
  const grant = await authenticator.authenticate(
    credentials,
    'orderExecute',
    [[]],
    Permission.Trade,
  );
  while (nowUs() <= grant.expiresAtUs) await new Promise((resolve) => setTimeout(resolve, 1));
  return new Promise((resolve, reject) => {
    const answer = { answered: resolve, refused: (code: RejectCode) => reject(apiErrorOf(code)) };
    const { gateway } = venue;
    const refusal = gateway.place(trader.accountId, limit(clientId), answer, grant.expiresAtUs);
    if (refusal !== undefined) reject(refusal);
  });
}

test('beyond what may wait, a request is busy at once, and those before it are answered', async () => {
  const wrong = Array.from({ length: SIGNATURE_CHECKS_MAX }, () =>
    assert.rejects(place(5001, { text: 'x' }), { code: 'INVALID_SIGNATURE' }),
  );
  await assert.rejects(place(5001), { status: 503, code: 'BUSY' });
  await Promise.all(wrong);
  assert.equal((await place(5001)).status, 200);
});
