import type { AuditCheck } from '../result/run-result.ts';

/** Of what is wrong in one way, so much is told one by one. */
export const NAMED_MAX = 5;

/** What a check found: nothing wrong, and what was compared; or what is wrong. */
export interface Finding {
  readonly holds: boolean;
  readonly detail: string;
}

/** `1 market`, `12,345 trades`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Makes one check. What keeps it from being decided is a finding as well. */
export async function check(
  name: string,
  decide: () => Finding | Promise<Finding>,
): Promise<AuditCheck> {
  try {
    return { name, ...(await decide()) };
  } catch (error) {
    return { name, holds: false, detail: `not decidable: ${(error as Error).message}` };
  }
}

/** Holds when nothing is wrong; names the first few things that are. */
export function findingOf(wrong: readonly string[], right: string): Finding {
  if (wrong.length === 0) return { holds: true, detail: right };
  const more = wrong.length > NAMED_MAX ? `; and ${wrong.length - NAMED_MAX} more` : '';
  return { holds: false, detail: wrong.slice(0, NAMED_MAX).join('; ') + more };
}
