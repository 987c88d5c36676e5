import { BookBuilder, type DepthEvent, SequenceGap } from '../client/book-builder.ts';
import { unitsOf } from '../client/decimal-text.ts';
import { RestClient } from '../client/rest-client.ts';
import { WsClient } from '../client/ws-client.ts';
import type { SharedFacts } from './account-facts.ts';
import { CHAOS_MARKETS, type ChaosMarket } from './markets.ts';

/** A trade as the public stream told it. */
export interface PublicTrade {
  readonly tradeId: number;
  readonly price: number;
  readonly quantity: number;
  readonly sellOrderId: string;
  readonly buyOrderId: string;
  readonly buyerIsMaker: boolean;
}

interface WireTrade {
  readonly t: number;
  readonly p: string;
  readonly q: string;
  readonly a: string;
  readonly b: string;
  readonly m: boolean;
}

/** What the public streams of one market told, over all lives of the venue. */
export class PublicMarket {
  readonly market: ChaosMarket;
  /** Trades not yet held against the database. */
  readonly trades: PublicTrade[] = [];
  /** Of the life under way. */
  book: BookBuilder;
  lastTradeId = 0;
  /** The next trade must be the one after the last: none can have happened unheard. */
  isTradeKnown = true;

  constructor(market: ChaosMarket) {
    this.market = market;
    this.book = new BookBuilder(market);
  }
}

/**
 * A subscriber of all public depth and trade streams. In every life it joins the depth stream to a snapshot as the
 * contract says, and notes as findings any hole, repetition or step back, also from one life to the next.
 */
export class PublicFeed {
  readonly markets: ReadonlyMap<string, PublicMarket>;
  readonly #shared: SharedFacts;
  #client: WsClient | null = null;

  constructor(shared: SharedFacts) {
    this.#shared = shared;
    this.markets = new Map(
      CHAOS_MARKETS.map((market) => [market.symbol, new PublicMarket(market)]),
    );
  }

  /** Subscribes and fetches the snapshots. Throws what the venue refuses. */
  async connect(url: string): Promise<void> {
    const client = await WsClient.connect(url, 'json');
    this.#client = client;
    const rest = new RestClient(url);
    for (const one of this.markets.values()) {
      const { symbol } = one.market;
      one.book = new BookBuilder(one.market);
      one.isTradeKnown = false;
      await client.subscribe([`depth.${symbol}`], (data) => this.#depth(one, data as never));
      await client.subscribe([`trade.${symbol}`], (data) => this.#trade(one, data as never));
    }
    for (const one of this.markets.values()) {
      const snapshot = await rest.depth(one.market.symbol);
      this.#checkSnapshot(one, Number(snapshot.lastUpdateId));
      this.#guard(one, () => one.book.applySnapshot(snapshot));
    }
  }

  async disconnect(): Promise<void> {
    await this.#client?.close();
    this.#client = null;
  }

  #depth(one: PublicMarket, event: DepthEvent): void {
    if (one.book.synchronised) this.#noteUpdateId(one, event.u);
    this.#guard(one, () => one.book.applyEvent(event));
  }

  #trade(one: PublicMarket, { t, p, q, a, b, m }: WireTrade): void {
    const { market } = one;
    if (t <= one.lastTradeId || (one.isTradeKnown && t !== one.lastTradeId + 1)) {
      this.#shared.findings.add(
        'sequence',
        () => `${market.symbol} trade ${t} was told after ${one.lastTradeId}`,
      );
    }
    one.lastTradeId = t;
    one.isTradeKnown = true;
    one.trades.push({
      tradeId: t,
      price: unitsOf(p, market.priceDecimals),
      quantity: unitsOf(q, market.quantityDecimals),
      sellOrderId: a,
      buyOrderId: b,
      buyerIsMaker: m,
    });
  }

  /** Whatever was told of a market's ids before, in this life or an earlier one, bounds what may come. */
  #checkSnapshot(one: PublicMarket, updateId: number): void {
    const { symbol } = one.market;
    const before = this.#shared.updateIds.get(symbol) ?? 0;
    if (updateId < before) {
      const describe = () => `${symbol}: a snapshot at update ${updateId} after ${before}`;
      this.#shared.findings.add('sequence', describe);
    }
    this.#noteUpdateId(one, updateId);
  }

  #noteUpdateId(one: PublicMarket, updateId: number): void {
    const { updateIds } = this.#shared;
    const { symbol } = one.market;
    if (updateId > (updateIds.get(symbol) ?? 0)) updateIds.set(symbol, updateId);
  }

  #guard(one: PublicMarket, apply: () => void): void {
    try {
      apply();
    } catch (error) {
      if (!(error instanceof SequenceGap)) throw error;
      this.#shared.findings.add('sequence', () => `${one.market.symbol}: ${error.message}`);
    }
  }
}
