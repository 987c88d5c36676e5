import assert from 'node:assert/strict';
import { test } from 'node:test';
import ccxt from 'ccxt';
import { type CcxtTrader, useCcxtVenue } from './ccxt-venue.fixture.ts';
import { SOL } from './trading.fixture.ts';

/** One more a second. */
const venue = useCcxtVenue(undefined, {
  RINGSIDE_UNLIMITED_ADDRESSES: 'none',
  RINGSIDE_KEY_REQUEST_RATE: '1:30',
  RINGSIDE_KEY_ORDER_RATE: '1:50',
});

/** Until the venue says that it is enough; there is no time in between for much to come back. */
async function exhaust(request: () => Promise<unknown>): Promise<{ count: number; error: Error }> {
  for (let count = 0; count < 1000; count++) {
    try {
      await request();
    } catch (error) {
      return { count, error: error as Error };
    }
  }
  assert.fail('there was no limit');
}

function assertLimited({ error }: { error: Error }): void {
  assert.equal(error.constructor.name, 'RateLimitExceeded', error.message);
  assert.match(error.message, /"code":"TOO_MANY_REQUESTS"/);
}

test('a key that asks too much is told so, and another one goes on', async () => {
  const [eager, calm]: CcxtTrader[] = [await venue().trader('eager'), await venue().trader('calm')];
  await eager!.rest.loadMarkets();
  const ended = await exhaust(() => eager!.rest.fetchBalance());
  assertLimited(ended);
  assert.ok(ended.count >= 30);
  assert.ok(await calm!.rest.fetchBalance());
  assert.ok(await eager!.rest.fetchTicker(SOL));
});

test('a key that orders too much is told so, and may still cancel', async () => {
  const { rest } = await venue().trader('eager');
  const one = { symbol: SOL, type: 'limit', side: 'buy', amount: 1, price: 10 } as const;
  assert.equal((await rest.createOrders(Array(50).fill(one))).length, 50);
  const ended = await exhaust(() => rest.createOrder(SOL, 'limit', 'buy', 1, 10));
  assertLimited(ended);
  assert.equal((await rest.cancelAllOrders(SOL)).length, 50 + ended.count);
  assert.ok(ended.error instanceof ccxt.NetworkError, 'which says that it may be tried again');
});
