import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import type { Random } from '../../engine/collections/random.ts';

/*
 * On a shared host the processors of a virtual machine are not equally fast at any time: one may share its core with a
 * busy neighbour, and take twice the time, for seconds. Two processes that take turns on one of them meet the same; on
 * two of them they do not. So both are bound to one, where there is a `taskset` to do that.
 */

/** Those that this process may run on, by number; empty when processes cannot be bound. */
export function boundProcessors(): number[] {
  const numbers = cpus().map((_, number) => number);
  const canBind = (number: number): boolean =>
    spawnSync('taskset', ['-c', String(number), 'true'], { stdio: 'ignore' }).status === 0;
  return process.platform === 'linux' ? numbers.filter(canBind) : [];
}

export function drawProcessor(processors: readonly number[], random: Random): number | null {
  return processors.length === 0 ? null : processors[random.below(processors.length)]!;
}

/** What `fork` is to start for a node with these options. */
export function commandOn(
  processor: number | null,
  nodeOptions: readonly string[],
): { execPath: string; execArgv: string[] } {
  const { execPath } = process;
  if (processor === null) return { execPath, execArgv: [...nodeOptions] };
  return { execPath: 'taskset', execArgv: ['-c', String(processor), execPath, ...nodeOptions] };
}
