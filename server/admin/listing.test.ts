import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_AMOUNT } from '../../engine/protocol/units.ts';
import type { Asset } from '../registry/registry.ts';
import { checkAssetSymbol, type ListingRequest, listingSpec } from './listing.ts';

const asset = (assetId: number, symbol: string, decimals: number): Asset => ({
  assetId,
  symbol,
  scale: { decimals, stepUnits: 1 },
});
const sol = asset(1, 'SOL', 9);
const usdc = asset(2, 'USDC', 6);

const request = (changes: Partial<ListingRequest> = {}): ListingRequest => ({
  symbol: 'SOL_USDC',
  tickSize: '0.01',
  stepSize: '0.01',
  minPrice: null,
  maxPrice: null,
  minQuantity: null,
  maxQuantity: null,
  makerFeeBps: 0,
  takerFeeBps: 0,
  minNotional: null,
  priceBandBps: 0,
  ...changes,
});

/** The dearest order in quote units, fee rounded up. */
function dearestUnits(spec: ReturnType<typeof listingSpec>): bigint {
  const cost =
    BigInt(spec.maxPriceTicks) * BigInt(spec.maxQuantityLots) * BigInt(spec.quoteUnitsPerTickLot);
  return cost + (cost * BigInt(spec.takerFeeBps) + 9999n) / 10000n;
}

test('sizes become integers of the assets', () => {
  assert.deepEqual(listingSpec(request({ makerFeeBps: 2, takerFeeBps: 5 }), sol, usdc), {
    symbol: 'SOL_USDC',
    baseAssetId: 1,
    quoteAssetId: 2,
    priceDecimals: 2,
    tickUnits: 1,
    quantityDecimals: 2,
    lotUnits: 1,
    baseUnitsPerLot: 10_000_000,
    quoteUnitsPerTickLot: 100,
    minPriceTicks: 1,
    maxPriceTicks: 1_000_000,
    minQuantityLots: 1,
    maxQuantityLots: 1_000_000,
    makerFeeBps: 2,
    takerFeeBps: 5,
    minNotionalUnits: 0,
    priceBandBps: 0,
  });
});

test('the least value of an order is quote units, at most what the dearest is worth', () => {
  const least = (minNotional: string) =>
    listingSpec(request({ minNotional, maxPrice: '10', maxQuantity: '5' }), sol, usdc);
  assert.equal(least('1.000001').minNotionalUnits, 1_000_001);
  assert.equal(least('50').minNotionalUnits, 50_000_000);
  assert.throws(() => least('50.000001'), /minNotional is above/);
  assert.throws(() => least('0'), /minNotional must be above zero/);
  assert.throws(() => least('1.0000001'), /minNotional has more decimals/);
  assert.equal(listingSpec(request({ priceBandBps: 2_500 }), sol, usdc).priceBandBps, 2_500);
});

test('steps that are no power of ten keep their units, and trailing zeros mean nothing', () => {
  const spec = listingSpec(request({ tickSize: '0.0500', stepSize: '25' }), sol, usdc);
  assert.deepEqual(
    [spec.priceDecimals, spec.tickUnits, spec.quantityDecimals, spec.lotUnits],
    [2, 5, 0, 25],
  );
  assert.equal(spec.baseUnitsPerLot, 25_000_000_000);
  assert.equal(spec.quoteUnitsPerTickLot, 1_250_000);
  assert.deepEqual(spec, listingSpec(request({ tickSize: '0.05', stepSize: '25.0' }), sol, usdc));
});

test('a tick finer than the quote asset is allowed when the lot makes up for it', () => {
  const usd = asset(3, 'USD', 2);
  const share = asset(4, 'GOOG', 0);
  const spec = listingSpec(
    request({ symbol: 'GOOG_USD', tickSize: '0.0001', stepSize: '100' }),
    share,
    usd,
  );
  assert.equal(spec.quoteUnitsPerTickLot, 1);
  assert.throws(
    () =>
      listingSpec(request({ symbol: 'GOOG_USD', tickSize: '0.0001', stepSize: '1' }), share, usd),
    /tickSize times stepSize must be a whole number of the 2 decimals of USD/,
  );
});

test('the limits of a market keep every order countable, derived or given', () => {
  for (const takerFeeBps of [0, 1, 5, 10_000]) {
    const both = listingSpec(request({ takerFeeBps }), sol, usdc);
    assert.equal(both.maxPriceTicks, both.maxQuantityLots);
    assert.ok(dearestUnits(both) <= BigInt(MAX_AMOUNT));
    assert.ok(dearestUnits(both) * 100n > BigInt(MAX_AMOUNT));
    const byPrice = listingSpec(request({ takerFeeBps, maxPrice: '500' }), sol, usdc);
    assert.equal(byPrice.maxPriceTicks, 50_000);
    assert.ok(dearestUnits(byPrice) <= BigInt(MAX_AMOUNT));
    const more = { ...byPrice, maxQuantityLots: byPrice.maxQuantityLots + 1 };
    assert.ok(
      dearestUnits(more) > BigInt(MAX_AMOUNT) ||
        BigInt(more.maxQuantityLots) * BigInt(more.baseUnitsPerLot) > BigInt(MAX_AMOUNT),
    );
    const byQuantity = listingSpec(request({ takerFeeBps, maxQuantity: '100' }), sol, usdc);
    assert.equal(byQuantity.maxQuantityLots, 10_000);
    assert.ok(dearestUnits(byQuantity) <= BigInt(MAX_AMOUNT));
    assert.ok(
      dearestUnits({ ...byQuantity, maxPriceTicks: byQuantity.maxPriceTicks + 1 }) >
        BigInt(MAX_AMOUNT),
    );
  }
});

test('given limits are refused exactly above the bound', () => {
  const atoms = [asset(5, 'A', 0), asset(6, 'B', 0)] as const;
  const one = { symbol: 'A_B', tickSize: '1', stepSize: '1', maxQuantity: '1' };
  const max = String(MAX_AMOUNT);
  assert.equal(listingSpec(request({ ...one, maxPrice: max }), ...atoms).maxPriceTicks, MAX_AMOUNT);
  assert.throws(
    () => listingSpec(request({ ...one, maxPrice: max, takerFeeBps: 1 }), ...atoms),
    /maxPrice times maxQuantity/,
  );
  assert.throws(
    () =>
      listingSpec(request({ ...one, maxQuantity: '2', maxPrice: '4503599627370496' }), ...atoms),
    /maxPrice times maxQuantity/,
  );
  assert.throws(
    () => listingSpec(request({ maxQuantity: '9007199.26' }), sol, usdc),
    /maxQuantity is more base units/,
  );
});

const REFUSED: readonly [changes: Partial<ListingRequest>, message: RegExp][] = [
  [{ symbol: 'USDC_SOL' }, /symbol must be SOL_USDC/],
  [{ tickSize: '0' }, /tickSize must be above zero/],
  [{ tickSize: '-0.01' }, /tickSize must be a plain decimal/],
  [{ tickSize: '1e-2' }, /tickSize must be a plain decimal/],
  [{ tickSize: '9999999999999999999' }, /tickSize is out of range/],
  [{ stepSize: '0.0' }, /stepSize must be above zero/],
  [{ stepSize: '0.0000000001' }, /stepSize must be a whole number of the 9 decimals of SOL/],
  [{ tickSize: '0.00001' }, /tickSize times stepSize must be a whole number of the 6 decimals/],
  [{ stepSize: '9007199254' }, /too large for the assets/],
  [{ minPrice: '0' }, /minPrice must be above zero/],
  [{ minPrice: '0.005' }, /minPrice has more decimals/],
  [{ tickSize: '0.05', minPrice: '0.07' }, /minPrice is not a multiple/],
  [{ minPrice: '5', maxPrice: '4' }, /minPrice is above maxPrice/],
  [{ minQuantity: '5', maxQuantity: '4' }, /minQuantity is above maxQuantity/],
  [{ maxPrice: 'NaN' }, /maxPrice must be a plain decimal/],
  [{ maxQuantity: '99999999999999999' }, /maxQuantity is too large/],
];

for (const [changes, message] of REFUSED) {
  test(`a listing with ${JSON.stringify(changes)} is refused by name`, () => {
    assert.throws(() => listingSpec(request(changes), sol, usdc), message);
  });
}

test('a market of one asset with itself is refused', () => {
  assert.throws(
    () => listingSpec(request({ symbol: 'SOL_SOL' }), sol, sol),
    /two different assets/,
  );
});

test('asset symbols are capital letters and digits', () => {
  for (const symbol of ['A', 'SOL', '1INCH', 'ABCDEFGHIJKLMNOP']) checkAssetSymbol(symbol);
  for (const symbol of ['', 'sol', 'A_B', 'A B', 'ABCDEFGHIJKLMNOPQ', 'É']) {
    assert.throws(() => checkAssetSymbol(symbol), /symbol must be/);
  }
});
