import assert from 'node:assert/strict';
import { bidLockUnits, creditAfter, feeUnits } from '../engine/ledger/fees.ts';
import { parseDecimal, type Scale } from '../engine/protocol/decimal.ts';
import type { Market, Registry } from './registry/registry.ts';
import type { Received } from './ws/socket.fixture.ts';

/** `data` of an `orderUpdate`, as far as it is looked at; decimals are texts. */
interface OrderUpdate {
  readonly e: string;
  readonly s: string;
  readonly S: 'Bid' | 'Ask';
  readonly X: string;
  readonly i: string;
  readonly o: 'LIMIT' | 'MARKET';
  readonly p?: string;
  readonly q: string;
  readonly z: string;
  readonly l?: string;
  readonly L?: string;
  readonly n?: string;
  readonly m?: boolean;
}

/** `data` of a `balanceUpdate`. */
export interface BalanceUpdate {
  readonly A: string;
  readonly E: number;
  readonly L: string;
  readonly S: string;
  readonly T: number;
  readonly a: string;
  readonly e: 'balanceUpdate';
}

/** `GET /api/v1/capital`. */
export type Capital = Readonly<
  Record<string, { available: string; locked: string; staked: string }>
>;

interface OpenOrder {
  readonly lockedSymbol: string;
  /** Null: of a market order, which nobody is told the price of. */
  lockUnits: number | null;
  feeCredit: number;
}

interface Balance {
  readonly availableUnits: number;
  readonly lockedUnits: number;
}

const ENDED: ReadonlySet<string> = new Set(['Filled', 'Cancelled', 'Expired', 'TriggerFailed']);

/**
 * One account as its private streams tell it. Each balance that is told is held against those that the orders told so
 * far make, by the rules of `engine/ledger/fees.ts` and nothing else of the engine.
 */
export class ToldAccount {
  /** Events of orders, by kind. */
  readonly kinds = new Map<string, number>();
  balanceUpdates = 0;
  /** Nothing is ever locked that no event has told of: there is one shard, and no account trades with itself. */
  readonly isExact: boolean;
  readonly #registry: Registry;
  readonly #orders = new Map<string, OpenOrder>();
  /** Available and locked together, by the fills and moves told. */
  readonly #totalUnits = new Map<string, number>();
  readonly #balances = new Map<string, Balance>();
  readonly #told = new Set<string>();
  /** Deposits and the like that are still to be told. */
  readonly #moves: { readonly asset: string; readonly units: number }[] = [];

  /** @param capital of before the first of the events, when the account has no open order */
  constructor(registry: Registry, capital: Capital, isExact: boolean) {
    this.#registry = registry;
    this.isExact = isExact;
    for (const [asset, { available, locked }] of Object.entries(capital)) {
      const balance = this.#balanceOf(asset, available, locked);
      assert.equal(balance.lockedUnits, 0);
      this.#balances.set(asset, balance);
      this.#totalUnits.set(asset, balance.availableUnits);
    }
  }

  /** A deposit, withdrawal or side of a transfer, that was made: of `sign` 1 when the account has more by it. */
  moved(asset: string, quantity: string, sign: 1 | -1): void {
    this.#moves.push({ asset, units: sign * units(quantity, this.#asset(asset).scale) });
  }

  /** The next frame of the account's streams. */
  hear({ stream, data }: Received): void {
    if (stream === 'account.orderUpdate') this.#onOrder(data as OrderUpdate);
    else {
      assert.equal(stream, 'account.balanceUpdate');
      this.#onBalance(data as BalanceUpdate);
    }
  }

  /** At rest, when all was heard: the balances told last are those of the account, and all of them have been told. */
  compare(capital: Capital, touched: readonly string[]): void {
    assert.deepEqual(this.#moves, [], 'moves that no balance told of');
    for (const asset of touched) assert.ok(this.#told.has(asset), `${asset} was never told`);
    const now = Object.entries(capital).map(([asset, { available, locked }]) => {
      return [asset, this.#balanceOf(asset, available, locked)] as const;
    });
    assert.deepEqual(this.#balances, new Map(now));
    for (const asset of touched) this.#assertAddsUp(asset, true);
  }

  #onOrder(order: OrderUpdate): void {
    // Behind each event come its balances: what the one before changed has been told.
    if (this.isExact) for (const asset of this.#balances.keys()) this.#assertAddsUp(asset, true);
    this.kinds.set(order.e, (this.kinds.get(order.e) ?? 0) + 1);
    const market = this.#registry.marketBySymbol(order.s)!;
    const lockedSymbol = (order.S === 'Bid' ? market.quote : market.base).symbol;
    const fresh = { lockedSymbol, lockUnits: null, feeCredit: 0 };
    const open: OpenOrder = this.#orders.get(order.i) ?? fresh;
    if (order.e === 'orderFill') this.#fill(order, market, open);
    if (ENDED.has(order.X)) this.#orders.delete(order.i);
    else {
      open.lockUnits = lockOf(order, market, open.feeCredit);
      this.#orders.set(order.i, open);
    }
  }

  #fill(order: OrderUpdate, { spec, base, quote, ...scales }: Market, open: OpenOrder): void {
    const lots = units(order.l!, scales.quantityScale);
    const costUnits = units(order.L!, scales.priceScale) * lots * spec.quoteUnitsPerTickLot;
    const rateBps = order.m ? spec.makerFeeBps : spec.takerFeeBps;
    const fee = units(order.n!, quote.scale);
    assert.equal(fee, feeUnits(costUnits, rateBps, open.feeCredit));
    open.feeCredit = creditAfter(costUnits, rateBps, open.feeCredit);
    const sign = order.S === 'Bid' ? 1 : -1;
    this.#change(base.symbol, sign * lots * spec.baseUnitsPerLot);
    this.#change(quote.symbol, -sign * costUnits - fee);
  }

  #onBalance(update: BalanceUpdate): void {
    assert.deepEqual(Object.keys(update), ['A', 'E', 'L', 'S', 'T', 'a', 'e']);
    const { a: asset, A, L, S, E, T } = update;
    assert.equal(S, '0');
    assert.ok(Number.isSafeInteger(T) && E >= T && T > 1e15, `${E} ${T}`);
    this.balanceUpdates++;
    const before = this.#balances.get(asset);
    const balance = this.#balanceOf(asset, A, L);
    if (this.#told.has(asset)) assert.notDeepEqual(balance, before, `${asset} was told twice`);
    this.#told.add(asset);
    this.#balances.set(asset, balance);
    const totalUnits = balance.availableUnits + balance.lockedUnits;
    const movedUnits = totalUnits - (this.#totalUnits.get(asset) ?? 0);
    if (movedUnits !== 0) {
      const at = this.#moves.findIndex((move) => {
        return move.asset === asset && move.units === movedUnits;
      });
      assert.ok(at >= 0, `${asset} has changed by ${movedUnits} units that nothing told of`);
      this.#moves.splice(at, 1);
      this.#change(asset, movedUnits);
    }
    this.#assertAddsUp(asset, this.isExact);
  }

  #assertAddsUp(asset: string, isExact: boolean): void {
    const { availableUnits, lockedUnits } = this.#balances.get(asset)!;
    assert.equal(availableUnits + lockedUnits, this.#totalUnits.get(asset), `total of ${asset}`);
    let sum = 0;
    for (const { lockedSymbol, lockUnits } of this.#orders.values()) {
      if (lockedSymbol !== asset) continue;
      if (lockUnits === null) return;
      sum += lockUnits;
    }
    if (isExact) assert.equal(lockedUnits, sum, `locked ${asset}`);
    else assert.ok(availableUnits >= 0 && lockedUnits >= 0, `${asset} below zero`);
  }

  #change(asset: string, changeUnits: number): void {
    this.#totalUnits.set(asset, (this.#totalUnits.get(asset) ?? 0) + changeUnits);
  }

  #asset(symbol: string) {
    const asset = this.#registry.assetBySymbol(symbol);
    assert.ok(asset !== undefined, symbol);
    return asset;
  }

  #balanceOf(asset: string, available: string, locked: string): Balance {
    const { scale } = this.#asset(asset);
    return { availableUnits: units(available, scale), lockedUnits: units(locked, scale) };
  }
}

/** What an open order must have locked. */
function lockOf(order: OrderUpdate, market: Market, feeCredit: number): number | null {
  if (order.o === 'MARKET') return null;
  const { spec, quantityScale, priceScale } = market;
  const openLots = units(order.q, quantityScale) - units(order.z, quantityScale);
  if (order.S === 'Ask') return openLots * spec.baseUnitsPerLot;
  const notionalUnits = units(order.p!, priceScale) * openLots * spec.quoteUnitsPerTickLot;
  return bidLockUnits(notionalUnits, Math.max(spec.makerFeeBps, spec.takerFeeBps), feeCredit);
}

function units(text: string, scale: Scale): number {
  const parsed = parseDecimal(text, scale);
  assert.ok(typeof parsed === 'number', `${text} is ${parsed}`);
  assert.doesNotMatch(text, /\.\d*0$/, 'not normalised');
  return parsed;
}
