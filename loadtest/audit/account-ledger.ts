import { exact } from './decimal-sums.ts';

/** `data` of an `orderFill` event, as far as it is looked at. Decimals are texts. */
export interface FillEvent {
  readonly s: string;
  readonly S: 'Bid' | 'Ask';
  /** Client id; absent where the order has none. */
  readonly c?: number;
  /** Trade id. */
  readonly t: number;
  /** Quantity and price of this fill, its fee and the asset that is paid in. */
  readonly l: string;
  readonly L: string;
  readonly n?: string;
  readonly N?: string;
  /** This order rested. */
  readonly m: boolean;
  /** Engine's time, µs. */
  readonly T: number;
}

/** Which assets a market changes. */
export interface MarketAssets {
  readonly baseSymbol: string;
  readonly quoteSymbol: string;
}

/** `GET /api/v1/capital`, by asset. */
export type Capital = Readonly<
  Record<string, { readonly available: string; readonly locked: string }>
>;

/** Price times quantity has twice the places of either. */
const PRODUCT = 10n ** 18n;

/** What one account has by its own streams: what its fills made of the balances that it had. */
export class AccountLedger {
  readonly #before: Capital;
  /** Change of available and locked together, in 10^-36. */
  readonly #changes = new Map<string, bigint>();

  /** @param markets in which the account may trade: their assets are looked at */
  constructor(before: Capital, markets: Iterable<MarketAssets>) {
    this.#before = before;
    for (const { baseSymbol, quoteSymbol } of markets) {
      this.#change(baseSymbol, 0n);
      this.#change(quoteSymbol, 0n);
    }
  }

  fill({ S: side, l, L, n, N }: FillEvent, { baseSymbol, quoteSymbol }: MarketAssets): void {
    const quantity = exact(l);
    const sign = side === 'Bid' ? 1n : -1n;
    this.#change(baseSymbol, sign * quantity * PRODUCT);
    this.#change(quoteSymbol, -sign * quantity * exact(L));
    if (n !== undefined && N !== undefined) this.#change(N, -exact(n) * PRODUCT);
  }

  /** How many balances of the traded assets were compared, and which are not what they were with the fills. */
  compare(now: Capital): { readonly compared: number; readonly wrong: readonly string[] } {
    const wrong: string[] = [];
    for (const [asset, change] of this.#changes) {
      const found = totalOf(now, asset) - totalOf(this.#before, asset);
      if (found * PRODUCT === change) continue;
      wrong.push(
        `${asset} has changed by ${textOfUnits(found * PRODUCT)}, by its fills ${textOfUnits(change)}`,
      );
    }
    return { compared: this.#changes.size, wrong };
  }

  #change(asset: string, units: bigint): void {
    this.#changes.set(asset, (this.#changes.get(asset) ?? 0n) + units);
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
