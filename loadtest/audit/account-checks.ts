import type { AuditCheck } from '../result/run-result.ts';
import { check, counted, type Finding, findingOf } from './check.ts';
import type { AccountFindings } from './stream-findings.ts';

/**
 * What the private streams told: every fill, once to each of its parties, and balances that are those of the engine.
 */
export async function checkAccounts(findings: AccountFindings): Promise<AuditCheck[]> {
  const { wrongBalances, balancesCompared, balanceEvents, wrongBalanceEvents } = findings;
  const checks = [
    await check('private streams told each fill once to each party', () => fills(findings)),
    await check('balances have changed by the fills told', () =>
      findingOf(
        wrongBalances,
        `${counted(balancesCompared, 'balance')} of ${counted(findings.accounts, 'account')}`,
      ),
    ),
  ];
  checks.push(
    await check('private streams told the status that befell each order', () =>
      findingOf(findings.wrongStatuses, counted(findings.orderEvents, 'event')),
    ),
  );
  if (balanceEvents === 0) return checks;
  return [
    ...checks,
    await check('private streams told the balances as they are', () =>
      findingOf(
        wrongBalanceEvents,
        `${counted(balanceEvents, 'event')}, the last of each asset compared`,
      ),
    ),
  ];
}

function fills(findings: AccountFindings): Finding {
  const { incomplete, wrongFillCount, wrongFills, tradesTold, makerFills, takerFills } = findings;
  if (incomplete !== undefined) return { holds: false, detail: `not decidable: ${incomplete}` };
  const words =
    wrongFills.length < wrongFillCount ? [...wrongFills, `${wrongFillCount} in all`] : wrongFills;
  return findingOf(
    words,
    `${counted(tradesTold, 'fill')} in replies, ${counted(takerFills, 'event')} to who took and ${counted(makerFills, 'event')} to who made`,
  );
}
