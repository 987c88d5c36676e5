import { type Decimal, DecimalSum, exact } from './decimal-sums.ts';

/** Which assets a market changes. */
export interface MarketAssets {
  readonly baseSymbol: string;
  readonly quoteSymbol: string;
}

/** `GET /api/v1/capital`, by asset. */
export type Capital = Readonly<
  Record<string, { readonly available: string; readonly locked: string }>
>;

/** Of a balance, in 10^-18, to 10^-36: price times quantity has twice the places of either. */
const PRODUCT = 10n ** 18n;

/** What one account has by its own streams: what its fills made of the balances that it had. */
export class AccountLedger {
  readonly #before: Capital;
  /** Of available and locked together, by asset. */
  readonly #changes = new Map<string, DecimalSum>();

  /** @param markets in which the account may trade: their assets are looked at */
  constructor(before: Capital, markets: Iterable<MarketAssets>) {
    this.#before = before;
    for (const { baseSymbol, quoteSymbol } of markets) {
      this.#changeOf(baseSymbol);
      this.#changeOf(quoteSymbol);
    }
  }

  fill(
    isBid: boolean,
    quantity: Readonly<Decimal>,
    price: Readonly<Decimal>,
    { baseSymbol, quoteSymbol }: MarketAssets,
  ): void {
    this.#changeOf(baseSymbol).add(quantity, isBid ? 1 : -1);
    this.#changeOf(quoteSymbol).addProduct(quantity, price, isBid ? -1 : 1);
  }

  fee(asset: string, fee: Readonly<Decimal>): void {
    this.#changeOf(asset).add(fee, -1);
  }

  /** How many balances of the traded assets were compared, and which are not what they were with the fills. */
  compare(now: Capital): { readonly compared: number; readonly wrong: readonly string[] } {
    const wrong: string[] = [];
    for (const [asset, sum] of this.#changes) {
      const change = sum.total;
      const found = totalOf(now, asset) - totalOf(this.#before, asset);
      if (found * PRODUCT === change) continue;
      wrong.push(
        `${asset} has changed by ${textOfUnits(found * PRODUCT)}, by its fills ${textOfUnits(change)}`,
      );
    }
    return { compared: this.#changes.size, wrong };
  }

  #changeOf(asset: string): DecimalSum {
    let change = this.#changes.get(asset);
    if (change === undefined) {
      change = new DecimalSum();
      this.#changes.set(asset, change);
    }
    return change;
  }
}

function totalOf(capital: Capital, asset: string): bigint {
  const balance = capital[asset];
  return balance === undefined ? 0n : exact(balance.available) + exact(balance.locked);
}

function textOfUnits(units: bigint): string {
  const digits = String(units < 0n ? -units : units).padStart(37, '0');
  const fraction = digits.slice(-36).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -36)}${fraction === '' ? '' : `.${fraction}`}`;
}
