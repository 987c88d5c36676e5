import type { Random } from '../random.ts';
import type { AccountFacts } from './account-facts.ts';
import { CHAOS_MARKETS, type ChaosMarket, marketOf } from './markets.ts';
import type { OrderRecord, SentOrder, Terms } from './order-record.ts';

/** One request to send, with what it means for the records of its account. */
export type FlowRequest =
  | { readonly kind: 'place'; readonly orders: readonly [SentOrder] }
  | { readonly kind: 'batch'; readonly orders: readonly SentOrder[] }
  | {
      readonly kind: 'cancel' | 'query';
      readonly record: OrderRecord;
      readonly byClientId: boolean;
    }
  | {
      readonly kind: 'reduce';
      readonly record: OrderRecord;
      readonly by: number;
      readonly terms: Terms;
    }
  | { readonly kind: 'replace'; readonly record: OrderRecord; readonly terms: Terms }
  | { readonly kind: 'cancelAll' | 'queryAll'; readonly market: ChaosMarket | null };

/** An account with more open orders than this rather cancels than places. */
const OPEN_ORDERS_AIM = 40;
const BATCH_ORDERS_MAX = 8;
/** In ticks: how far a limit order is placed from the middle at most, on its own side and beyond it. */
const PASSIVE_TICKS = 30;
const CROSSING_TICKS = 8;
const LOTS_MAX = 400;

const SIDES = ['Bid', 'Ask'] as const;
const PREVENTIONS = ['RejectTaker', 'RejectMaker', 'RejectBoth', 'Allow'] as const;

/**
 * Draws the requests of one account: every kind of order, prices on both sides of the middle so that about as much
 * trades as rests, changes and cancels of orders that are open, and now and then what must be refused.
 */
export class Flow {
  readonly #random: Random;
  readonly #facts: AccountFacts;

  constructor(random: Random, facts: AccountFacts) {
    this.#random = random;
    this.#facts = facts;
  }

  next(): FlowRequest {
    const random = this.#random;
    const { open } = this.#facts;
    const crowding = open.length / OPEN_ORDERS_AIM;
    const draw = random.next();
    if (draw < 0.004) return { kind: 'cancelAll', market: this.#marketOrAll() };
    if (draw < 0.008) return { kind: 'queryAll', market: this.#marketOrAll() };
    if (draw < 0.04)
      return { kind: 'batch', orders: this.#orders(random.integer(2, BATCH_ORDERS_MAX)) };
    if (open.length > 0) {
      const record = open[random.integer(0, open.length - 1)]!;
      if (draw < 0.06) return { kind: 'query', record, byClientId: random.chance(0.5) };
      const change = draw < 0.2 ? this.#change(record) : null;
      if (change !== null) return change;
      if (draw < 0.2 + 0.6 * crowding) {
        return { kind: 'cancel', record, byClientId: random.chance(0.3) };
      }
    }
    return { kind: 'place', orders: [this.#order()] };
  }

  #marketOrAll(): ChaosMarket | null {
    return this.#random.chance(0.7) ? this.#market() : null;
  }

  #market(): ChaosMarket {
    return CHAOS_MARKETS[this.#random.integer(0, CHAOS_MARKETS.length - 1)]!;
  }

  #orders(count: number): SentOrder[] {
    return Array.from({ length: count }, () => this.#order());
  }

  #order(): SentOrder {
    const random = this.#random;
    const market = this.#market();
    const side = SIDES[random.integer(0, 1)]!;
    const common = {
      accountId: this.#facts.accountId,
      clientId: this.#facts.nextClientId(),
      symbol: market.symbol,
      side,
      selfTradePrevention: random.chance(0.7) ? 'RejectTaker' : PREVENTIONS[random.integer(0, 3)]!,
    } as const;
    const quantity = this.#quantity(market);
    const limit = {
      ...({ orderType: 'Limit', timeInForce: 'GTC', postOnly: false, triggerPrice: null } as const),
      ...{ price: this.#price(market, side), quantity, quoteQuantity: null },
    };
    const draw = random.next();
    if (draw < 0.62) return { ...common, ...limit };
    if (draw < 0.7) return { ...common, ...limit, postOnly: true };
    if (draw < 0.77) return { ...common, ...limit, timeInForce: 'IOC' };
    if (draw < 0.81) return { ...common, ...limit, timeInForce: 'FOK' };
    if (draw < 0.87) return { ...common, ...limit, triggerPrice: this.#price(market, side) };
    if (draw < 0.89) return { ...common, ...limit, quantity: unaffordable(market) };
    const asMarket = { orderType: 'Market', timeInForce: 'IOC', price: null } as const;
    if (draw < 0.95) return { ...common, ...limit, ...asMarket };
    if (draw < 0.97) {
      return { ...common, ...limit, ...asMarket, triggerPrice: this.#price(market, side) };
    }
    const worth = market.middlePrice * quantity;
    const decimals = market.quote.decimals - market.priceDecimals - market.quantityDecimals;
    const quoteQuantity = worth * 10 ** decimals + random.integer(0, 99);
    return { ...common, ...limit, ...asMarket, quantity: null, quoteQuantity };
  }

  #price(market: ChaosMarket, side: 'Bid' | 'Ask'): number {
    const ticks = this.#random.integer(-CROSSING_TICKS, PASSIVE_TICKS);
    return market.middlePrice + (side === 'Bid' ? -ticks : ticks) * market.tick;
  }

  #quantity(market: ChaosMarket): number {
    const random = this.#random;
    // Mostly small, with a long tail that sweeps several levels.
    const lots = random.integer(1, random.chance(0.1) ? LOTS_MAX * 5 : LOTS_MAX);
    return lots * market.step;
  }

  /** A reduce or replace; null when the order can have none, or has one under way. */
  #change(record: OrderRecord): FlowRequest | null {
    const { terms, sent } = record;
    const { price, quantity } = terms;
    const cannot = price === null || quantity === null || sent.triggerPrice !== null;
    if (cannot || record.isChanging || record.change !== null) return null;
    const market = marketOf(sent.symbol);
    if (this.#random.chance(0.4)) {
      const lots = Math.floor((quantity - record.executed) / market.step);
      if (lots < 2) return null;
      const by = this.#random.integer(1, lots - 1) * market.step;
      return { kind: 'reduce', record, by, terms: { price, quantity: quantity - by } };
    }
    const isMove = this.#random.chance(0.7);
    const moved = isMove ? this.#price(market, sent.side) : price;
    const resized = !isMove || this.#random.chance(0.3);
    const size = resized ? record.executed + this.#quantity(market) : quantity;
    return { kind: 'replace', record, terms: { price: moved, quantity: size } };
  }
}

/** Twice what an account is given at first: nearly always refused. */
function unaffordable({ base, quantityDecimals }: ChaosMarket): number {
  return 2 * base.endowment * 10 ** quantityDecimals;
}
