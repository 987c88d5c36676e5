import type { ShardCounts } from '../../engine/shard/shard-counters.ts';
import type { HistoryBegin } from '../../persistence/history.ts';

import type { CancelTimer } from '../protection/cancel-timers.ts';
import type { HeldLatch } from '../protection/kill-switches.ts';

/** What the venue knows of its own parts, for health, state and metrics. */
export interface VenueStatus {
  /** False from the moment the venue begins to stop. */
  readonly isTaking: boolean;
  /** Those whose markets and accounts are out of reach. */
  readonly haltedShards: readonly HaltedShard[];
  /** By shard: how often it has failed and come back. */
  readonly shardRestarts: readonly number[];
  readonly database: DatabaseStatus;
  /** By shard: where the rows of its events begin; from the first event on where nothing is said. */
  readonly historyBegins: readonly HistoryBegin[];
  /** Null without Redis. */
  readonly redisConnected: boolean | null;
  /** See `clockBehindSeconds`: while it is not 0, orders are refused as expired. */
  readonly clockBehindSeconds: number;
  /** Null without journals. */
  readonly snapshots: SnapshotStatus | null;
  readonly protections: ProtectionStatus;
  /** Bytes that wait in the rings, by direction. */
  readonly ringFillBytes: Readonly<Record<string, number>>;
  /** By shard: what its thread has done. */
  readonly shardCounts: readonly ShardCounts[];
  readonly threads: readonly ThreadStatus[];
  /** Null where no gateway is watched. */
  readonly gatewayLoad: GatewayLoadStatus | null;
}

/** What is asked of the gateway, and what it has refused. */
export interface GatewayLoadStatus {
  /** Why new orders are refused as busy at the moment; null while they are not. */
  readonly shedReason: string | null;
  /** Orders refused for that, and how often it began, since the start. */
  readonly shedOrders: number;
  readonly shedEpisodes: number;
  /** How late the event loop was lately, or the gateway in hearing what a shard had committed. */
  readonly lagMs: number;
  readonly connections: number;
  /** Connections closed at once, since the start. */
  readonly refusedConnections: number;
  readonly websockets: number;
  /** Bytes that wait for websockets to take them: of all together, and of the one with most. */
  readonly bufferedBytes: number;
  readonly bufferedBytesMax: number;
  /** Websockets closed because they did not keep up, since the start. */
  readonly slowConsumers: number;
  /** Addresses whose use is counted at the moment. */
  readonly countedAddresses: number;
  /** What was refused since the start because somebody had too much of it. */
  readonly rateLimited: readonly RateLimited[];
  readonly signatures: SignatureStatus;
}

/** How the thread stands that checks signatures. */
export interface SignatureStatus {
  /** Checks that were asked for and are not told yet. */
  readonly waiting: number;
  /** Since the start, as all below: signatures checked, and those of them that were none. */
  readonly checked: number;
  readonly forged: number;
  /** In which they were given to the thread. */
  readonly batches: number;
  /** Refused as busy. */
  readonly refused: number;
}

export interface RateLimited {
  /** `address` or `key`. */
  readonly scope: string;
  /** `requests`, `orders` … */
  readonly kind: string;
  readonly refused: number;
}

/** What a thread has used so far. */
export interface ThreadStatus {
  /** `gateway`, `signatures`, `shard-0` …, `persistence`. */
  readonly thread: string;
  /** In user and system mode; null where the operating system does not tell. */
  readonly cpuSeconds: number | null;
  /** Garbage collections; a shard's are counted a second or so after they happen, under full load up to ten. */
  readonly collections: number;
  readonly collectionSeconds: number;
}

/** What is latched, what runs, and what came of it since the start. */
export interface ProtectionStatus {
  readonly latches: readonly HeldLatch[];
  /** Orders cancelled by latches. */
  readonly killedOrders: number;
  readonly timers: readonly CancelTimer[];
  readonly timersFired: number;
  /** Orders cancelled by timers. */
  readonly timedOutOrders: number;
}

/** How the snapshots of the shards stand. */
export interface SnapshotStatus {
  /** Since the start. */
  readonly failures: number;
  /** Why the last attempt failed; null when it did not. */
  readonly lastError: string | null;
  /** By shard. */
  readonly shards: readonly ShardSnapshots[];
}

export interface ShardSnapshots {
  /** Of the last input in the journal; null while the shard recovers. */
  readonly journalPosition: number | null;
  /** Of the last input in the newest snapshot; 0 when there is none. */
  readonly snapshotPosition: number;
}

/** A shard that has failed and does not run. */
export interface HaltedShard {
  readonly shard: number;
  /** See `ShardFailure`. */
  readonly code: string;
  readonly message: string;
  /** Where the input that it failed on is kept; null when it was none. */
  readonly quarantineFile: string | null;
  /** Whether it is started again without anybody's doing. */
  readonly isReturning: boolean;
}

export interface DatabaseStatus {
  readonly connected: boolean;
  /** The projection has stopped for good: rows are missing from here on. */
  readonly failed: boolean;
  /** Why it has failed or is not connected; null while all is well. */
  readonly error: string | null;
  /** Events that the writer has taken and not yet committed. */
  readonly lagEvents: number;
  /** Events that the database would not take: their rows are missing, they are in `refused_events`. */
  readonly refusedEvents: number;
  /** By shard: the sequence of the last event whose rows are committed. */
  readonly positions: readonly number[];
}
