import type { MarketSpec } from '../../engine/protocol/commands.ts';
import type { BookDelta, Trade } from '../../engine/protocol/events.ts';
import type { FanOut } from '../fanout/fan-out.ts';
import { Registry } from '../registry/registry.ts';
import { MarketData } from './market-data.ts';

/** SOL_USDC with a tick of 0.05 and a step of 0.001, to tell padded from plain decimals. */
export const SOL_USDC: MarketSpec = {
  marketId: 1,
  symbol: 'SOL_USDC',
  baseAssetId: 1,
  quoteAssetId: 2,
  priceDecimals: 2,
  tickUnits: 5,
  quantityDecimals: 3,
  lotUnits: 1,
  baseUnitsPerLot: 1_000_000,
  quoteUnitsPerTickLot: 50,
  minPriceTicks: 1,
  maxPriceTicks: 2_000_000,
  minQuantityLots: 10,
  maxQuantityLots: 10_000_000,
  makerFeeBps: 2,
  takerFeeBps: 5,
  minNotionalUnits: 0,
  priceBandBps: 0,
};

const BTC_USDC: MarketSpec = {
  ...SOL_USDC,
  marketId: 2,
  symbol: 'BTC_USDC',
  baseAssetId: 3,
  priceDecimals: 0,
  tickUnits: 1,
  quantityDecimals: 5,
  quoteUnitsPerTickLot: 10,
  baseUnitsPerLot: 1000,
};

/** 2025-01-21T06:34:54.691858 */
export const CREATED_AT_US = 1_737_441_294_691_858;

/** Keeps what is published; wants everything unless told otherwise. */
export class RecordingFanOut implements FanOut {
  readonly frames: { stream: string; frame: string }[] = [];
  unwanted: (stream: string) => boolean = () => false;

  wants(stream: string): boolean {
    return !this.unwanted(stream);
  }

  publish(stream: string, frame: string): void {
    this.frames.push({ stream, frame });
  }

  async close(): Promise<void> {}
}

interface Venue<Output extends FanOut> {
  readonly registry: Registry;
  readonly fanOut: Output;
  readonly marketData: MarketData;
  readonly clock: { nowUs: number };
}

/** A registry with two markets, and market data that publishes to `fanOut`, on a clock set by hand. */
export function openVenue<Output extends FanOut>(fanOut: Output): Venue<Output> {
  const registry = new Registry();
  registry.addAsset(1, 'SOL', 9);
  registry.addAsset(2, 'USDC', 6);
  registry.addAsset(3, 'BTC', 8);
  const clock = { nowUs: CREATED_AT_US + 1_000_000 };
  const marketData = new MarketData({ registry, fanOut, nowUs: () => clock.nowUs });
  for (const spec of [SOL_USDC, BTC_USDC]) {
    marketData.onMarketListed(registry.addMarket(spec, CREATED_AT_US));
  }
  return { registry, fanOut, marketData, clock };
}

export function tradeOf(fields: Partial<Trade>): Trade {
  return {
    marketId: 1,
    tradeId: 1,
    priceTicks: 2830,
    quantityLots: 500,
    takerSide: 0,
    makerOrderId: 640,
    takerOrderId: 704,
    timeUs: CREATED_AT_US + 1_000_000,
    ...fields,
  };
}

export function deltaOf(updateId: number, levels: number[], fields: Partial<BookDelta> = {}) {
  const timeUs = CREATED_AT_US + 1_000_000 + updateId;
  return { marketId: 1, updateId, isLast: true, timeUs, levels, ...fields };
}

/** Uniform whole numbers below `bound`, the same for the same seed (mulberry32). */
export function seededIntegers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
