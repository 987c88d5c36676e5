import { type Side, TransferKind } from '../protocol/enums.ts';
import { quiesce } from './cluster-checks.fixture.ts';
import type { ShardCluster } from './shard-cluster.fixture.ts';
import type { Command } from './shard-harness.fixture.ts';
import { setupCommands, type VenueSetup } from './venue-comparison.fixture.ts';
import { REGIMES } from './venue-flow.fixture.ts';

/** Assets of the everyday setup. */
export const BASE = 1;
export const QUOTE = 3;

/** Markets 1 and 2 of the everyday setup lie on different shards of two, as do accounts 1 and 2. */
export const everyday = REGIMES[0]!;

/** Lists a setup's assets and markets and creates its accounts. */
export function openCluster(cluster: ShardCluster, setup: VenueSetup): void {
  for (const command of setupCommands(setup)) {
    cluster.inject(command);
    quiesce(cluster);
  }
}

export function deposit(
  requestId: number,
  accountId: number,
  assetId: number,
  units: number,
): Command {
  const transfer = { requestId, kind: TransferKind.Deposit, accountId, transferId: `${requestId}` };
  return { kind: 'moveFunds', body: { ...transfer, assetId, amountUnits: units } };
}

/** A good-till-cancelled order whose client id is its request id. */
export function limit(
  requestId: number,
  accountId: number,
  marketId: number,
  side: Side,
  priceTicks: number,
  quantityLots: number,
): Command {
  const terms = { orderType: 0, timeInForce: 0, postOnly: false, selfTradePrevention: 0 };
  const size = { priceTicks, quantityLots, quoteBudgetUnits: 0, triggerPriceTicks: 0 };
  const who = { requestId, accountId, marketId, clientId: requestId, expiresAtUs: 0 };
  return { kind: 'place', body: { ...who, side, ...terms, ...size } };
}
