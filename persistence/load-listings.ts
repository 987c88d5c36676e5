import type pg from 'pg';
import { OrderBookState } from '../engine/protocol/enums.ts';
import { AssetListed, MarketListed, MarketStateChanged } from '../engine/protocol/events.ts';
import { FrameReader } from '../engine/protocol/frame-reader.ts';
import type { Message } from '../engine/protocol/message.ts';
import { Listings } from './listings.ts';

/** Numerics as text keep the decimals that they were written with: those of the scale. */
const ASSETS = `select asset_id::integer as "assetId", symbol, decimals,
    coalesce(extract(epoch from listed_at) * 1000000, 0)::bigint::text as "timeUs" from assets`;

const MARKETS = `select market_id::integer as "marketId", symbol,
    base_asset_id::integer as "baseAssetId", quote_asset_id::integer as "quoteAssetId",
    tick_size::text as tick, step_size::text as step,
    base_units_per_lot::text as "baseUnitsPerLot",
    quote_units_per_tick_lot::text as "quoteUnitsPerTickLot",
    (min_price / tick_size)::bigint::text as "minPriceTicks",
    (max_price / tick_size)::bigint::text as "maxPriceTicks",
    (min_quantity / step_size)::bigint::text as "minQuantityLots",
    (max_quantity / step_size)::bigint::text as "maxQuantityLots",
    maker_fee_bps as "makerFeeBps", taker_fee_bps as "takerFeeBps",
    min_notional::text as "minNotional", price_band_bps as "priceBandBps", state,
    (extract(epoch from listed_at) * 1000000)::bigint::text as "listedAtUs",
    (extract(epoch from updated_at) * 1000000)::bigint::text as "updatedAtUs",
    (select max(trade_id) from trades where trades.market_id = markets.market_id)::text as "lastTradeId"
  from markets`;

const REFUSED = 'select frame from refused_events where event_type = $1 order by shard, sequence';

/**
 * Reads what the events up to the committed positions have listed: from the tables, and from the
 * listings that the tables refused, since later events name what they listed all the same.
 */
export async function loadListings(client: pg.Client): Promise<Listings> {
  const listings = new Listings();
  const assets = await client.query(ASSETS);
  for (const row of assets.rows) listings.addAsset({ ...row, timeUs: Number(row.timeUs) });
  for (const event of await refused(client, AssetListed)) listings.addAsset(event);
  const markets = await client.query(MARKETS);
  for (const row of markets.rows) addMarket(listings, row);
  for (const event of await refused(client, MarketListed)) {
    if (!listings.hasMarket(event.marketId)) listings.addMarket(event, OrderBookState.Open);
  }
  for (const event of await refused(client, MarketStateChanged)) {
    const market = listings.market(event.marketId);
    if (event.timeUs < market.updatedAtUs) continue;
    market.state = event.state;
    market.updatedAtUs = event.timeUs;
  }
  return listings;
}

/** A row of `MARKETS`; pg gives integers as numbers and the rest as asked. */
interface MarketRow extends Record<string, string | number> {
  marketId: number;
  symbol: string;
  baseAssetId: number;
  quoteAssetId: number;
  tick: string;
  step: string;
  minNotional: string;
  makerFeeBps: number;
  takerFeeBps: number;
  priceBandBps: number;
  state: keyof typeof OrderBookState;
}

function addMarket(listings: Listings, row: MarketRow): void {
  const { marketId } = row;
  const spec = {
    marketId,
    symbol: row.symbol,
    baseAssetId: row.baseAssetId,
    quoteAssetId: row.quoteAssetId,
    priceDecimals: decimalsOf(row.tick),
    tickUnits: unitsOf(row.tick),
    quantityDecimals: decimalsOf(row.step),
    lotUnits: unitsOf(row.step),
    baseUnitsPerLot: Number(row.baseUnitsPerLot),
    quoteUnitsPerTickLot: Number(row.quoteUnitsPerTickLot),
    minPriceTicks: Number(row.minPriceTicks),
    maxPriceTicks: Number(row.maxPriceTicks),
    minQuantityLots: Number(row.minQuantityLots),
    maxQuantityLots: Number(row.maxQuantityLots),
    makerFeeBps: row.makerFeeBps,
    takerFeeBps: row.takerFeeBps,
    minNotionalUnits: unitsOf(row.minNotional),
    priceBandBps: row.priceBandBps,
  };
  const timeUs = Number(row.listedAtUs);
  listings.addMarket({ ...spec, requestId: 0, timeUs }, OrderBookState[row.state]);
  const market = listings.market(marketId);
  market.updatedAtUs = Number(row.updatedAtUs);
  market.lastTradeId = Number(row.lastTradeId ?? 0);
}

function decimalsOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

function unitsOf(text: string): number {
  return Number(text.replace('.', ''));
}

/** The events of one type that are in `refused_events`. */
async function refused<M extends Message>(
  client: pg.Client,
  message: M,
): Promise<ReturnType<M['create']>[]> {
  const { rows } = await client.query(REFUSED, [message.name]);
  return rows.map(({ frame }: { frame: Buffer }) => {
    const reader = new FrameReader();
    const framed = Buffer.alloc(4 + frame.length);
    framed.writeUInt32LE(frame.length);
    frame.copy(framed, 4);
    reader.reset(framed, 0, framed.length);
    reader.next();
    return message.decode(reader, message.create()) as ReturnType<M['create']>;
  });
}
