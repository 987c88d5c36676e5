import { OptionError } from '../options.ts';
import { DISK_FAULTS } from './disk-faults.ts';
import type { Fault } from './fault.ts';
import { JOURNAL_FAULTS } from './journal-faults.ts';
import { POSTGRES_FAULTS } from './postgres-faults.ts';
import { PROCESS_FAULTS } from './process-faults.ts';
import { THREAD_FAULTS } from './thread-faults.ts';

const ALL_FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...JOURNAL_FAULTS,
  ...POSTGRES_FAULTS,
  ...DISK_FAULTS,
  ...THREAD_FAULTS,
];

/**
 * The faults of these names, all of them for no names, without those that this machine cannot do.
 *
 * @param tell takes a line for each that is left out
 * @throws OptionError for a name that none has
 */
export function chooseFaults(names: readonly string[], tell: (line: string) => void): Fault[] {
  for (const name of names) {
    if (ALL_FAULTS.some((fault) => fault.name === name)) continue;
    const known = ALL_FAULTS.map((fault) => fault.name).join(', ');
    throw new OptionError(`no fault is called "${name}"; there are ${known}`);
  }
  const chosen = ALL_FAULTS.filter(({ name, unavailable }) => {
    if (names.length > 0 && !names.includes(name)) return false;
    const reason = unavailable?.() ?? null;
    if (reason !== null) tell(`left out: ${name}, since ${reason}`);
    return reason === null;
  });
  if (chosen.length === 0) throw new OptionError('none of the chosen faults can be done here');
  return chosen;
}
