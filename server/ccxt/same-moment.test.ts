import assert from 'node:assert/strict';
import { test } from 'node:test';
import ccxt, { type Order } from 'ccxt';
import { until } from '../../persistence/testing/until.ts';
import { useCcxtVenue } from './ccxt-venue.fixture.ts';
import { idOf, SOL } from './trading.fixture.ts';

const venue = useCcxtVenue();

const ORDERS = 40;

test('orders that are sent at once over many sockets are all taken, each as an order of its own', async () => {
  const { rest } = await venue().trader('many');
  await rest.loadMarkets();
  const placed = await Promise.all(
    Array.from({ length: ORDERS }, () => rest.createOrder(SOL, 'limit', 'buy', 1, 50)),
  );
  const ids = new Set(placed.map(idOf));
  assert.equal(ids.size, ORDERS);
  const open = await rest.fetchOpenOrders(SOL);
  assert.deepEqual(new Set(open.map(idOf)), ids);
  assert.equal((await rest.cancelAllOrders(SOL)).length, ORDERS);
});

test('two requests that are equal to the byte, signature included, are two orders', async () => {
  const { credentials, rest } = await venue().trader('twin');
  const timestampMs = Date.now();
  /** ccxt's clock stands still, as it does for all that it signs within one millisecond. */
  class OneMoment extends ccxt.backpack {
    readonly signatures: string[] = [];

    override nonce(): number {
      return timestampMs;
    }

    override sign(...request: Parameters<InstanceType<typeof ccxt.backpack>['sign']>) {
      const signed = super.sign(...request);
      if (signed.body !== undefined) this.signatures.push(signed.headers['X-Signature']);
      return signed;
    }
  }
  const { urls } = rest;
  const client = new OneMoment({ urls, enableRateLimit: false, ...credentials });
  await client.loadMarkets();
  const place = (): Promise<Order> => client.createOrder(SOL, 'limit', 'buy', 1, 50);
  const placed = await Promise.all([place(), place(), place()]);
  assert.equal(client.signatures.length, 3);
  assert.equal(new Set(client.signatures).size, 1);
  assert.equal(new Set(placed.map(idOf)).size, 3);
  // One after the other too: the same request again is a new one for as long as its window lasts.
  await place();
  const open = await rest.fetchOpenOrders(SOL);
  assert.equal(open.length, 4);
  await until('the rows are written', async () => {
    const orders = open.map(idOf);
    const rows = await venue().query('select 1 from orders where order_id = any($1)', [orders]);
    return rows.length === open.length;
  });
});
