import type { RequestDraft } from '../generator/request-draft.ts';
import type { TradedMarket } from '../generator/traded-market.ts';
import { Random } from '../random.ts';
import { CancelStormFlow, type CancelStormSpec } from './cancel-storm-flow.ts';
import { MixFlow, type MixSpec, mixReach } from './mix-flow.ts';
import { QuoteFlow, type QuoteSpec, quoteReach } from './quote-flow.ts';
import { RecordedFlow, type RecordedSpec } from './recorded-flow.ts';

/**
 * What is sent, whatever comes back: an open model cannot wait for a reply to know the next request. So a flow
 * remembers what it has asked for, by client ids, and a session's requests being executed in order makes that true.
 */
export interface Flow {
  /** How many of the first requests build up what must rest before the measured part. */
  readonly preludeRequests: number;
  /** Writes the next request into `draft`. */
  next(draft: RequestDraft): void;
  /**
   * The orders of a connection that rest if all that was asked for was done, without those that others may fill;
   * undefined when the flow does not know.
   */
  openOrders(connection: number): readonly OpenOrder[] | undefined;
  /** Nearer than so many ticks to the middle of their market orders trade, and may be open or not; 0: none does. */
  readonly tradedTicks: number;
}

/** An order that rests and that nobody has met. */
export interface OpenOrder {
  readonly clientId: number;
  /** Of the run's markets, from 0. */
  readonly market: number;
  readonly priceTicks: number;
  readonly quantityLots: number;
}

/** A flow as data, so that it can go to another process. */
export type FlowSpec = MixSpec | QuoteSpec | CancelStormSpec | RecordedSpec;

/** Where a flow trades, and which part of the run it is. */
export interface FlowPlace {
  readonly markets: readonly TradedMarket[];
  /** Of this process. */
  readonly connections: number;
  /** Of the first connection among those of all processes. */
  readonly firstConnection: number;
  readonly seed: number;
}

/** How far from the middle of their market its orders are priced at most, in ticks; 0 when nobody knows. */
export function reachOf(spec: FlowSpec): number {
  switch (spec.kind) {
    case 'mix':
      return mixReach(spec);
    case 'quotes':
      return quoteReach(spec);
    case 'cancel-storm':
      return spec.levels;
    case 'recorded':
      return 0;
  }
}

export function flowOf(spec: FlowSpec, place: FlowPlace): Flow {
  // Processes must not send the same: their seeds lie far apart.
  const random = new Random(place.seed + 7919 * (place.firstConnection + 1));
  switch (spec.kind) {
    case 'mix':
      return new MixFlow(spec, place, random);
    case 'quotes':
      return new QuoteFlow(spec, place, random);
    case 'cancel-storm':
      return new CancelStormFlow(spec, place, random);
    case 'recorded':
      return new RecordedFlow(spec);
  }
}
