/** What a generator can ask for. */
export const RequestKind = { Place: 0, Cancel: 1, Replace: 2, Reduce: 3, Connect: 4 } as const;
export type RequestKind = (typeof RequestKind)[keyof typeof RequestKind];

/**
 * The next request, as a flow decides it. One object serves all requests: a flow writes every field that its kind
 * has.
 */
export class RequestDraft {
  kind: RequestKind = RequestKind.Place;
  /** Of the generator's connections, from 0. */
  connection = 0;
  /** Of the run's markets, from 0. */
  market = 0;
  /** Names the order among those of its account; 1 to 2^32 − 1. */
  clientId = 0;
  isBid = true;
  priceTicks = 0;
  quantityLots = 0;
  isImmediateOrCancel = false;
}
