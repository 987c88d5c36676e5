import { Audit } from '../../engine/protocol/commands.ts';
import { AuditEntry } from '../../engine/protocol/events.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { json, type Route } from '../http/route.ts';
import type { Registry } from '../registry/registry.ts';
import { formatUnits } from './format-units.ts';
import { reportState, wasQuiet } from './shard-reports.ts';
import { ALL_SHARDS, askShards, partsOf } from './shard-request.ts';

/** How often to look for a moment at which nothing is under way between shards. */
const ATTEMPTS_MAX = 5;

/** One asset over all shards, in its units: sums may leave the range of a single balance. */
export interface AssetAudit {
  readonly assetId: number;
  available: bigint;
  locked: bigint;
  /** What the open orders say is locked for them. */
  reserved: bigint;
  fees: bigint;
  inFlight: bigint;
  deposits: bigint;
  withdrawals: bigint;
}

/** `GET /admin/audit`: per asset what is where, and whether it adds up. */
export function auditRoute(engine: EngineClient, registry: Registry): Route {
  return {
    method: 'get',
    path: '/admin/audit',
    async handle() {
      const { audits, quiescent } = await auditEngine(engine);
      const assets = audits.map((audit) => {
        const { symbol, scale } = registry.asset(audit.assetId);
        const text = (units: bigint): string => formatUnits(units, scale.decimals);
        return {
          asset: symbol,
          available: text(audit.available),
          locked: text(audit.locked),
          fees: text(audit.fees),
          inFlight: text(audit.inFlight),
          deposits: text(audit.deposits),
          withdrawals: text(audit.withdrawals),
          balanced: isBalanced(audit, quiescent),
        };
      });
      return json({ balanced: assets.every((asset) => asset.balanced), quiescent, assets });
    },
  };
}

async function auditEngine(engine: EngineClient) {
  for (let attempt = 1; ; attempt++) {
    const before = await reportState(engine);
    const parts = await askShards(engine, Audit, Audit.create(), ALL_SHARDS);
    const quiescent = wasQuiet(before, await reportState(engine));
    if (quiescent || attempt === ATTEMPTS_MAX) {
      return { audits: sumByAsset(partsOf(parts, AuditEntry)), quiescent };
    }
  }
}

/** The shards' entries summed per asset, by asset id. */
export function sumByAsset(entries: readonly AuditEntry[]): AssetAudit[] {
  const byAsset = new Map<number, AssetAudit>();
  for (const entry of entries) {
    const { assetId } = entry;
    let sum = byAsset.get(assetId);
    if (sum === undefined) {
      sum = {
        assetId,
        available: 0n,
        locked: 0n,
        reserved: 0n,
        fees: 0n,
        inFlight: 0n,
        deposits: 0n,
        withdrawals: 0n,
      };
      byAsset.set(assetId, sum);
    }
    sum.available += BigInt(entry.availableUnits);
    sum.locked += BigInt(entry.lockedUnits);
    sum.reserved += BigInt(entry.reservedUnits);
    sum.fees += BigInt(entry.feeUnits);
    sum.inFlight += BigInt(entry.inFlightUnits);
    sum.deposits += BigInt(entry.depositUnits);
    sum.withdrawals += BigInt(entry.withdrawalUnits);
  }
  return [...byAsset.values()].sort((a, b) => a.assetId - b.assetId);
}

/**
 * The three promises of the ledger: nothing appears or vanishes, what is locked is locked for an open
 * order, and at rest nothing is under way.
 */
export function isBalanced(audit: AssetAudit, quiescent: boolean): boolean {
  const held = audit.available + audit.locked + audit.fees + audit.inFlight;
  return (
    held === audit.deposits - audit.withdrawals &&
    audit.locked === audit.reserved &&
    (!quiescent || audit.inFlight === 0n)
  );
}
