import { assert } from '../assert.ts';
import type { MarketSpec } from '../protocol/commands.ts';
import { OrderEventKind, Side, TransferKind } from '../protocol/enums.ts';
import type { BalanceChanged, FundsMoved, OrderEvent } from '../protocol/events.ts';
import type { Body } from '../protocol/message.ts';
import { BASIS_POINTS } from '../protocol/units.ts';
import type { Shard } from '../shard/shard.ts';

interface Balance {
  readonly accountId: number;
  readonly assetId: number;
  /** Transfers and fills so far: what must be available and locked together. */
  ownedUnits: number;
  availableUnits: number;
  lockedUnits: number;
}

/** What an order's fills cost in fees. */
interface Fees {
  /** Σ cost × rate, in quote units / 10,000. */
  owedBps: bigint;
  chargedUnits: bigint;
}

/** Account ids of a simulation are small, and so are asset ids. */
const ASSETS = 1_000;

/**
 * The balances of a venue as nothing but recorded events tell them. What every event tells of an
 * account must be its transfers and the fills told so far; what was told last must hold at rest.
 */
export class ToldBalances {
  readonly #balances = new Map<number, Balance>();
  readonly #fees = new Map<number, Fees>();

  moved({ kind, accountId, assetId, amountUnits, ...told }: FundsMoved): void {
    const balance = this.#at(accountId, assetId);
    const isIncoming = kind === TransferKind.Deposit || kind === TransferKind.TransferIn;
    balance.ownedUnits += isIncoming ? amountUnits : -amountUnits;
    tell(balance, told.availableUnits, told.lockedUnits);
  }

  changed({ accountId, assetId, availableUnits, lockedUnits }: Body<typeof BalanceChanged>): void {
    tell(this.#at(accountId, assetId), availableUnits, lockedUnits);
  }

  /** An event of an order, with its account's balances of both assets of `spec`. */
  ordered(event: OrderEvent, spec: MarketSpec): void {
    const base = this.#at(event.accountId, spec.baseAssetId);
    const quote = this.#at(event.accountId, spec.quoteAssetId);
    if (event.kind === OrderEventKind.Fill) {
      const sign = event.side === Side.Bid ? 1 : -1;
      const costUnits = event.fillPriceTicks * event.fillLots * spec.quoteUnitsPerTickLot;
      base.ownedUnits += sign * event.fillLots * spec.baseUnitsPerLot;
      quote.ownedUnits -= sign * costUnits + event.feeUnits;
      this.#charge(event, costUnits, event.isMaker ? spec.makerFeeBps : spec.takerFeeBps);
    }
    tell(base, event.baseAvailableUnits, event.baseLockedUnits);
    tell(quote, event.quoteAvailableUnits, event.quoteLockedUnits);
  }

  /** An answer to a query: of no record, so it need not be what holds at rest. */
  checkSnapshot(accountId: number, assetId: number, available: number, locked: number): void {
    checkOwned(this.#at(accountId, assetId), available, locked);
  }

  /** At rest: what every account last heard of a balance is what it has. */
  compare(shards: readonly Shard[]): void {
    for (const { accountId, assetId, availableUnits, lockedUnits } of this.#balances.values()) {
      const { ledger } = shards[accountId % shards.length]!.state;
      const slot = ledger.slot(accountId, assetId);
      const isSame =
        ledger.available(slot) === availableUnits && ledger.locked(slot) === lockedUnits;
      if (isSame) continue;
      const has = `${ledger.available(slot)} + ${ledger.locked(slot)}`;
      const heard = `${availableUnits} + ${lockedUnits}`;
      assert(false, `account ${accountId} has ${has} of asset ${assetId} and last heard ${heard}`);
    }
  }

  /** The fees of an order are the sum of its exact fees, rounded up once. */
  #charge({ orderId, feeUnits }: OrderEvent, costUnits: number, rateBps: number): void {
    const fees = this.#fees.get(orderId) ?? { owedBps: 0n, chargedUnits: 0n };
    this.#fees.set(orderId, fees);
    fees.owedBps += BigInt(costUnits) * BigInt(rateBps);
    fees.chargedUnits += BigInt(feeUnits);
    const divisor = BigInt(BASIS_POINTS);
    const should = (fees.owedBps + divisor - 1n) / divisor;
    assert(fees.chargedUnits === should, 'fees do not add up to what is owed');
  }

  #at(accountId: number, assetId: number): Balance {
    const key = accountId * ASSETS + assetId;
    const known = this.#balances.get(key);
    if (known !== undefined) return known;
    const none = { ownedUnits: 0, availableUnits: 0, lockedUnits: 0 };
    const balance = { accountId, assetId, ...none };
    this.#balances.set(key, balance);
    return balance;
  }
}

function tell(balance: Balance, availableUnits: number, lockedUnits: number): void {
  checkOwned(balance, availableUnits, lockedUnits);
  balance.availableUnits = availableUnits;
  balance.lockedUnits = lockedUnits;
}

function checkOwned(balance: Readonly<Balance>, availableUnits: number, lockedUnits: number): void {
  const { assetId, ownedUnits } = balance;
  if (availableUnits + lockedUnits === ownedUnits && availableUnits >= 0 && lockedUnits >= 0)
    return;
  const told = `${availableUnits} + ${lockedUnits}`;
  assert(false, `told of ${told} of asset ${assetId}, where transfers and fills are ${ownedUnits}`);
}
