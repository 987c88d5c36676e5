import type { AuditReport } from '../client/admin-client.ts';
import type { AuditCheck } from '../result/run-result.ts';
import type { AuditInput } from './audit-input.ts';
import { depositsOf } from './baseline.ts';
import { check, counted, type Finding, findingOf } from './check.ts';
import { decimalOf, exact } from './decimal-sums.ts';

/** Money: nothing appeared or vanished, and what came in is what the run put in. */
export async function checkMoney(input: AuditInput, report: AuditReport): Promise<AuditCheck[]> {
  const checks = [await check('money adds up', () => balance(report))];
  if (input.venue.isShared !== true) {
    checks.push(await check('deposits are those of the run', () => deposits(input, report)));
  }
  return checks;
}

function balance({ balanced, assets }: AuditReport): Finding {
  const wrong = assets
    .filter((line) => !line.balanced)
    .map(
      ({ asset, available, locked, fees, inFlight, deposits: paidIn, withdrawals }) =>
        `${asset}: ${available} available + ${locked} locked + ${fees} fees + ${inFlight} in flight,` +
        ` of ${paidIn} deposited and ${withdrawals} withdrawn`,
    );
  if (!balanced && wrong.length === 0) wrong.push('the venue says that it is not balanced');
  return findingOf(wrong, `${counted(assets.length, 'asset')}, to the last unit`);
}

function deposits({ before, deposits: made }: AuditInput, report: AuditReport): Finding {
  const wanted = new Map<string, bigint>();
  const add = (asset: string, units: bigint): void => {
    wanted.set(asset, (wanted.get(asset) ?? 0n) + units);
  };
  for (const [asset, quantity] of Object.entries(before.deposits ?? {}))
    add(asset, exact(quantity));
  for (const { asset, quantity } of made) add(asset, exact(quantity));
  const found = depositsOf(report);
  const wrong: string[] = [];
  for (const asset of new Set([...wanted.keys(), ...Object.keys(found)])) {
    const engine = exact(found[asset] ?? '0');
    const told = wanted.get(asset) ?? 0n;
    if (engine === told) continue;
    wrong.push(`${asset}: the engine has ${decimalOf(engine)}, with the run's ${decimalOf(told)}`);
  }
  return findingOf(wrong, `${counted(made.length, 'deposit')} of the run`);
}
