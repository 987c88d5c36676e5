import { ByteRing } from '../engine/ring/byte-ring.ts';
import type { Topology } from '../engine/ring/topology.ts';
import type { ShardCounts } from '../engine/shard/shard-counters.ts';
import type { HistoryBegin } from '../persistence/history.ts';
import type { Writer } from '../persistence/writer-client.ts';
import type {
  DatabaseStatus,
  HaltedShard,
  ProtectionStatus,
  SnapshotStatus,
  ThreadStatus,
  VenueStatus,
} from './admin/venue-status.ts';
import type { RedisFanOut } from './fanout/redis-fan-out.ts';
import type { GatewayLoad } from './limits/gateway-load.ts';
import type { Protections } from './protection/protections.ts';
import type { Threads } from './threads.ts';

/** How the shards stand. */
export interface ShardsStatus {
  readonly halted: readonly HaltedShard[];
  readonly restarts: readonly number[];
}

/** How the parts of a running venue stand, asked of them anew each time. */
export class LiveStatus implements VenueStatus {
  isTaking = true;
  /** Null without Redis. */
  redis: RedisFanOut | null = null;
  /** Null until there is a gateway. */
  gatewayLoad: GatewayLoad | null = null;
  /** Likewise. */
  protecting: Protections | null = null;
  /** Null without journals. */
  snapshots: SnapshotStatus | null = null;
  /** Of a venue with journals. */
  clockBehind: () => number = () => 0;
  readonly #historyBeginsAtStart: readonly HistoryBegin[];
  readonly #shards: () => ShardsStatus;
  readonly #writer: Writer;
  readonly #threads: Threads;
  readonly #rings: readonly (readonly [name: string, ring: ByteRing])[];

  constructor(
    topology: Topology,
    shards: () => ShardsStatus,
    writer: Writer,
    threads: Threads,
    historyBeginsAtStart: readonly HistoryBegin[] = [],
  ) {
    this.#historyBeginsAtStart = historyBeginsAtStart;
    this.#writer = writer;
    this.#threads = threads;
    this.#shards = shards;
    this.#rings = topology.shardBells.flatMap((_bell, shard) => [
      [`gateway-shard-${shard}`, new ByteRing(topology.gatewayToShard[shard]!.ring)] as const,
      [`shard-${shard}-gateway`, new ByteRing(topology.shardToGateway[shard]!.ring)] as const,
      [
        `shard-${shard}-persistence`,
        new ByteRing(topology.shardToPersistence[shard]!.ring),
      ] as const,
    ]);
  }

  get historyBegins(): readonly HistoryBegin[] {
    return this.#writer.historyBegins ?? this.#historyBeginsAtStart;
  }

  get haltedShards(): readonly HaltedShard[] {
    return this.#shards().halted;
  }

  get shardRestarts(): readonly number[] {
    return this.#shards().restarts;
  }

  get database(): DatabaseStatus {
    const status = this.#writer.status();
    const { connected, failed, lagEvents, refusedEvents, committedSequences } = status;
    const isWell = connected && !failed;
    const error = isWell ? null : status.lastError;
    const positions = committedSequences;
    return { connected: isWell, failed, error, lagEvents, refusedEvents, positions };
  }

  get protections(): ProtectionStatus {
    const { killSwitches, cancelTimers } = this.protecting ?? {};
    return {
      latches: killSwitches?.latches ?? [],
      killedOrders: killSwitches?.cancelledOrders ?? 0,
      timers: cancelTimers?.all ?? [],
      timersFired: cancelTimers?.fired ?? 0,
      timedOutOrders: cancelTimers?.cancelledOrders ?? 0,
    };
  }

  get redisConnected(): boolean | null {
    return this.redis?.statistics.connected ?? null;
  }

  get clockBehindSeconds(): number {
    return this.clockBehind();
  }

  get shardCounts(): readonly ShardCounts[] {
    return this.#threads.shardCounts;
  }

  get threads(): readonly ThreadStatus[] {
    return this.#threads.all;
  }

  get ringFillBytes(): Record<string, number> {
    return Object.fromEntries(this.#rings.map(([name, ring]) => [name, ring.fillBytes]));
  }
}
