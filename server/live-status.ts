import { ByteRing } from '../engine/ring/byte-ring.ts';
import type { Topology } from '../engine/ring/topology.ts';
import type { Writer } from '../persistence/writer-client.ts';
import type { DatabaseStatus, SnapshotStatus, VenueStatus } from './admin/venue-status.ts';
import type { RedisFanOut } from './fanout/redis-fan-out.ts';

/** How the parts of a running venue stand, asked of them anew each time. */
export class LiveStatus implements VenueStatus {
  isTaking = true;
  runningShards: number;
  /** Null without Redis. */
  redis: RedisFanOut | null = null;
  /** Null without journals. */
  snapshots: SnapshotStatus | null = null;
  readonly #writer: Writer;
  readonly #rings: readonly (readonly [name: string, ring: ByteRing])[];

  /** @param shardsStopped the end of each shard */
  constructor(topology: Topology, shardsStopped: readonly Promise<void>[], writer: Writer) {
    this.#writer = writer;
    this.runningShards = shardsStopped.length;
    const stopped = (): void => {
      this.runningShards--;
    };
    for (const shard of shardsStopped) shard.then(stopped, stopped);
    this.#rings = shardsStopped.flatMap((_stopped, shard) => [
      [`gateway-shard-${shard}`, new ByteRing(topology.gatewayToShard[shard]!.ring)] as const,
      [`shard-${shard}-gateway`, new ByteRing(topology.shardToGateway[shard]!.ring)] as const,
      [
        `shard-${shard}-persistence`,
        new ByteRing(topology.shardToPersistence[shard]!.ring),
      ] as const,
    ]);
  }

  get database(): DatabaseStatus {
    const status = this.#writer.status();
    const { connected, failed, lagEvents, refusedEvents, committedSequences } = status;
    const isWell = connected && !failed;
    const error = isWell ? null : status.lastError;
    const positions = committedSequences;
    return { connected: isWell, failed, error, lagEvents, refusedEvents, positions };
  }

  get redisConnected(): boolean | null {
    return this.redis?.statistics.connected ?? null;
  }

  get ringFillBytes(): Record<string, number> {
    return Object.fromEntries(this.#rings.map(([name, ring]) => [name, ring.fillBytes]));
  }
}
