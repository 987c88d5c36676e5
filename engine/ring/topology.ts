import { ByteRing } from './byte-ring.ts';
import { Doorbell } from './doorbell.ts';
import type { SharedLink } from './link.ts';

/** All shared memory of a venue: made once by the process, handed to every thread. */
export interface Topology {
  readonly shardCount: number;
  /** Unknown to clients; keeps them from choosing ids that fall together in the shards' indexes. */
  readonly hashSeed: number;
  readonly shardBells: readonly SharedArrayBuffer[];
  readonly gatewayBell: SharedArrayBuffer;
  readonly persistenceBell: SharedArrayBuffer;
  /** `gatewayToShard[i]`, and so on: one ring per direction and pair. */
  readonly gatewayToShard: readonly SharedLink[];
  readonly shardToGateway: readonly SharedLink[];
  readonly shardToPersistence: readonly SharedLink[];
  /** `shardToShard[from][to]`; null on the diagonal. */
  readonly shardToShard: readonly (readonly (SharedLink | null)[])[];
}

export interface RingSizes {
  readonly commandBytes: number;
  readonly eventBytes: number;
  readonly shardBytes: number;
}

/**
 * A command is about 40 bytes and an order's events about 200: 1 MiB holds some 25,000 commands, 30 ms
 * of the fastest rate, beyond which refusing is kinder than queueing.
 */
export const DEFAULT_RING_SIZES: RingSizes = {
  commandBytes: 2 ** 20,
  eventBytes: 2 ** 23,
  shardBytes: 2 ** 20,
};

/** @param hashSeed any 32-bit number; a venue that strangers reach takes a random one */
export function allocateTopology(
  shardCount: number,
  sizes = DEFAULT_RING_SIZES,
  hashSeed = 0,
): Topology {
  const shards = Array.from({ length: shardCount }, (_, shard) => shard);
  const shardBells = shards.map(() => Doorbell.allocate());
  const gatewayBell = Doorbell.allocate();
  const persistenceBell = Doorbell.allocate();
  const link = (capacityBytes: number, readerBell: SharedArrayBuffer): SharedLink => ({
    ring: ByteRing.allocate(capacityBytes),
    readerBell,
  });
  return {
    shardCount,
    hashSeed,
    shardBells,
    gatewayBell,
    persistenceBell,
    gatewayToShard: shards.map((to) => link(sizes.commandBytes, shardBells[to]!)),
    shardToGateway: shards.map(() => link(sizes.eventBytes, gatewayBell)),
    shardToPersistence: shards.map(() => link(sizes.eventBytes, persistenceBell)),
    shardToShard: shards.map((from) =>
      shards.map((to) => (from === to ? null : link(sizes.shardBytes, shardBells[to]!))),
    ),
  };
}
