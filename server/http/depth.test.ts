import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderBookState, Side } from '../../engine/protocol/enums.ts';
import { deltaOf, openVenue, RecordingFanOut } from '../market-data/market.fixture.ts';
import { depthRoutes } from './depth.ts';
import { get, getJson, refusalOf } from './route.fixture.ts';

function openDepth() {
  const venue = openVenue(new RecordingFanOut());
  const { registry, marketData, clock } = venue;
  const routes = depthRoutes({ registry, marketData, nowUs: () => clock.nowUs });
  return { ...venue, routes };
}

test('both sides ascend, decimals are trimmed, the update id is a string, the time a number', async () => {
  const { marketData, clock, routes } = openDepth();
  const levels = [
    Side.Bid,
    2828,
    2000,
    Side.Bid,
    2830,
    1500,
    Side.Ask,
    2832,
    1,
    Side.Ask,
    2831,
    10,
  ];
  marketData.onBookDelta(deltaOf(1, levels));
  marketData.onBookDelta(deltaOf(2, [Side.Bid, 2800, 10_000]));
  const { body } = await get(routes, '/api/v1/depth?symbol=SOL_USDC');
  assert.equal(
    body,
    '{"asks":[["141.55","0.01"],["141.6","0.001"]],' +
      '"bids":[["140","10"],["141.4","2"],["141.5","1.5"]],' +
      `"lastUpdateId":"2","timestamp":${clock.nowUs}}`,
  );
});

test('an untouched market answers an empty book with a time', async () => {
  const { routes, clock } = openDepth();
  const depth = await getJson(routes, '/api/v1/depth?symbol=BTC_USDC');
  const expected = { asks: [], bids: [], lastUpdateId: '0', timestamp: clock.nowUs };
  assert.deepEqual(depth, expected);
});

test('limit cuts each side to its best levels, 1000 unless told', async () => {
  const { marketData, routes } = openDepth();
  const levels: number[] = [];
  for (let distance = 0; distance < 1200; distance++) {
    levels.push(Side.Bid, 20_000 - distance, 5, Side.Ask, 20_001 + distance, 5);
  }
  marketData.onBookDelta(deltaOf(1, levels));
  const five = await getJson(routes, '/api/v1/depth?symbol=SOL_USDC&limit=5');
  const prices = (side: string[][]) => side.map(([price]) => price);
  assert.deepEqual(prices(five.bids), ['999.8', '999.85', '999.9', '999.95', '1000']);
  assert.deepEqual(prices(five.asks), ['1000.05', '1000.1', '1000.15', '1000.2', '1000.25']);
  const all = await getJson(routes, '/api/v1/depth?symbol=SOL_USDC');
  assert.deepEqual([all.bids.length, all.asks.length], [1000, 1000]);
  assert.equal(all.bids[999][0], '1000');
  const hundred = await getJson(routes, '/api/v1/depth?limit=100&symbol=SOL_USDC&foo=bar');
  assert.deepEqual(hundred.bids, all.bids.slice(-100));
});

test('a book that has changed is told as it is, to every limit', async () => {
  const { marketData, clock, routes } = openDepth();
  const ask = async (limit: number) => {
    const { asks, lastUpdateId, timestamp } = await getJson(
      routes,
      `/api/v1/depth?symbol=SOL_USDC&limit=${limit}`,
    );
    return [asks.length, lastUpdateId, timestamp];
  };
  const levels = Array.from({ length: 8 }, (_, index) => [Side.Ask, 100 + index, 5]).flat();
  marketData.onBookDelta(deltaOf(1, levels));
  for (const limit of [5, 10, 5]) {
    clock.nowUs++;
    assert.deepEqual(await ask(limit), [Math.min(limit, 8), '1', clock.nowUs]);
  }
  marketData.onBookDelta({ ...deltaOf(2, [Side.Ask, 107, 0]), isLast: false });
  assert.deepEqual(await ask(10), [8, '1', clock.nowUs], 'a change shows when it is whole');
  marketData.onBookDelta(deltaOf(2, [Side.Ask, 106, 0, Side.Ask, 105, 0]));
  assert.deepEqual(await ask(10), [5, '2', clock.nowUs]);
  assert.deepEqual(await ask(5), [5, '2', clock.nowUs]);
  marketData.onBookDelta(deltaOf(3, []));
  assert.deepEqual(await ask(10), [5, '3', clock.nowUs]);
});

test('bad limits, unknown markets and closed markets are refused by name', async () => {
  const { registry, routes } = openDepth();
  for (const limit of ['7', '', '05', '-5', '1e3', '2000']) {
    assert.deepEqual(await refusalOf(routes, `/api/v1/depth?symbol=SOL_USDC&limit=${limit}`), [
      400,
      'INVALID_CLIENT_REQUEST',
      'failed to parse parameter `limit`: failed to parse "DepthLimit": Expect a valid enumeration value.',
    ]);
  }
  assert.deepEqual(await refusalOf(routes, '/api/v1/depth?symbol=NO_NO'), [
    400,
    'INVALID_CLIENT_REQUEST',
    'Invalid market symbol',
  ]);
  registry.market(1).state = OrderBookState.Closed;
  assert.deepEqual(await refusalOf(routes, '/api/v1/depth?symbol=SOL_USDC'), [
    404,
    'RESOURCE_NOT_FOUND',
    'Not Found',
  ]);
});
