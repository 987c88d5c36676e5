/**
 * What a load test found: the one thing that driver, audit and objectives write and every report reads. It is plain
 * JSON, so a run can be opened, compared and laid over another one long after. Durations are in the unit their names
 * end in, moments in milliseconds of the Unix epoch.
 */
export interface RunResult {
  /** Raised when a field changes its meaning. */
  readonly formatVersion: 1;
  readonly environment: RunEnvironment;
  /** In the order they were run; a tour has several. */
  readonly scenarios: readonly ScenarioResult[];
  /** Why there are not more of them: an error, or an interruption; absent when the run came to its end. */
  readonly brokenOff?: string;
}

/** What the figures were measured on, and what they leave out. */
export interface RunEnvironment {
  readonly startedAtMs: number;
  readonly processors: string;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the load test's own code, ending in `-dirty` when files were changed; `unknown` outside of a repository. */
  readonly commit: string;
  readonly venue: VenueDescription;
  /** Generator and venue share the machine: what one takes, the other has not. */
  readonly sharesMachine: boolean;
  /** Sentences: what of a real venue's or client's work is not in the figures. */
  readonly leavesOut: readonly string[];
}

export interface VenueDescription {
  readonly url: string;
  /** True when the run started it, and it had nothing else to do. */
  readonly isOwn: boolean;
  /** As its settings say; absent when a foreign venue does not tell. */
  readonly shards?: number;
  readonly durability?: string;
}

export interface ScenarioResult {
  readonly name: string;
  readonly description: string;
  /** As it ran, defaults included: a reader can run it again by them. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** The command line that runs it again; absent when there is none. */
  readonly command?: string;
  readonly startedAtMs: number;
  /** Of the measured part, without set-up and warm-up: its schedule, or of a closed loop until its last answer. */
  readonly measuredMs: number;
  readonly schedule: ScheduleDescription;
  readonly spans: readonly SpanResult[];
  /** One a second over the measured part, the first at `startedAtMs`. */
  readonly timeline: readonly TimelinePoint[];
  readonly counts: RequestCounts;
  readonly generators: readonly GeneratorResult[];
  /** Samples of the venue's own metrics, about one a second; empty for a venue that has none. */
  readonly venueSamples: readonly VenueSample[];
  readonly audit: AuditResult;
  readonly objectives: readonly ObjectiveResult[];
  /** Further figures of this scenario: `capacity` of find-capacity, connects a second of a connect storm. */
  readonly figures: readonly Figure[];
  /**
   * Sentences: which spans, or what else of a report, this venue does not tell, and why. Absent when there are none.
   */
  readonly notMeasured?: readonly string[];
  /** What a reader must be told before any figure: the generator was the bottleneck, an audit that failed. */
  readonly warnings: readonly string[];
  /** Audit clean, objectives held, and nothing to warn of. */
  readonly passed: boolean;
}

export interface ScheduleDescription {
  /** `constant`, `ramp`, `steps`, `poisson`, `microbursts`, `recorded`, `closed` …, or `none` of what only listens. */
  readonly kind: string;
  /** Of a closed loop latency runs from the actual send: not what a client sees when the venue stalls. */
  readonly isOpenLoop: boolean;
  /** Orders a second that the schedule asks for, over the whole measured part. */
  readonly offeredPerSecond: number;
}

/** The spans that are told apart. */
export type SpanName =
  /**
   * Intended send to the acknowledgement of any order entry request. One that was never answered is in it with the time
   * after which it was given up; refusals are not in it.
   */
  | 'ack'
  /** The same, from the actual send: without the generator's lateness. Sends wait for nothing: no stall is hidden. */
  | 'ack-from-send'
  /**
   * The same, by a closed loop: of each connection only requests that were sent when the last one looked at had been
   * answered, from the actual send. A client that waits for every answer sees no more of a stall.
   */
  | 'ack-closed-loop'
  /** Intended send to the refusal of any order entry request: quick ones would hide in `ack` what the others took. */
  | 'refused'
  /** Intended send of an order that takes to its first fill, as the reply told it. */
  | 'first-fill'
  /** Intended send of an order that rests to its first fill, as the private stream told it: most of it is waiting. */
  | 'maker-first-fill'
  /** The engine's time of a fill to its event on the private streams of its parties. */
  | 'order-update'
  /** Intended send of a cancel to its reply. */
  | 'cancelled'
  /** The engine's time of a trade to its frame at a subscriber. */
  | 'market-data'
  /** The first subscriber that has a trade to the last one. */
  | 'fan-out'
  /** Intended send to the actual one: the generator's own lateness. */
  | 'schedule-error'
  /** Of the replies' times: intended send to received by the gateway. */
  | 'to-gateway'
  /** Received by the gateway to matched by the shard. */
  | 'to-match'
  /** Matched to journaled. */
  | 'to-journal'
  /** Journaled, or matched where that is all the reply tells, to written by the gateway. */
  | 'to-publish'
  /** Written by the gateway to the reply at the client. */
  | 'from-publish'
  /** Journaled, or matched, to the reply at the client: both of these. */
  | 'to-client'
  /** A REST request, by autocannon; closed loop. */
  | 'rest'
  /** Intended attempt to connect to logged in. */
  | 'connect'
  /** The same, from the actual attempt. */
  | 'connect-from-send';

export interface SpanResult {
  readonly name: SpanName;
  /** False of those that look at a request only when the one before is answered. */
  readonly isOpenLoop: boolean;
  readonly count: number;
  /** Of `count`: requests never answered, each at least so long as it was waited for. Absent when there are none. */
  readonly unanswered?: number;
  /** Of `count`: values that clocks made negative by more than 10 µs; they count as 0. Absent when there are none. */
  readonly negative?: number;
  readonly minUs: number;
  readonly meanUs: number;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly p9999Us: number;
  readonly maxUs: number;
  /** An HDR histogram of microseconds with 3 significant digits: version 2, compressed, base64. */
  readonly histogram: string;
}

/** One second of a run. */
export interface TimelinePoint {
  /** Since the scenario's `startedAtMs`. */
  readonly atMs: number;
  /** What the schedule asks for in this second, and what became of it. */
  readonly intended: number;
  readonly sent: number;
  /** What actually went out in this second, whenever it was meant to; absent where nobody looked. */
  readonly sentThen?: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** Absent when all were answered. */
  readonly unknown?: number;
  /** Of `ack`, of the requests whose intended send is in this second; absent when there is none. */
  readonly ackP50Us?: number;
  readonly ackP99Us?: number;
  readonly ackMaxUs?: number;
  readonly ackFromSendP99Us?: number;
  /** Of `ack-closed-loop`: of those of its requests that a closed loop would have seen. */
  readonly ackClosedLoopP99Us?: number;
  readonly scheduleErrorP99Us?: number;
}

/** Every request ended in exactly one of these: sent = acknowledged + refused + unknown. */
export interface RequestCounts {
  readonly sent: number;
  readonly acknowledged: number;
  /** Of `acknowledged`, those of which the acknowledgement came within the measured part; absent when all did. */
  readonly acknowledgedInTime?: number;
  /** By the code of the refusal. */
  readonly refused: Readonly<Record<string, number>>;
  /** No answer, or one that says so: the connection ended or time ran out. */
  readonly unknown: number;
  /** Due, but their connection was lost before: not of `sent`. Absent is 0. */
  readonly notSent?: number;
  readonly orders: number;
  readonly cancels: number;
  readonly replaces: number;
  readonly fills: number;
  /**
   * Of the cancels, by their replies: those that ended their order, and those refused since it was over by then, filled
   * for the most part. Absent where replies are not looked at.
   */
  readonly cancelled?: number;
  readonly cancelsTooLate?: number;
  /** Frames of market data that subscribers received. */
  readonly marketDataFrames: number;
}

/** One generator process, and how it did itself. */
export interface GeneratorResult {
  readonly process: number;
  readonly connections: number;
  readonly sent: number;
  /** Sends later than a millisecond behind their intended moment, of all. */
  readonly lateSends: number;
  readonly scheduleErrorP99Us: number;
  /** How far behind its intended moment the last send of the schedule was. */
  readonly lastSendLateMs: number;
  /** Of one core, over the measured part. */
  readonly cpuShare: number;
  /** The longest delay of its event loop. */
  readonly eventLoopDelayMaxMs: number;
  readonly eventLoopDelayP99Ms: number;
  /** Why the run cannot be trusted; absent when it can. */
  readonly bottleneck?: string;
  /** As `bottleneck`, of what is shown beyond p99; absent when that can be trusted. Fails nothing. */
  readonly lateTail?: string;
  /** At p50, p99 and p99.9, or the highest that so few requests tell. Absent where no latency is measured. */
  readonly ownLateness?: readonly OwnLateness[];
}

/** How much of a percentile of latency is the generator's own: of the requests of one process. */
export interface OwnLateness {
  readonly percentile: number;
  /** From the intended send, as it is shown. */
  readonly shownUs: number;
  /** From the actual send: the rest is lateness. */
  readonly fromSendUs: number;
}

/** What the venue said of itself at a moment; a value that it does not tell is absent. */
export interface VenueSample {
  /** Since the scenario's `startedAtMs`. */
  readonly atMs: number;
  /** Bytes that wait, by ring. */
  readonly ringFillBytes: Readonly<Record<string, number>>;
  /** Of the journals since the last sample: inputs a commit, and how long its sync took. */
  readonly batchInputsMean?: number;
  readonly syncMeanUs?: number;
  readonly syncMaxUs?: number;
  /** Events that the database lacks. */
  readonly databaseLagEvents?: number;
  /** Share of one core since the last sample, by thread; `others` are the process's beside those: Node's own. */
  readonly threadCpuShare: Readonly<Record<string, number>>;
  /** Share of the time since the last sample spent in garbage collection, by thread. */
  readonly garbageCollectionShare: Readonly<Record<string, number>>;
  readonly residentMemoryBytes?: number;
}

export interface AuditResult {
  readonly clean: boolean;
  readonly checks: readonly AuditCheck[];
  /** Sentences: what could not be asked of this venue, and so was not checked. */
  readonly leftOut?: readonly string[];
}

/** One statement about the run that must hold; `detail` says what was compared, or what is wrong. */
export interface AuditCheck {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
}

export interface ObjectiveResult {
  /** As it was asked for: `ack.p99<2ms`. */
  readonly text: string;
  readonly held: boolean;
  /** What was measured, in the unit of the objective: `1.7 ms`. */
  readonly actual: string;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}
