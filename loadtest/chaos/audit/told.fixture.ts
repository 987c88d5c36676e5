import { textOf } from '../../client/decimal-text.ts';
import { AccountFacts, type SharedFacts } from '../account-facts.ts';
import type { FillRow, OrderRow, TradeRow } from '../database.ts';
import { Findings } from '../findings.ts';
import { CHAOS_MARKETS, quoteUnitsOf } from '../markets.ts';
import type { OrderRecord, SentOrder, StatusName } from '../order-record.ts';
import type { WireFill, WireOrder } from '../wire-orders.ts';
import type { OrderLedger } from './order-audit.ts';

export const MARKET = CHAOS_MARKETS[0]!;

interface Progress {
  readonly status?: StatusName;
  readonly executed?: number;
  readonly executedQuoteUnits?: number;
  readonly price?: number;
  readonly quantity?: number;
  readonly fills?: readonly WireFill[];
}

/** Two accounts of one run, and what the tests tell them and let the database say. */
export class Told {
  readonly findings = new Findings();
  readonly shared: SharedFacts = {
    findings: this.findings,
    updateIds: new Map(),
    lastOrderIds: new Map(),
    acknowledged: 0,
  };
  readonly buyer = new AccountFacts(1, this.shared);
  readonly seller = new AccountFacts(2, this.shared);
  readonly accounts = new Map([this.buyer, this.seller].map((facts) => [facts.accountId, facts]));
  readonly ledger: OrderLedger = {
    accounts: this.accounts,
    settled: new Map(),
    lastOrderIds: this.shared.lastOrderIds,
    findings: this.findings,
    checked: 0,
    unanswered: { taken: [], untaken: [] },
  };

  /** A limit order of 100 at 10,000, sent and not answered. */
  send(facts: AccountFacts, features: Partial<SentOrder> = {}): OrderRecord {
    return facts.sending({
      accountId: facts.accountId,
      clientId: facts.nextClientId(),
      symbol: MARKET.symbol,
      side: facts === this.buyer ? 'Bid' : 'Ask',
      ...{ orderType: 'Limit', timeInForce: 'GTC', postOnly: false },
      selfTradePrevention: 'RejectTaker',
      ...{ price: 10_000, quantity: 100, quoteQuantity: null, triggerPrice: null },
      ...features,
    });
  }

  /** The same, acknowledged. */
  place(facts: AccountFacts, orderId: string, progress: Progress = {}): OrderRecord {
    const record = this.send(facts);
    facts.acknowledged(wireOrder(record.sent, orderId, progress));
    return record;
  }
}

export function wireOrder(sent: SentOrder, id: string, progress: Progress = {}): WireOrder {
  const { status = 'New', executed = 0, executedQuoteUnits, fills } = progress;
  const { symbol, clientId, side, orderType, timeInForce, postOnly, selfTradePrevention } = sent;
  const price = progress.price ?? sent.price!;
  const quoteUnits = executedQuoteUnits ?? quoteUnitsOf(MARKET, price, executed);
  return {
    ...{ id, symbol, clientId, side, orderType, timeInForce, postOnly, selfTradePrevention },
    price: textOf(price, MARKET.priceDecimals),
    quantity: textOf(progress.quantity ?? sent.quantity!, MARKET.quantityDecimals),
    triggerPrice: null,
    status,
    executedQuantity: textOf(executed, MARKET.quantityDecimals),
    executedQuoteQuantity: textOf(quoteUnits, MARKET.quote.decimals),
    ...(fills === undefined ? {} : { fills }),
  };
}

/** The row of an order; its digest tells of its state. */
export function orderRow(sent: SentOrder, orderId: string, progress: Progress = {}): OrderRow {
  const wire = wireOrder(sent, orderId, progress);
  const { side, orderType, timeInForce, selfTradePrevention, status } = wire;
  const { executedQuantity, executedQuoteQuantity } = wire;
  return {
    ...{ orderId, side, orderType, timeInForce, selfTradePrevention, status },
    accountId: sent.accountId,
    symbol: sent.symbol,
    clientId: sent.clientId,
    postOnly: sent.postOnly,
    price: wire.price!,
    quantity: wire.quantity,
    quoteQuantity: null,
    ...{ executedQuantity, executedQuoteQuantity, triggerPrice: null },
    digest: `${status} ${executedQuantity}`,
  };
}

/** A trade in which account 1 has bought from the resting order of account 2, fees exact. */
export function tradeRow(
  tradeId: number,
  buyOrderId: string,
  sellOrderId: string,
  quantity: number,
  price = 10_000,
): TradeRow {
  const quoteUnits = quoteUnitsOf(MARKET, price, quantity);
  const common = {
    price: textOf(price, MARKET.priceDecimals),
    quantity: textOf(quantity, MARKET.quantityDecimals),
    quoteQuantity: textOf(quoteUnits, MARKET.quote.decimals),
  };
  const fill = (accountId: number, side: string, isMaker: boolean): FillRow => {
    const bps = isMaker ? MARKET.makerFeeBps : MARKET.takerFeeBps;
    const fee = textOf(Math.ceil((quoteUnits * bps) / 10_000), MARKET.quote.decimals);
    return { accountId, side, fee, isMaker, ...common };
  };
  return {
    tradeId,
    ...common,
    takerSide: 'Bid',
    makerOrderId: sellOrderId,
    takerOrderId: buyOrderId,
    maker: fill(2, 'Ask', true),
    taker: fill(1, 'Bid', false),
  };
}

/** The fill of a trade's taker as a reply tells it. */
export function fillOfTaker({ tradeId, taker }: TradeRow): WireFill {
  const { price, quantity, fee } = taker!;
  return { tradeId, price, quantity, fee, isMaker: false };
}
