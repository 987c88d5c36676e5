import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditReport } from '../../client/admin-client.ts';
import type { BalanceRow, TransferRow } from '../database.ts';
import { Findings } from '../findings.ts';
import { CHAOS_ASSETS } from '../markets.ts';
import type { TransferRecord } from '../operator.ts';
import {
  auditBalances,
  auditTotals,
  auditTransfers,
  type Capital,
  TransferLedger,
} from './money-audit.ts';
import { MARKET, Told } from './told.fixture.ts';
import { Wallets } from './wallets.ts';

const DEPOSIT: TransferRecord = {
  accountId: 1,
  kind: 'Deposit',
  id: 'transfer 1',
  asset: MARKET.quote,
  units: 1_500_000,
  answer: 'taken',
  first: { asset: 'USD', available: '1.5', locked: '0' },
};
const ROW: TransferRow = {
  ...{ accountId: 1, kind: 'Deposit', id: 'transfer 1' },
  ...{ asset: MARKET.quote.symbol, amount: '1.500000' },
};

function transfersOf(record: TransferRecord, rows: readonly TransferRow[]): string {
  const findings = new Findings();
  const wallets = new Wallets();
  const ledger = new TransferLedger();
  auditTransfers([record], rows, ledger, wallets, findings);
  auditTransfers([record], rows, ledger, wallets, findings);
  return `${wallets.unitsOf(1, MARKET.quote)} ${findings.summary}`.trim();
}

test('a transfer counts once, however often it is looked at', () => {
  assert.equal(transfersOf(DEPOSIT, [ROW]), '1500000');
  assert.equal(transfersOf({ ...DEPOSIT, answer: 'open' }, []), '0');
  const withdrawal = { ...DEPOSIT, kind: 'Withdrawal' } as const;
  assert.equal(transfersOf(withdrawal, [{ ...ROW, kind: 'Withdrawal' }]), '-1500000');
});

test('a transfer that is missing, there twice, refused or of another amount is found', () => {
  assert.equal(transfersOf(DEPOSIT, []), '0 lost 2');
  assert.equal(transfersOf(DEPOSIT, [ROW, ROW]), '1500000 duplicate 2');
  assert.equal(transfersOf({ ...DEPOSIT, answer: 'refused' }, [ROW]), '0 phantom 2');
  assert.equal(transfersOf(DEPOSIT, [{ ...ROW, amount: '1.5001' }]), '1500000 contradiction 2');
  assert.equal(transfersOf(DEPOSIT, [ROW, { ...ROW, id: 'x' }]), '1500000 phantom 2');
});

/** Account 1 owns 20 of the quote asset and has an open bid for 0.100 at 100.00. */
function balancesOf(capital: Capital, row: Partial<BalanceRow> = {}): string {
  const told = new Told();
  told.place(told.buyer, '65');
  const wallets = new Wallets();
  wallets.move(1, MARKET.quote, 20_000_000);
  const { symbol } = MARKET.quote;
  const rows = [{ accountId: 1, asset: symbol, available: '9.995', locked: '10.005', ...row }];
  auditBalances(told.accounts, new Map([[1, capital]]), rows, wallets, told.findings);
  return told.findings.summary;
}

test('a balance is what the wallet says, locked is what the open orders need, the row is the same', () => {
  const usd = (available: string, locked: string): Capital => ({ USD: { available, locked } });
  assert.equal(balancesOf(usd('9.995', '10.005')), '');
  assert.equal(balancesOf(usd('9.995001', '10.005'), { available: '9.995001' }), 'money 1');
  assert.equal(balancesOf(usd('10', '10'), { available: '10', locked: '10' }), 'half applied 1');
  assert.equal(balancesOf(usd('9.995', '10.005'), { available: '9.994' }), 'database 1');
  assert.equal(balancesOf({}), 'half applied 1, money 1, database 1');
});

test('the sums of the venue are ours', () => {
  const wallets = new Wallets();
  const ledger = new TransferLedger();
  const findings = new Findings();
  auditTransfers([DEPOSIT], [ROW], ledger, wallets, findings);
  const zero = { locked: '0', fees: '0', inFlight: '0', withdrawals: '0', balanced: true };
  const lines = CHAOS_ASSETS.map(({ symbol }) => {
    const held = symbol === MARKET.quote.symbol ? '1.5' : '0';
    return { asset: symbol, available: held, deposits: held, ...zero };
  });
  const report: AuditReport = { balanced: true, quiescent: true, assets: lines };
  auditTotals(report, [1, 2], ledger, wallets, findings);
  assert.equal(findings.summary, '');
  const [first, ...others] = lines;
  const changed = { ...report, assets: [{ ...first!, fees: '0.000001' }, ...others] };
  auditTotals(changed, [1, 2], ledger, wallets, findings);
  assert.equal(findings.summary, 'money 1');
  auditTotals({ ...report, balanced: false }, [1, 2], ledger, wallets, findings);
  assert.equal(findings.summary, 'money 2');
});
