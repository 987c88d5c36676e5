import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Random } from '../../engine/collections/random.ts';

/*
 * On a shared host the processors of a virtual machine are not equally fast at any time: one may share its core with a
 * busy neighbour, and take twice the time, for seconds. Two processes that take turns on one of them meet the same; on
 * two of them they do not. So both are bound to one, where there is a `taskset` to do that.
 */

const STATUS_FILE = '/proc/self/status';

/**
 * Those that this process may run on (`taskset -c 1 make bench-compare` leaves the others alone); empty when processes
 * cannot be bound.
 */
export function boundProcessors(): number[] {
  if (!existsSync(STATUS_FILE) || spawnSync('taskset', ['--version']).status !== 0) return [];
  const [, list] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(STATUS_FILE, 'utf8')) ?? [];
  return list === undefined ? [] : numbersOf(list);
}

/** Of a list as the kernel writes it: `0-2,5`. */
export function numbersOf(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
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
