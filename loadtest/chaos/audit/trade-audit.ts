import { unitsOf } from '../../client/decimal-text.ts';
import type { AccountFacts } from '../account-facts.ts';
import type { FillRow, TradeRow } from '../database.ts';
import type { Findings } from '../findings.ts';
import { baseUnitsOf, type ChaosMarket, quoteUnitsOf } from '../markets.ts';
import { type FillFact, sameFill } from '../order-record.ts';
import type { PublicTrade } from '../public-feed.ts';
import type { Wallets } from './wallets.ts';

/** What the auditor has read of a market's trades so far. */
export class MarketTrades {
  readonly market: ChaosMarket;
  lastTradeId = 0;
  /** Σ quantity, in units of the base asset. */
  baseUnits = 0n;
  /** Σ price × quantity. */
  quoteUnits = 0n;

  constructor(market: ChaosMarket) {
    this.market = market;
  }
}

interface TradeAudit {
  readonly accounts: ReadonlyMap<number, AccountFacts>;
  readonly wallets: Wallets;
  readonly findings: Findings;
}

/**
 * Takes the trades of a market since the last audit: their ids are dense, each has both fills, every fill that was
 * told is there as told, and so is every trade of the public stream. Moves the money of the fills in `wallets` and
 * adds them to the sums of their orders.
 */
export function auditTrades(
  audit: TradeAudit,
  known: MarketTrades,
  rows: readonly TradeRow[],
  told: PublicTrade[],
): void {
  const { findings } = audit;
  const { symbol } = known.market;
  const toldById = new Map(told.map((trade) => [trade.tradeId, trade]));
  told.length = 0;
  for (const row of rows) {
    if (row.tradeId !== known.lastTradeId + 1) {
      const last = known.lastTradeId;
      findings.add('sequence', () => `${symbol} trade ${row.tradeId} follows ${last}`);
    }
    known.lastTradeId = row.tradeId;
    takeTrade(audit, known, row);
    const public_ = toldById.get(row.tradeId);
    toldById.delete(row.tradeId);
    if (public_ !== undefined) compareTold(findings, known.market, row, public_);
  }
  for (const { tradeId, quantity } of toldById.values()) {
    findings.add('lost', () => `${symbol} trade ${tradeId} of ${quantity}, told on the stream`);
  }
}

function takeTrade(audit: TradeAudit, known: MarketTrades, row: TradeRow): void {
  const { market } = known;
  const price = unitsOf(row.price, market.priceDecimals);
  const quantity = unitsOf(row.quantity, market.quantityDecimals);
  const quoteUnits = quoteUnitsOf(market, price, quantity);
  known.baseUnits += BigInt(baseUnitsOf(market, quantity));
  known.quoteUnits += BigInt(quoteUnits);
  const { findings } = audit;
  const wrong = (what: string): void =>
    findings.add('half applied', () => `${market.symbol} trade ${row.tradeId} ${what}`);
  if (unitsOf(row.quoteQuantity, market.quote.decimals) !== quoteUnits) {
    wrong(`is worth ${row.quoteQuantity}`);
  }
  const makerSide = row.takerSide === 'Bid' ? 'Ask' : 'Bid';
  for (const [fill, orderId, side, isMaker] of [
    [row.maker, row.makerOrderId, makerSide, true],
    [row.taker, row.takerOrderId, row.takerSide, false],
  ] as const) {
    if (fill === null) {
      wrong(`has no fill of order ${orderId}`);
      continue;
    }
    const fact = factOf(market, row.tradeId, fill);
    const isOfTrade = fact.price === price && fact.quantity === quantity;
    if (!isOfTrade || fill.side !== side || fill.isMaker !== isMaker) {
      wrong(`is ${quantity} at ${price}, its fill ${JSON.stringify(fill)}`);
    }
    takeFill(audit, market, orderId, fill, fact);
  }
}

function takeFill(
  { accounts, wallets, findings }: TradeAudit,
  market: ChaosMarket,
  orderId: string,
  { accountId, side }: FillRow,
  fill: FillFact,
): void {
  const quoteUnits = quoteUnitsOf(market, fill.price, fill.quantity);
  const baseUnits = baseUnitsOf(market, fill.quantity);
  const direction = side === 'Bid' ? 1 : -1;
  wallets.move(accountId, market.base, direction * baseUnits);
  wallets.move(accountId, market.quote, -direction * quoteUnits - fill.feeUnits);
  wallets.takeFee(market.quote, fill.feeUnits);
  const record = accounts.get(accountId)?.byOrderId.get(orderId);
  if (record === undefined) {
    const { symbol } = market;
    findings.add('phantom', () => `${symbol} trade ${fill.tradeId} of order ${orderId}, not open`);
    return;
  }
  const { filled } = record;
  filled.quantity += fill.quantity;
  filled.quoteUnits += quoteUnits;
  filled.feeUnits += fill.feeUnits;
  filled.feesOwed += quoteUnits * (fill.isMaker ? market.makerFeeBps : market.takerFeeBps);
  const told = record.fills.get(fill.tradeId);
  record.fills.delete(fill.tradeId);
  if (told !== undefined && !sameFill(told, fill)) {
    const was = JSON.stringify(told);
    findings.add(
      'contradiction',
      () => `${record.name}: fill ${was} is kept as ${JSON.stringify(fill)}`,
    );
  }
}

function factOf(market: ChaosMarket, tradeId: number, row: FillRow): FillFact {
  return {
    tradeId,
    price: unitsOf(row.price, market.priceDecimals),
    quantity: unitsOf(row.quantity, market.quantityDecimals),
    feeUnits: unitsOf(row.fee, market.quote.decimals),
    isMaker: row.isMaker,
  };
}

function compareTold(
  findings: Findings,
  market: ChaosMarket,
  row: TradeRow,
  told: PublicTrade,
): void {
  const buyerIsMaker = row.takerSide === 'Ask';
  const isSame =
    told.price === unitsOf(row.price, market.priceDecimals) &&
    told.quantity === unitsOf(row.quantity, market.quantityDecimals) &&
    told.buyerIsMaker === buyerIsMaker &&
    told.buyOrderId === (buyerIsMaker ? row.makerOrderId : row.takerOrderId) &&
    told.sellOrderId === (buyerIsMaker ? row.takerOrderId : row.makerOrderId);
  if (isSame) return;
  const was = JSON.stringify(told);
  findings.add('contradiction', () => `${market.symbol} trade told as ${was} is kept otherwise`);
}
