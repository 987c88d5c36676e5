import type { ChaosAsset } from '../markets.ts';

/**
 * What every account must own: the transfers that are in the state, and what its fills brought and took. The venue's
 * own balances have no part in it.
 */
export class Wallets {
  readonly #units = new Map<string, bigint>();
  readonly #fees = new Map<string, bigint>();

  /** Adds to what an account owns; negative takes away. */
  move(accountId: number, asset: ChaosAsset, units: number): void {
    const key = keyOf(accountId, asset.symbol);
    this.#units.set(key, (this.#units.get(key) ?? 0n) + BigInt(units));
  }

  takeFee(asset: ChaosAsset, units: number): void {
    this.#fees.set(asset.symbol, (this.#fees.get(asset.symbol) ?? 0n) + BigInt(units));
  }

  /** Available and locked together. */
  unitsOf(accountId: number, asset: ChaosAsset): bigint {
    return this.#units.get(keyOf(accountId, asset.symbol)) ?? 0n;
  }

  feesOf(asset: ChaosAsset): bigint {
    return this.#fees.get(asset.symbol) ?? 0n;
  }
}

function keyOf(accountId: number, symbol: string): string {
  return `${accountId} ${symbol}`;
}
