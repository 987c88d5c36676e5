import type {
  OrderStatus,
  OrderType,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from '../../engine/protocol/enums.ts';

export type StatusName = keyof typeof OrderStatus;

/** An order as it was sent; numbers in the market's decimals, amounts in units of the quote asset. */
export interface SentOrder {
  readonly accountId: number;
  readonly clientId: number;
  readonly symbol: string;
  readonly side: keyof typeof Side;
  readonly orderType: keyof typeof OrderType;
  readonly timeInForce: keyof typeof TimeInForce;
  readonly postOnly: boolean;
  readonly selfTradePrevention: keyof typeof SelfTradePrevention;
  /** Null for a market order. */
  readonly price: number | null;
  /** Null for an order sized by its quote quantity. */
  readonly quantity: number | null;
  readonly quoteQuantity: number | null;
  /** Null unless it is a stop order. */
  readonly triggerPrice: number | null;
}

/** One fill of an order, as a reply, a stream or a row of the database tells it; in whole units. */
export interface FillFact {
  readonly tradeId: number;
  readonly price: number;
  readonly quantity: number;
  readonly feeUnits: number;
  readonly isMaker: boolean;
}

/** What a reply or a stream says of an order as a whole. */
export interface OrderState {
  readonly orderId: string;
  readonly status: StatusName;
  readonly executed: number;
  readonly executedQuoteUnits: number;
}

/** Price and quantity that a reduce or replace gives an order. */
export interface Terms {
  readonly price: number | null;
  readonly quantity: number | null;
}

/** How much of an order the auditor has found in the database's trades. Sums over its fills. */
interface FilledSums {
  quantity: number;
  quoteUnits: number;
  feeUnits: number;
  /** Σ quote units × fee rate, in 1/10,000 of a unit: what the fees must come to. */
  feesOwed: number;
}

export function isOver(status: StatusName | null): boolean {
  return (
    status === 'Filled' ||
    status === 'Cancelled' ||
    status === 'Expired' ||
    status === 'TriggerFailed'
  );
}

/**
 * All that is known of one order: what was asked, and the furthest that the venue has told. Replies and the
 * account's stream reach us in any order, so what is told only ever moves on; what cannot be both true is
 * answered in words, and is a finding.
 */
export class OrderRecord {
  readonly sent: SentOrder;
  /** Whether the request was answered. What has no answer when its socket closes stays `open`. */
  answer: 'open' | 'taken' | 'refused' = 'open';
  /** Null until the venue has told it, or the auditor has found it. */
  orderId: string | null = null;
  status: StatusName | null = null;
  executed = 0;
  executedQuoteUnits = 0;
  terms: Terms;
  /** What a reduce or replace without an answer would make of the terms. At most one is under way. */
  change: Terms | null = null;
  /** A reduce or replace was sent and is not answered. */
  isChanging = false;
  /** Cancels of it without a refusal: only then may it end as cancelled. */
  cancelsAsked = 0;
  /** By trade id. */
  readonly fills = new Map<number, FillFact>();
  /** Acknowledgements about it that the auditor has not yet held against the state. */
  unchecked = 0;
  /** What the auditor found in the trades so far. */
  readonly filled: FilledSums = { quantity: 0, quoteUnits: 0, feeUnits: 0, feesOwed: 0 };
  /** Place in its account's list of open orders, −1 when it is in none. */
  openIndex = -1;

  constructor(sent: SentOrder) {
    this.sent = sent;
    this.terms = { price: sent.price, quantity: sent.quantity };
  }

  get isOver(): boolean {
    return isOver(this.status);
  }

  /** For a finding. */
  get name(): string {
    const { accountId, clientId, symbol, side, orderType } = this.sent;
    return `order ${this.orderId ?? '?'} (account ${accountId}, client id ${clientId}, ${symbol} ${side} ${orderType})`;
  }

  /** Takes what was told of the order; answers what it contradicts, or null. */
  tell(state: OrderState): string | null {
    if (this.answer === 'refused') return `told as ${state.status} after a refusal`;
    this.orderId ??= state.orderId;
    if (this.orderId !== state.orderId) return `told again as order ${state.orderId}`;
    const wasOver = this.isOver;
    if (wasOver && isOver(state.status)) {
      const isSame = this.status === state.status && this.executed === state.executed;
      return isSame ? null : `${describe(this)} told as ${describe(state)}`;
    }
    if ((wasOver && state.executed > this.executed) || this.#isBehind(state)) {
      return `${describe(this)} told as ${describe(state)}`;
    }
    if (wasOver || state.executed < this.executed) return null;
    this.status = state.status;
    this.executed = state.executed;
    this.executedQuoteUnits = state.executedQuoteUnits;
    return null;
  }

  /** Takes a fill that was told; answers what it contradicts, or null. */
  tellFill(fill: FillFact): string | null {
    const known = this.fills.get(fill.tradeId);
    if (known === undefined) {
      this.fills.set(fill.tradeId, fill);
      return null;
    }
    return sameFill(known, fill)
      ? null
      : `fill ${JSON.stringify(known)} told as ${JSON.stringify(fill)}`;
  }

  /** True when `state` ends the order with less executed than was told before. */
  #isBehind(state: OrderState): boolean {
    return isOver(state.status) && state.executed < this.executed;
  }
}

export function sameFill(a: FillFact, b: FillFact): boolean {
  return (
    a.price === b.price &&
    a.quantity === b.quantity &&
    a.feeUnits === b.feeUnits &&
    a.isMaker === b.isMaker
  );
}

export function sameTerms(a: Terms, b: Terms): boolean {
  return a.price === b.price && a.quantity === b.quantity;
}

function describe({
  status,
  executed,
}: {
  readonly status: StatusName | null;
  readonly executed: number;
}): string {
  return `${status} with ${executed} executed`;
}
