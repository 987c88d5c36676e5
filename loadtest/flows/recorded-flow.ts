import type { RequestDraft, RequestKind } from '../generator/request-draft.ts';
import type { Flow } from './flow.ts';

/** The commands of a recorded day as columns, one entry each, so that they go to another process in one piece. */
export interface RecordedSpec {
  readonly kind: 'recorded';
  /** A `RequestKind`; the quantity of a reduce is what is taken off. */
  readonly requestKind: Uint8Array;
  readonly connection: Uint16Array;
  readonly clientId: Uint32Array;
  readonly isBid: Uint8Array;
  readonly isImmediateOrCancel: Uint8Array;
  readonly priceTicks: Float64Array;
  readonly quantityLots: Float64Array;
}

/** Sends what was recorded, in its order, over a connection for each of its accounts. */
export class RecordedFlow implements Flow {
  readonly preludeRequests = 0;
  readonly tradedTicks = Number.POSITIVE_INFINITY;
  readonly #spec: RecordedSpec;
  #request = 0;

  constructor(spec: RecordedSpec) {
    this.#spec = spec;
  }

  next(draft: RequestDraft): void {
    const spec = this.#spec;
    const index = this.#request++;
    draft.kind = spec.requestKind[index] as RequestKind;
    draft.connection = spec.connection[index]!;
    draft.market = 0;
    draft.clientId = spec.clientId[index]!;
    draft.isBid = spec.isBid[index] === 1;
    draft.isImmediateOrCancel = spec.isImmediateOrCancel[index] === 1;
    draft.priceTicks = spec.priceTicks[index]!;
    draft.quantityLots = spec.quantityLots[index]!;
  }

  openOrders(): undefined {
    // Any of them may have met another one.
    return undefined;
  }
}
