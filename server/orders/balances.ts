import { formatDecimal } from '../../engine/protocol/decimal.ts';
import type { BalanceSnapshot } from '../../engine/protocol/events.ts';
import type { Body } from '../../engine/protocol/message.ts';
import type { Registry } from '../registry/registry.ts';

/** A balance as clients see it: decimal strings. */
export interface BalanceFields {
  readonly [name: string]: string;
  readonly available: string;
  readonly locked: string;
  readonly staked: '0';
}

/** Balances by the symbols of their assets, in the order they came. */
export function balanceEntries(
  balances: readonly Body<typeof BalanceSnapshot>[],
  registry: Registry,
): (readonly [symbol: string, balance: BalanceFields])[] {
  return balances.map(({ assetId, availableUnits, lockedUnits }) => {
    const { symbol, scale } = registry.asset(assetId);
    const available = formatDecimal(availableUnits, scale);
    const locked = formatDecimal(lockedUnits, scale);
    return [symbol, { available, locked, staked: '0' }] as const;
  });
}
