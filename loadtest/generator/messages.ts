import type { FlowSpec, OpenOrder } from '../flows/flow.ts';
import type { SparseCounts } from '../histogram/latency-counts.ts';
import type { SpanName } from '../result/run-result.ts';
import type { ScheduleSpec } from '../schedule/schedule.ts';
import type { FillsInReplies } from './reply-fills.ts';
import type { Encoding } from './request-encoder.ts';
import type { TradedMarket } from './traded-market.ts';

/** An API key as it travels to a generator: base64 of the public key, and of the seed. */
export interface AccountKey {
  readonly apiKey: string;
  readonly secret: string;
}

/**
 * What is done at the moments of the schedule: a request of a flow is sent, or a connection is opened and logged in.
 */
export type WorkSpec = FlowSpec | ConnectsSpec;

export interface ConnectsSpec {
  readonly kind: 'connects';
  /** How long a connection stays open. */
  readonly holdMs: number;
}

/** All that one generator process must know. */
export interface GeneratorSetup {
  /** From 0 to `processes` − 1. */
  readonly process: number;
  readonly processes: number;
  /** Where the venue's websockets are: see `streamAddress`. */
  readonly streamUrl: string;
  readonly encoding: Encoding;
  /** Of the first connection of this process among those of all. */
  readonly firstConnection: number;
  /** One connection each. */
  readonly accounts: readonly AccountKey[];
  readonly markets: readonly TradedMarket[];
  readonly work: WorkSpec;
  readonly seed: number;
  /** Of the whole run; this process sends its share. */
  readonly schedule: ScheduleSpec;
  readonly warmUpSeconds: number;
  /** The venue's times are of the same clock as ours: it runs on this machine. */
  readonly sharesClock: boolean;
  /** Private streams are listened to: what they must tell is to be reported. */
  readonly hearsAccounts?: boolean;
  /** How long to wait for replies after the last send. */
  readonly drainTimeoutMs: number;
}

export type ToGenerator =
  | { readonly type: 'setup'; readonly setup: GeneratorSetup }
  /** The measured part begins at this moment (ms of the epoch), the warm-up before it. */
  | { readonly type: 'start'; readonly atEpochMs: number }
  /** Send no more, and end as if the schedule were over. */
  | { readonly type: 'stop' };

export type FromGenerator =
  /** Connected, logged in, and everything that must rest before the start does. */
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly progress: GeneratorProgress }
  | { readonly type: 'done'; readonly report: GeneratorReport }
  | { readonly type: 'failed'; readonly message: string };

/** What happened since the last of these. */
export interface GeneratorProgress {
  readonly seconds: readonly SecondCounts[];
  readonly lateSends: number;
  readonly outstanding: number;
}

/** Of the requests whose intended send is in one second of the measured part. */
export interface SecondCounts {
  readonly second: number;
  readonly sent: number;
  /** What actually went out in this second, whenever it was meant to. */
  readonly sentThen: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly ack: SparseCounts;
  readonly ackFromSend: SparseCounts;
  readonly ackClosedLoop: SparseCounts;
  readonly scheduleError: SparseCounts;
}

/** How requests ended; every one that was sent is in one of the first three. */
export interface OutcomeCounts {
  sent: number;
  acknowledged: number;
  unknown: number;
  refused: Record<string, number>;
  orders: number;
  cancels: number;
  replaces: number;
  /** Trades of the orders that took, as their replies told. */
  fills: number;
  /** Of the cancels: those whose reply told that the order is cancelled, and those refused since it was over. */
  cancelled: number;
  cancelsTooLate: number;
}

export interface GeneratorReport {
  /** Of the measured part. */
  readonly measured: OutcomeCounts;
  /** With what was sent before it: what the venue has seen of this process. */
  readonly all: OutcomeCounts;
  /** Of `all`, by connection. */
  readonly connections: readonly ConnectionCounts[];
  readonly spans: readonly { readonly name: SpanName; readonly counts: SparseCounts }[];
  /** Of `measured`, those whose acknowledgement came within the measured part. */
  readonly acknowledgedInTime: number;
  /** Due, but their connection was lost before. */
  readonly notSent: number;
  readonly lostConnections: number;
  /** Replies to no request that was under way on their connection: second ones, or somebody else's. */
  readonly strayReplies: number;
  readonly watch: WatchReport;
  /** Absent of who sends no orders. */
  readonly fillsInReplies?: FillsInReplies;
  /** Absent when nobody listens to the private streams. */
  readonly told?: ToldByReplies;
}

/** What replies said that private streams must say as well. */
export interface ToldByReplies {
  /** Of the orders that took: one entry a trade. */
  readonly tradeMarket: Uint16Array;
  readonly tradeId: Float64Array;
  /** Of the orders of the measured part that may rest: one entry each, with ms since its start. */
  readonly placedConnection: Uint16Array;
  readonly placedClientId: Uint32Array;
  readonly placedIntendedMs: Float64Array;
}

export interface ConnectionCounts {
  /** Orders placed and acknowledged. */
  readonly ordersAcknowledged: number;
  readonly unknown: number;
  /** Absent when they were not counted by connection. */
  readonly cancelsAcknowledged?: number;
  /** Absent when it is not known which of its orders are open. */
  readonly openOrders?: OpenOrdersTold;
}

/** The orders of one connection at the end, by what its flow asked for and what the replies said. */
export interface OpenOrdersTold {
  /** Certainly open. */
  readonly orders: readonly OpenOrder[];
  /** Client ids of the orders that may be open or not: a request for them was refused, lost or not sent. */
  readonly doubtful: Uint32Array;
  /** As `Flow` says: nearer to the middle an order may be open or not. */
  readonly tradedTicks: number;
}

/** What the process saw of itself over the measured part. */
export interface WatchReport {
  readonly lateSends: number;
  /** Of one core: user and system time of all its threads. */
  readonly cpuShare: number;
  readonly eventLoopDelayMaxMs: number;
  readonly eventLoopDelayP99Ms: number;
  /** For how long a reply that came at any moment of it waited to be read: see `SelfDelay`. */
  readonly delay: SparseCounts;
  /** How far behind its intended moment the last send of the schedule was. */
  readonly lastSendLateMs: number;
  /** The most that was under way at once. */
  readonly outstandingMax: number;
}
