import { type RequestDraft, RequestKind } from '../generator/request-draft.ts';
import type { Random } from '../random.ts';
import { ClientIds } from './client-ids.ts';
import type { Flow, FlowPlace, OpenOrder } from './flow.ts';
import { RestingOrders } from './resting-orders.ts';
import { Zipf } from './zipf.ts';

/** Shares are of all requests, from 0 to 1; what is left places and cancels, about evenly. */
export interface MixSpec {
  readonly kind: 'mix';
  /** Most orders that rest at once, of each connection. */
  readonly restingPerConnection: number;
  /** Of that, how many are placed before the start. */
  readonly preludePerConnection: number;
  /** Orders rest up to so many ticks behind the touch, evenly. */
  readonly levels: number;
  readonly replaceShare: number;
  /** Orders at the touch and the orders that take them. */
  readonly takeShare: number;
  /** Of the markets' activity: 0 is even, 1 is Zipf's law. */
  readonly zipfExponent: number;
}

/** Ticks between the middle and the touch; what is behind it is never reached. */
const TOUCH_TICKS = 1;
const LOTS_MOST = 10;
/** Lots that may wait at a touch. */
const TOUCH_LOTS_MAX = 200;

/** In ticks from the middle. */
export function mixReach({ levels }: MixSpec): number {
  return TOUCH_TICKS + levels;
}

/**
 * The mixed trade of many participants: limits that rest behind the touch, their cancels and replaces, small orders
 * at the touch, and immediate-or-cancel orders that take those. Connections of even number make the touch, those of
 * odd number take it, so that no account meets itself; a run of a single connection has no trades.
 */
export class MixFlow implements Flow {
  readonly preludeRequests: number;
  readonly tradedTicks = TOUCH_TICKS + 1;
  readonly #spec: MixSpec;
  readonly #place: FlowPlace;
  readonly #random: Random;
  readonly #markets: Zipf;
  readonly #ids = new ClientIds();
  readonly #resting: readonly RestingOrders[];
  /** Lots that wait at the touch of each market by what was asked for: bids first, then asks. */
  readonly #touchLots: Float64Array;
  #requests = 0;

  constructor(spec: MixSpec, place: FlowPlace, random: Random) {
    this.#spec = spec;
    this.#place = place;
    this.#random = random;
    this.#markets = new Zipf(place.markets.length, spec.zipfExponent);
    this.#touchLots = new Float64Array(2 * place.markets.length);
    this.#resting = Array.from(
      { length: place.connections },
      () => new RestingOrders(spec.restingPerConnection),
    );
    this.preludeRequests = spec.preludePerConnection * place.connections;
  }

  next(draft: RequestDraft): void {
    const { connections, firstConnection } = this.#place;
    const connection = this.#requests % connections;
    draft.connection = connection;
    draft.isImmediateOrCancel = false;
    const isPrelude = this.#requests++ < this.preludeRequests;
    const { replaceShare, takeShare } = this.#spec;
    const resting = this.#resting[connection]!;
    if (isPrelude) {
      this.#rest(draft, resting);
      return;
    }
    const dice = this.#random.next();
    if (dice < takeShare) {
      const isMaker = (firstConnection + connection) % 2 === 0;
      if (isMaker ? this.#make(draft) : this.#take(draft)) return;
    } else if (dice < takeShare + replaceShare && resting.count > 0) {
      this.#replace(draft, resting);
      return;
    }
    this.#restOrCancel(draft, resting);
  }

  openOrders(connection: number): readonly OpenOrder[] {
    return this.#resting[connection]!.all();
  }

  /** Holds the number of resting orders between half of what is allowed and all of it. */
  #restOrCancel(draft: RequestDraft, resting: RestingOrders): void {
    const most = this.#spec.restingPerConnection;
    const mayRest = resting.count < most;
    const mayCancel = resting.count > 0 && resting.count >= most / 2;
    if (mayRest && (!mayCancel || this.#random.chance(0.5))) this.#rest(draft, resting);
    else this.#cancel(draft, resting);
  }

  #rest(draft: RequestDraft, resting: RestingOrders): void {
    const isBid = this.#random.chance(0.5);
    const market = this.#markets.pick(this.#random);
    draft.kind = RequestKind.Place;
    draft.market = market;
    draft.isBid = isBid;
    draft.clientId = this.#ids.take();
    draft.priceTicks = this.#priceBehindTouch(market, isBid);
    draft.quantityLots = this.#random.integer(1, LOTS_MOST);
    resting.add(draft);
  }

  #cancel(draft: RequestDraft, resting: RestingOrders): void {
    const index = this.#random.integer(0, resting.count - 1);
    draft.kind = RequestKind.Cancel;
    draft.market = resting.market[index]!;
    draft.clientId = resting.clientId[index]!;
    resting.remove(index);
  }

  #replace(draft: RequestDraft, resting: RestingOrders): void {
    const index = this.#random.integer(0, resting.count - 1);
    const market = resting.market[index]!;
    draft.kind = RequestKind.Replace;
    draft.market = market;
    draft.clientId = resting.clientId[index]!;
    draft.priceTicks = this.#priceBehindTouch(market, resting.isBid[index] === 1);
    draft.quantityLots = this.#random.integer(1, LOTS_MOST);
    resting.replace(index, draft);
  }

  #priceBehindTouch(market: number, isBid: boolean): number {
    const ticks = TOUCH_TICKS + this.#random.integer(1, this.#spec.levels);
    const { midTicks } = this.#place.markets[market]!;
    return isBid ? midTicks - ticks : midTicks + ticks;
  }

  /** An order at the touch; false when enough wait there. */
  #make(draft: RequestDraft): boolean {
    const market = this.#markets.pick(this.#random);
    const isBid = this.#random.chance(0.5);
    const side = 2 * market + (isBid ? 0 : 1);
    if (this.#touchLots[side]! >= TOUCH_LOTS_MAX) return false;
    const lots = this.#random.integer(1, LOTS_MOST);
    this.#touchLots[side]! += lots;
    this.#atTouch(draft, market, isBid, isBid, lots);
    return true;
  }

  /** An order that takes what waits at a touch; false when nothing does. */
  #take(draft: RequestDraft): boolean {
    const market = this.#markets.pick(this.#random);
    const isBid = this.#random.chance(0.5);
    const side = 2 * market + (isBid ? 1 : 0);
    const waiting = this.#touchLots[side]!;
    if (waiting === 0) return false;
    const lots = Math.min(waiting, this.#random.integer(1, LOTS_MOST));
    this.#touchLots[side] = waiting - lots;
    // One lot more than is counted: orders of two connections overtake each other, and what a taker missed must not
    // pile up.
    this.#atTouch(draft, market, isBid, !isBid, lots + 1);
    draft.isImmediateOrCancel = true;
    return true;
  }

  #atTouch(
    draft: RequestDraft,
    market: number,
    isBid: boolean,
    isBidTouch: boolean,
    lots: number,
  ): void {
    const { midTicks } = this.#place.markets[market]!;
    draft.kind = RequestKind.Place;
    draft.market = market;
    draft.isBid = isBid;
    draft.clientId = this.#ids.take();
    draft.priceTicks = isBidTouch ? midTicks - TOUCH_TICKS : midTicks + TOUCH_TICKS;
    draft.quantityLots = lots;
  }
}
