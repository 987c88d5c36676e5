import { formatDecimal } from '../../engine/protocol/decimal.ts';
import type { Asset } from '../registry/registry.ts';

/** One balance of one account, as an event of its shard tells that it is from then on. */
export interface BalanceAfter {
  readonly accountId: number;
  readonly assetId: number;
  readonly availableUnits: number;
  readonly lockedUnits: number;
  /** When the engine acted, µs. */
  readonly timeUs: number;
}

/**
 * The `data` of the private balance stream, as JSON text. Times in µs: `E` when we emit, `T` when the engine acted.
 * Available, locked and staked (`A`, `L`, `S`) are normalised decimals; nothing can be staked here.
 */
export function balanceUpdateData(
  { availableUnits, lockedUnits, timeUs }: BalanceAfter,
  { symbol, scale }: Asset,
  emittedUs: number,
): string {
  const available = formatDecimal(availableUnits, scale);
  const locked = formatDecimal(lockedUnits, scale);
  return (
    `{"A":"${available}","E":${emittedUs},"L":"${locked}","S":"0","T":${timeUs},` +
    `"a":"${symbol}","e":"balanceUpdate"}`
  );
}
