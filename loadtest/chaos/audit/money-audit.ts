import type { AuditReport } from '../../client/admin-client.ts';
import { unitsOf } from '../../client/decimal-text.ts';
import type { AccountFacts } from '../account-facts.ts';
import type { BalanceRow, TransferRow } from '../database.ts';
import type { Findings } from '../findings.ts';
import { baseUnitsOf, CHAOS_ASSETS, type ChaosAsset, marketOf, quoteUnitsOf } from '../markets.ts';
import type { TransferRecord } from '../operator.ts';
import type { OrderRecord } from '../order-record.ts';
import type { Wallets } from './wallets.ts';

/** An account's balances as REST answers them, by asset. */
export type Capital = Readonly<
  Record<string, { readonly available: string; readonly locked: string }>
>;

/** Which transfers the auditor has found before, so that each counts once. */
export class TransferLedger {
  readonly found = new Set<string>();
  deposits = new Map<string, bigint>();
  withdrawals = new Map<string, bigint>();
}

/**
 * Every transfer that was answered is a row, once; every row was asked for and not refused. Moves what is new into
 * the wallets.
 */
export function auditTransfers(
  asked: readonly TransferRecord[],
  rows: readonly TransferRow[],
  ledger: TransferLedger,
  wallets: Wallets,
  findings: Findings,
): void {
  const records = new Map(
    asked.map((record) => [keyOf(record.accountId, record.kind, record.id), record]),
  );
  const found = new Set<string>();
  for (const row of rows) {
    const key = keyOf(row.accountId, row.kind, row.id);
    const record = records.get(key);
    const describe = (): string => `${row.kind} ${row.id} of account ${row.accountId}`;
    if (found.has(key)) findings.add('duplicate', describe);
    found.add(key);
    if (record === undefined || record.answer === 'refused') {
      findings.add('phantom', () => `${describe()}, ${record?.answer ?? 'never asked for'}`);
      continue;
    }
    const { asset, units } = record;
    if (row.asset !== asset.symbol || unitsOf(row.amount, asset.decimals) !== units) {
      findings.add('contradiction', () => `${describe()} is ${row.amount} ${row.asset}`);
    }
    if (ledger.found.has(key)) continue;
    ledger.found.add(key);
    const isDeposit = record.kind === 'Deposit';
    wallets.move(record.accountId, asset, isDeposit ? units : -units);
    const sums = isDeposit ? ledger.deposits : ledger.withdrawals;
    sums.set(asset.symbol, (sums.get(asset.symbol) ?? 0n) + BigInt(units));
  }
  for (const [key, record] of records) {
    if (found.has(key) || record.answer !== 'taken') continue;
    findings.add('lost', () => `${record.kind} ${record.id} of account ${record.accountId}`);
  }
}

function keyOf(accountId: number, kind: string, id: string): string {
  return `${accountId} ${kind} ${id}`;
}

/**
 * Each balance is what its wallet says, to the unit, locked is exactly what the account's open orders need, and
 * the database has the same balances as the engine.
 */
export function auditBalances(
  accounts: ReadonlyMap<number, AccountFacts>,
  capitals: ReadonlyMap<number, Capital>,
  rows: readonly BalanceRow[],
  wallets: Wallets,
  findings: Findings,
): void {
  const rowOf = new Map(rows.map((row) => [`${row.accountId} ${row.asset}`, row]));
  for (const [accountId, facts] of accounts) {
    const capital = capitals.get(accountId) ?? {};
    const locks = locksOf(facts);
    for (const asset of CHAOS_ASSETS) {
      const { symbol, decimals } = asset;
      const name = `${symbol} of account ${accountId}`;
      const available = unitsOf(capital[symbol]?.available ?? '0', decimals);
      const locked = unitsOf(capital[symbol]?.locked ?? '0', decimals);
      const owned = wallets.unitsOf(accountId, asset);
      if (BigInt(available) + BigInt(locked) !== owned) {
        findings.add('money', () => `${name}: ${available} + ${locked} locked, should be ${owned}`);
      }
      const lock = locks.get(symbol) ?? { units: 0, isExact: true };
      if (lock.isExact ? locked !== lock.units : locked < lock.units) {
        findings.add(
          'half applied',
          () => `${name}: ${locked} locked, open orders need ${lock.units}`,
        );
      }
      const row = rowOf.get(`${accountId} ${symbol}`);
      const isSame =
        unitsOf(row?.available ?? '0', decimals) === available &&
        unitsOf(row?.locked ?? '0', decimals) === locked;
      if (isSame) continue;
      findings.add(
        'database',
        () =>
          `${name}: ${row?.available} and ${row?.locked} locked, the engine says ${available} and ${locked} units`,
      );
    }
  }
}

interface Lock {
  units: number;
  /** False when an order's lock cannot be known from outside: then `units` is the least it can be. */
  isExact: boolean;
}

function locksOf(facts: AccountFacts): Map<string, Lock> {
  const locks = new Map<string, Lock>();
  for (const record of facts.open) {
    const { asset, units } = lockOf(record);
    const lock = locks.get(asset.symbol) ?? { units: 0, isExact: true };
    if (units === null) lock.isExact = false;
    else lock.units += units;
    locks.set(asset.symbol, lock);
  }
  return locks;
}

/**
 * What an open order must have locked: an ask its open quantity, a bid what that costs at its limit and the highest
 * fee of it, less what rounding took too much in fees so far. Null for a bid that waits for its trigger without a
 * limit: its protection price is the venue's own.
 */
function lockOf({ sent, terms, executed, filled }: OrderRecord): {
  readonly asset: ChaosAsset;
  readonly units: number | null;
} {
  const market = marketOf(sent.symbol);
  const open = (terms.quantity ?? 0) - executed;
  if (sent.side === 'Ask') return { asset: market.base, units: baseUnitsOf(market, open) };
  const asset = market.quote;
  if (terms.price === null) return { asset, units: null };
  const costUnits = quoteUnitsOf(market, terms.price, open);
  const rate = Math.max(market.makerFeeBps, market.takerFeeBps);
  const credit = filled.feeUnits * 10_000 - filled.feesOwed;
  return { asset, units: costUnits + Math.ceil((costUnits * rate - credit) / 10_000) };
}

/** The venue's own audit: balanced, at rest, and the same sums as ours. */
export function auditTotals(
  report: AuditReport,
  accountIds: readonly number[],
  ledger: TransferLedger,
  wallets: Wallets,
  findings: Findings,
): void {
  if (!report.balanced) {
    const wrong = report.assets.filter(({ balanced }) => !balanced);
    findings.add('money', () => `the venue's audit: ${JSON.stringify(wrong)}`);
  }
  for (const asset of CHAOS_ASSETS) {
    const { symbol, decimals } = asset;
    const line = report.assets.find((one) => one.asset === symbol);
    const owned = accountIds.reduce((sum, id) => sum + wallets.unitsOf(id, asset), 0n);
    const units = (text: string | undefined): bigint => unitsTextOf(text ?? '0', decimals);
    for (const [name, told, ours] of [
      ['held', units(line?.available) + units(line?.locked), owned],
      ['fees', units(line?.fees), wallets.feesOf(asset)],
      ['in flight', units(line?.inFlight), 0n],
      ['deposits', units(line?.deposits), ledger.deposits.get(symbol) ?? 0n],
      ['withdrawals', units(line?.withdrawals), ledger.withdrawals.get(symbol) ?? 0n],
    ] as const) {
      if (told === ours) continue;
      findings.add('money', () => `${symbol} ${name}: the venue says ${told}, should be ${ours}`);
    }
  }
}

/** Sums may leave the range in which a double is exact. */
function unitsTextOf(text: string, decimals: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}
