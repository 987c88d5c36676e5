import type { SparseCounts } from '../histogram/latency-counts.ts';
import type { SubscribersWatch } from '../subscribers/self-delay.ts';
import type { TickerFindings } from './heard-best-levels.ts';
import type { FillSums, OrderSums, TradeSums } from './weighted-sums.ts';

/** What the streams told while a scenario ran. It can be sent, so another process may have listened. */
export interface StreamFindings {
  /** Why the recorder did not hear everything, such as `closed as a slow consumer`; absent when it did. */
  readonly incomplete?: string;
  readonly markets: readonly MarketFindings[];
  /** Absent when no private stream was listened to. */
  readonly accounts?: AccountFindings;
}

/** What the private streams of the run's accounts told. */
export interface AccountFindings {
  readonly accounts: number;
  /** `orderFill` events, of those who made and of those who took. */
  readonly makerFills: number;
  readonly takerFills: number;
  /** Trades that replies told and that were held against them. */
  readonly tradesTold: number;
  /**
   * Fills that were told too often, to too few, or to nobody's surprise but ours; how many, and the first few in
   * words.
   */
  readonly wrongFillCount: number;
  readonly wrongFills: readonly string[];
  /** Balances, of every account and asset that it traded: how many, and which have not changed by the fills told. */
  readonly balancesCompared: number;
  readonly wrongBalances: readonly string[];
  /** `balanceUpdate` events; 0 of a venue that sends none. */
  readonly balanceEvents: number;
  /** Last balances of that stream that are not the engine's. */
  readonly wrongBalanceEvents: readonly string[];
  /** Events of orders, fills among them, and those of which the status is not what befell the order. */
  readonly orderEvents: number;
  readonly wrongStatuses: readonly string[];
  /** By account of the run: over its orders, as they began and ended. */
  readonly orderSums: readonly OrderSums[];
  /** By market: over the fills told to who took, and to who made. */
  readonly takerSums: ReadonlyMap<string, FillSums>;
  readonly makerSums: ReadonlyMap<string, FillSums>;
  /** Why not everything was heard; absent when it was. */
  readonly incomplete?: string;
  /** Of the measured part: intended send of an order that rested to the event of its first fill. */
  readonly makerFirstFill: SparseCounts;
  /** Engine's time of a fill to its event; empty without a common clock. */
  readonly orderUpdate: SparseCounts;
  /** How the listening process did itself over the measured part. */
  readonly watch?: SubscribersWatch;
}

/** How a rebuilt book differs from the engine's. */
export interface BookFindings {
  /** Levels that were compared, of both sides. */
  readonly levelsCompared: number;
  readonly differenceCount: number;
  /** The first few in words. */
  readonly differences: readonly string[];
}

/** Of the comparisons while the market traded. */
export interface BooksDuringRun extends BookFindings {
  readonly comparisons: number;
}

/** The book's part is that of the comparison at rest. */
export interface MarketFindings extends BookFindings, TickerFindings {
  readonly symbol: string;
  readonly depthFrames: number;
  readonly trades: number;
  /** Sum of the trades' quantities, as a decimal. */
  readonly quantity: string;
  readonly tradeSums: TradeSums;
  readonly during: BooksDuringRun;
  /** Sequences with a hole or a step back: how many, and the first few in words. */
  readonly gapCount: number;
  readonly gaps: readonly string[];
  /** Of the rebuilt book. */
  readonly updateId: number;
  /** Where the engine's book was, that it was compared with. */
  readonly engineUpdateId: number;
}
