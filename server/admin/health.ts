import { DEFAULT_WINDOW_MS } from '../auth/authenticate.ts';
import { json, type Route } from '../http/route.ts';
import type { Registry } from '../registry/registry.ts';
import { latchFields } from './kill.ts';
import type { VenueStatus } from './venue-status.ts';

/**
 * `GET /health/live`: the process answers. `GET /health/ready`: it takes orders on every market, else 503; a shard that
 * has failed is told with the code of its failure, while the others trade on. A database
 * or Redis out of reach is told but does not end readiness: trading goes on without them. So it is with
 * a projection that has failed for good, which is told apart from a database that is away, and with
 * snapshots that cannot be made. While the clock is so far behind the journals that orders of the usual window are
 * refused as expired, the venue is not ready. One that sheds orders for a moment, since it has too many, is. What the
 * kill switch has stopped is told; it is the operator's doing, as a closed market is, and no failure.
 */
export function healthRoutes(shardCount: number, registry: Registry, status: VenueStatus): Route[] {
  return [
    { method: 'get', path: '/health/live', handle: () => json({ status: 'live' }) },
    {
      method: 'get',
      path: '/health/ready',
      handle() {
        const { haltedShards: halted, redisConnected, database, snapshots } = status;
        const { clockBehindSeconds: behindSeconds, gatewayLoad: load } = status;
        const running = shardCount - halted.length;
        const restarts = status.shardRestarts.reduce((sum, count) => sum + count, 0);
        const isInTime = behindSeconds * 1000 < DEFAULT_WINDOW_MS;
        const isReady = status.isTaking && halted.length === 0 && isInTime;
        const components = {
          shards: { running, expected: shardCount, restarts, halted },
          database,
          clock: { behindSeconds },
          killSwitch: status.protections.latches.map((latch) => latchFields(latch, registry)),
          snapshots: snapshots && { failures: snapshots.failures, error: snapshots.lastError },
          redis: redisConnected === null ? null : { connected: redisConnected },
          load: load && {
            ...{ shedding: load.shedReason !== null, reason: load.shedReason },
            signatures: load.signatures,
          },
        };
        return isReady
          ? json({ status: 'ready', components })
          : json({ code: 'NOT_READY', message: 'Not taking orders', components }, 503);
      },
    },
  ];
}
