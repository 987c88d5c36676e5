import { type RequestDraft, RequestKind } from '../generator/request-draft.ts';
import type { Random } from '../random.ts';
import { ClientIds } from './client-ids.ts';
import type { Flow, FlowPlace, OpenOrder } from './flow.ts';

export interface QuoteSpec {
  readonly kind: 'quotes';
  /** Quotes that every connection holds on each side. */
  readonly levels: number;
  /** Of the requests for a quote that stands: the others replace it. */
  readonly cancelShare: number;
}

/** Ticks that one level has to itself: a quote moves within them, so that none ever crosses another. */
const LEVEL_TICKS = 5;
const LOTS_MOST = 20;

/** In ticks from the middle. */
export function quoteReach({ levels }: QuoteSpec): number {
  return levels * LEVEL_TICKS;
}

/**
 * Market makers: every connection keeps `levels` quotes on both sides of its market and moves one after the other, by a replace
 * or by a cancel and a new order.
 */
export class QuoteFlow implements Flow {
  readonly preludeRequests: number;
  readonly tradedTicks = 0;
  readonly #spec: QuoteSpec;
  readonly #place: FlowPlace;
  readonly #random: Random;
  readonly #ids = new ClientIds();
  /** Of each connection's quotes, bids and asks in turn by level; 0 where none stands. */
  readonly #quotes: Uint32Array;
  readonly #priceTicks: Float64Array;
  readonly #quantityLots: Float64Array;
  readonly #nextQuote: Uint32Array;
  readonly #perConnection: number;
  #requests = 0;

  constructor(spec: QuoteSpec, place: FlowPlace, random: Random) {
    this.#spec = spec;
    this.#place = place;
    this.#random = random;
    this.#perConnection = 2 * spec.levels;
    this.#quotes = new Uint32Array(place.connections * this.#perConnection);
    this.#priceTicks = new Float64Array(this.#quotes.length);
    this.#quantityLots = new Float64Array(this.#quotes.length);
    this.#nextQuote = new Uint32Array(place.connections);
    this.preludeRequests = this.#quotes.length;
  }

  next(draft: RequestDraft): void {
    const { connections, markets } = this.#place;
    const connection = this.#requests++ % connections;
    const quote = this.#nextQuote[connection]!;
    this.#nextQuote[connection] = (quote + 1) % this.#perConnection;
    const index = connection * this.#perConnection + quote;
    const standing = this.#quotes[index]!;
    draft.connection = connection;
    draft.market = this.#marketOf(connection);
    draft.isBid = quote % 2 === 0;
    draft.isImmediateOrCancel = false;
    if (standing === 0) {
      draft.kind = RequestKind.Place;
      draft.clientId = this.#ids.take();
      this.#quotes[index] = draft.clientId;
    } else if (this.#random.chance(this.#spec.cancelShare)) {
      draft.kind = RequestKind.Cancel;
      draft.clientId = standing;
      this.#quotes[index] = 0;
      // The new quote follows at once.
      this.#nextQuote[connection] = quote;
      return;
    } else {
      draft.kind = RequestKind.Replace;
      draft.clientId = standing;
    }
    const ticks = Math.floor(quote / 2) * LEVEL_TICKS + this.#random.integer(1, LEVEL_TICKS);
    const { midTicks } = markets[draft.market]!;
    draft.priceTicks = draft.isBid ? midTicks - ticks : midTicks + ticks;
    draft.quantityLots = this.#random.integer(1, LOTS_MOST);
    this.#priceTicks[index] = draft.priceTicks;
    this.#quantityLots[index] = draft.quantityLots;
  }

  openOrders(connection: number): readonly OpenOrder[] {
    const first = connection * this.#perConnection;
    const orders: OpenOrder[] = [];
    for (let index = first; index < first + this.#perConnection; index++) {
      const clientId = this.#quotes[index]!;
      if (clientId === 0) continue;
      orders.push({
        clientId,
        market: this.#marketOf(connection),
        priceTicks: this.#priceTicks[index]!,
        quantityLots: this.#quantityLots[index]!,
      });
    }
    return orders;
  }

  #marketOf(connection: number): number {
    const { firstConnection, markets } = this.#place;
    return (firstConnection + connection) % markets.length;
  }
}
