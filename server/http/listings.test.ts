import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderBookState } from '../../engine/protocol/enums.ts';
import { openVenue, RecordingFanOut, SOL_USDC } from '../market-data/market.fixture.ts';
import { assetRoutes } from './assets.ts';
import { marketRoutes } from './markets.ts';
import { get, getJson, refusalOf } from './route.fixture.ts';
import { systemRoutes } from './system.ts';

test('assets lists every base and quote', async () => {
  const { registry } = openVenue(new RecordingFanOut());
  const assets = await getJson(assetRoutes({ registry }), '/api/v1/assets');
  assert.deepEqual(
    assets.map(({ symbol }: { symbol: string }) => symbol),
    ['SOL', 'USDC', 'BTC'],
  );
  assert.deepEqual(assets[0], {
    symbol: 'SOL',
    displayName: 'SOL',
    coingeckoId: null,
    tokens: [
      {
        blockchain: 'Solana',
        contractAddress: null,
        depositEnabled: false,
        displayName: 'SOL',
        maximumWithdrawal: null,
        minimumDeposit: '0.000000001',
        minimumWithdrawal: '0.000000001',
        nativeDecimals: 9,
        withdrawEnabled: true,
        withdrawalFee: '0',
      },
    ],
  });
});

test('a market is described with every filter of the contract', async () => {
  const { registry } = openVenue(new RecordingFanOut());
  const routes = marketRoutes({ registry, haltReasonOf: () => null });
  const market = await getJson(routes, '/api/v1/market?symbol=SOL_USDC&unknown=1');
  assert.deepEqual(market, {
    symbol: 'SOL_USDC',
    baseSymbol: 'SOL',
    quoteSymbol: 'USDC',
    marketType: 'SPOT',
    orderBookState: 'Open',
    visible: true,
    createdAt: '2025-01-21T06:34:54.691858',
    filters: {
      price: {
        minPrice: '0.05',
        maxPrice: '100000',
        tickSize: '0.05',
        maxMultiplier: null,
        minMultiplier: null,
        maxImpactMultiplier: '1.25',
        minImpactMultiplier: '0.75',
        meanMarkPriceBand: null,
        meanPremiumBand: null,
        borrowEntryFeeMaxMultiplier: null,
        borrowEntryFeeMinMultiplier: null,
        maxPriceUpdateMultiplier: null,
        minPriceUpdateMultiplier: null,
      },
      quantity: { minQuantity: '0.01', maxQuantity: '10000', stepSize: '0.001', minNotional: null },
    },
    imfFunction: null,
    mmfFunction: null,
    fundingInterval: null,
    fundingRateUpperBound: null,
    fundingRateLowerBound: null,
    haltReason: null,
    openInterestLimit: '0',
    positionLimitWeight: null,
  });
  registry.market(1).state = OrderBookState.CancelOnly;
  const halted = await getJson(routes, '/api/v1/market?symbol=SOL_USDC');
  assert.equal(halted.orderBookState, 'CancelOnly');
});

test('a market whose shard is down is closed, and says why', async () => {
  const { registry } = openVenue(new RecordingFanOut());
  const haltReasonOf = (marketId: number) => (marketId === 2 ? 'JOURNAL_FAILED' : null);
  const [sound, down] = await getJson(marketRoutes({ registry, haltReasonOf }), '/api/v1/markets');
  assert.deepEqual([sound.orderBookState, sound.haltReason], ['Open', null]);
  assert.deepEqual([down.orderBookState, down.haltReason], ['Closed', 'JOURNAL_FAILED']);
});

test('a price band is shown as multipliers, and the least value beside the least quantity', async () => {
  const { registry } = openVenue(new RecordingFanOut());
  const banded = {
    marketId: 9,
    symbol: 'SOL_BAND',
    priceBandBps: 1_050,
    minNotionalUnits: 5_500_000,
  };
  registry.addMarket({ ...SOL_USDC, ...banded }, 0);
  const { filters } = await getJson(
    marketRoutes({ registry, haltReasonOf: () => null }),
    '/api/v1/market?symbol=SOL_BAND',
  );
  const { maxMultiplier, minMultiplier, maxImpactMultiplier, minImpactMultiplier } = filters.price;
  assert.deepEqual([maxMultiplier, minMultiplier], ['1.105', '0.895']);
  assert.deepEqual([maxImpactMultiplier, minImpactMultiplier], ['1.105', '0.895']);
  assert.equal(filters.quantity.minNotional, '5.5');
});

test('markets can be filtered by type, however the client writes the list', async () => {
  const { registry } = openVenue(new RecordingFanOut());
  const routes = marketRoutes({ registry, haltReasonOf: () => null });
  for (const [query, count] of [
    ['', 2],
    ['?marketType=SPOT', 2],
    ['?marketType%5B0%5D=PERP&marketType%5B1%5D=SPOT', 2],
    ['?marketType=PERP', 0],
  ] as const) {
    const markets = await getJson(routes, `/api/v1/markets${query}`);
    assert.equal(markets.length, count, query);
  }
  const [status, code] = await refusalOf(routes, '/api/v1/markets?marketType=MOON');
  assert.deepEqual([status, code], [400, 'INVALID_CLIENT_REQUEST']);
});

test('an unknown or missing symbol is refused by name', async () => {
  const { registry } = openVenue(new RecordingFanOut());
  const routes = marketRoutes({ registry, haltReasonOf: () => null });
  const unknown = await refusalOf(routes, '/api/v1/market?symbol=DOGE_USDC');
  assert.deepEqual(unknown, [400, 'INVALID_CLIENT_REQUEST', 'Invalid market symbol']);
  const [status, code, message] = await refusalOf(routes, '/api/v1/market');
  assert.deepEqual([status, code], [400, 'INVALID_CLIENT_REQUEST']);
  assert.match(message, /`symbol`/);
});

test('time and ping are plain text, status follows the venue', async () => {
  let accepting = true;
  const halted: string[] = [];
  const routes = systemRoutes({
    hostMs: () => 1_795_358_905_653,
    accepting: () => accepting,
    haltedMarkets: () => halted,
  });
  const time = await get(routes, '/api/v1/time');
  assert.deepEqual([time.contentType, time.body], ['text/plain; charset=utf-8', '1795358905653']);
  const ping = await get(routes, '/api/v1/ping');
  assert.deepEqual([ping.contentType, ping.body], ['text/plain; charset=utf-8', 'pong']);
  const ok = await getJson(routes, '/api/v1/status');
  assert.deepEqual(ok, { message: null, status: 'Ok' });
  halted.push('SOL_USDC', 'BTC_USDC');
  const { message } = await getJson(routes, '/api/v1/status');
  assert.equal(message, 'Halted: SOL_USDC, BTC_USDC');
  halted.length = 0;
  accepting = false;
  const maintenance = await getJson(routes, '/api/v1/status');
  assert.deepEqual(maintenance, { message: null, status: 'Maintenance' });
});
