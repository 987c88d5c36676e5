import type { AuditCheck } from '../result/run-result.ts';
import type { AuditInput, FillsOfReplies } from './audit-input.ts';
import { check, counted, type Finding, findingOf } from './check.ts';
import type { AccountFindings } from './stream-findings.ts';
import { differing, FILL_FIGURES, noSums } from './weighted-sums.ts';

/**
 * What the private streams told: every fill, once to each of its parties, and balances that are those of the engine.
 */
export async function checkAccounts(
  findings: AccountFindings,
  { fillsOfReplies, counts }: Pick<AuditInput, 'fillsOfReplies' | 'counts'>,
): Promise<AuditCheck[]> {
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
  // A request without an answer may have traded, and its fills are in no reply.
  if (fillsOfReplies !== undefined && counts.unknown === 0) {
    checks.push(
      await check('private streams told each fill as its reply did', () =>
        asReplied(findings, fillsOfReplies),
      ),
    );
  }
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

function asReplied(
  { incomplete, takerSums, takerFills }: AccountFindings,
  { sums }: FillsOfReplies,
): Finding {
  if (incomplete !== undefined) return { holds: false, detail: `not decidable: ${incomplete}` };
  const wrong = [...sums].flatMap(([symbol, replied]) => {
    const figures = differing(replied, takerSums.get(symbol) ?? noSums(FILL_FIGURES));
    return figures.length === 0 ? [] : [`${symbol}: other ${figures.join(', ')} than in replies`];
  });
  return findingOf(wrong, `${FILL_FIGURES.join(', ')} of ${counted(takerFills, 'fill')}`);
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
