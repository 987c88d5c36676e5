import type { AdminClient } from '../client/admin-client.ts';
import type { KeyPair } from '../client/signing.ts';
import type { RequestCounts } from '../result/run-result.ts';
import type { Baseline } from './baseline.ts';
import type { StreamFindings } from './stream-findings.ts';
import type { FillSums } from './weighted-sums.ts';

/**
 * What a run did and was told, to be held against the venue after it. Everything since the baseline counts, set-up and
 * warm-up included, and nothing may be under way any more: every request was answered, or given up.
 */
export interface AuditInput {
  readonly venue: AuditedVenue;
  /** See `readBaseline`. */
  readonly before: Baseline;
  readonly counts: RequestCounts;
  /** Replies that belong to no request under way; absent where a reply cannot come without its request. */
  readonly strayReplies?: number;
  readonly fillsTold: FillsTold;
  /** Absent where the fills of replies were counted only. */
  readonly fillsOfReplies?: FillsOfReplies;
  /** Absent when no private stream is listened to. */
  readonly toldToAccounts?: ToldToAccounts;
  readonly accounts: readonly AuditedAccount[];
  readonly deposits: readonly AuditedDeposit[];
  /** Started after the baseline and before the first order. */
  readonly recorder: Recorder;
  /** How long to wait for the database; 60 s by default. */
  readonly databaseTimeoutMs?: number;
}

/** Where the venue can be asked. What is absent is not checked, and the result says so. */
export interface AuditedVenue {
  readonly url: string;
  /** Where its websockets are, if not there. */
  readonly streamUrl?: string;
  readonly admin?: AdminClient;
  /** Of a venue of one's own. */
  readonly databaseUrl?: string;
  /** Others may trade too, so totals of the venue say nothing about the run. */
  readonly isShared?: boolean;
  /** Others may trade in the run's own markets, too: a resting order of the run may be theirs by now. */
  readonly hasOthersInMarkets?: boolean;
}

interface FillsTold {
  /** Of orders that took: each trade has exactly one. Replies tell them, and for stop orders the private stream. */
  readonly taker: number;
  /** Of orders that rested, by the private streams; absent when not all accounts' were heard. */
  readonly maker?: number;
}

/** What the fills that replies told come to. */
export interface FillsOfReplies {
  /** By market: over all fills. */
  readonly sums: ReadonlyMap<string, FillSums>;
  /** Placed orders with fills: how many, and those whose fills are not what the reply says was executed. */
  readonly ordersCompared: number;
  readonly wrongOrderCount: number;
  /** The first few in words. */
  readonly wrongOrders: readonly string[];
}

/** What one account did, and was told. */
export interface AuditedAccount {
  /** Absent where only the venue knows. */
  readonly accountId?: number;
  readonly keyPair: KeyPair;
  /** Orders placed and acknowledged, those of batches one by one; a replaced or reduced order stays the same one. */
  readonly ordersAcknowledged: number;
  /** Requests whose outcome is not known, those of a batch one by one. */
  readonly unknown: number;
  /** Of the orders that are open by all that was told; absent when that is not known for certain. */
  readonly openOrderIds?: readonly string[];
  /** The same by client ids, with what the orders ask for; absent when that is not known. */
  readonly openOrders?: OpenOrdersKnown;
  /** Absent when they were not counted. */
  readonly cancelsAcknowledged?: number;
}

export interface OpenOrdersKnown {
  /** Certainly open, and without a fill. */
  readonly orders: readonly RestingOrder[];
  /** Whether an order may be open or not, by what is known. */
  readonly isUncertain: (order: RestingOrder) => boolean;
  /** Orders that a request was made for of which it is not known whether it was done. */
  readonly inDoubt: number;
  /** Others may have taken orders near the middle of the book. */
  readonly mayBeTaken: boolean;
}

/** What a reader calls an account. */
export function nameOf({ accountId, keyPair }: Pick<AuditedAccount, 'accountId' | 'keyPair'>) {
  return accountId === undefined ? `the account of key ${keyPair.apiKey}` : `account ${accountId}`;
}

/** An open order as the run asked for it, or as the engine has it. */
export interface RestingOrder {
  readonly clientId: number;
  readonly symbol: string;
  /** Decimals. */
  readonly price: string;
  readonly quantity: string;
}

/** Money that the run put into the venue through the admin API. */
export interface AuditedDeposit {
  readonly asset: string;
  /** Decimal. */
  readonly quantity: string;
}

/** Listens to the streams while a scenario runs: `StreamRecorder`, here or in a process of its own. */
export interface Recorder {
  /**
   * To be called at rest. Waits until the streams have come to where the books are, and says what was heard.
   *
   * @param told by replies, for what the private streams must have told too; of no use where those are not listened to
   */
  finish(told?: ToldToAccounts): Promise<StreamFindings>;
}

/** What replies said that private streams say as well. */
export interface ToldToAccounts {
  /** Trades of the orders that took. */
  readonly trades: readonly ToldTrades[];
  /** Orders of the measured part that may have rested: when each was to be sent. */
  readonly placed: readonly PlacedOrders[];
  /** Every request was answered: there are no other trades. */
  readonly isWhole: boolean;
}

/** Trade ids of one market, in any order. */
export interface ToldTrades {
  readonly symbol: string;
  readonly tradeIds: Float64Array;
}

/** Columns of equal length; one piece for each process that sent orders. */
export interface PlacedOrders {
  /** Of the run's accounts, from 0. */
  readonly account: Uint16Array;
  readonly clientId: Uint32Array;
  /** In ms of the epoch. */
  readonly intendedMs: Float64Array;
}
