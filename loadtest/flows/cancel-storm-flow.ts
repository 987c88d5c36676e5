import { type RequestDraft, RequestKind } from '../generator/request-draft.ts';
import type { Random } from '../random.ts';
import { ClientIds } from './client-ids.ts';
import type { Flow, FlowPlace, OpenOrder } from './flow.ts';
import { RestingOrders } from './resting-orders.ts';

export interface CancelStormSpec {
  readonly kind: 'cancel-storm';
  /** Orders that a connection has resting when its storm begins; it then cancels them all, one by one. */
  readonly restingPerConnection: number;
  readonly levels: number;
}

const LOTS_MOST = 10;

/**
 * Everybody pulls everything: the connections cancel all their orders in random order, place as many again, and so
 * on. The first storm begins with the measured part.
 */
export class CancelStormFlow implements Flow {
  readonly preludeRequests: number;
  readonly tradedTicks = 0;
  readonly #spec: CancelStormSpec;
  readonly #place: FlowPlace;
  readonly #random: Random;
  readonly #ids = new ClientIds();
  readonly #resting: readonly RestingOrders[];
  readonly #isStorm: Uint8Array;
  #requests = 0;

  constructor(spec: CancelStormSpec, place: FlowPlace, random: Random) {
    this.#spec = spec;
    this.#place = place;
    this.#random = random;
    this.#isStorm = new Uint8Array(place.connections);
    this.#resting = Array.from(
      { length: place.connections },
      () => new RestingOrders(spec.restingPerConnection),
    );
    this.preludeRequests = spec.restingPerConnection * place.connections;
  }

  next(draft: RequestDraft): void {
    const connection = this.#requests++ % this.#place.connections;
    const resting = this.#resting[connection]!;
    if (resting.count === 0) this.#isStorm[connection] = 0;
    if (resting.count === this.#spec.restingPerConnection) this.#isStorm[connection] = 1;
    draft.connection = connection;
    draft.isImmediateOrCancel = false;
    if (this.#isStorm[connection] === 1) {
      const index = this.#random.integer(0, resting.count - 1);
      draft.kind = RequestKind.Cancel;
      draft.market = resting.market[index]!;
      draft.clientId = resting.clientId[index]!;
      resting.remove(index);
      return;
    }
    draft.kind = RequestKind.Place;
    draft.market = this.#random.integer(0, this.#place.markets.length - 1);
    draft.isBid = this.#random.chance(0.5);
    draft.clientId = this.#ids.take();
    const ticks = this.#random.integer(1, this.#spec.levels);
    const { midTicks } = this.#place.markets[draft.market]!;
    draft.priceTicks = draft.isBid ? midTicks - ticks : midTicks + ticks;
    draft.quantityLots = this.#random.integer(1, LOTS_MOST);
    resting.add(draft);
  }

  openOrders(connection: number): readonly OpenOrder[] {
    return this.#resting[connection]!.all();
  }
}
