import type { Random } from '../../engine/collections/random.ts';
import { PartProcess } from '../compare/part-process.ts';
import { figuresOf } from '../compare/report-rows.ts';
import { shuffled } from '../compare/shuffled.ts';
import type { Part } from '../gate/part.ts';
import { median } from '../suite.ts';
import type { Figure } from './run.ts';

/** How much a record measures. */
export interface RecordPace {
  /** Fresh processes of each part. */
  readonly processes: number;
  /** Slices of each of them. */
  readonly slices: number;
  readonly warmUpMs: number;
}

export const RECORD_PACE: RecordPace = { processes: 5, slices: 15, warmUpMs: 1000 };

/** Processor time of an operation in one fresh process, and its counters. */
async function measureOnce(root: string, part: Part, { slices, warmUpMs }: RecordPace) {
  const { name, nodeOptions = [] } = part;
  const process = new PartProcess(root, { name, nodeOptions, warmUpMs, processor: null });
  try {
    const { operations, counters, isTimed } = await process.ready();
    const cpuUs: number[] = [];
    while (isTimed && cpuUs.length < slices) cpuUs.push((await process.slice()).cpuUs);
    return { nanoseconds: isTimed ? (1000 * median(cpuUs)) / operations : null, counters };
  } finally {
    process.kill();
  }
}

/** The times and counters of the parts of one built tree; the parts take turns, in an order drawn anew each time. */
export async function measureFigures(
  root: string,
  parts: readonly Part[],
  pace: RecordPace,
  random: Random,
): Promise<Figure[]> {
  const times = new Map<string, number[]>(parts.map(({ name }) => [name, []]));
  const counters = new Map<string, Figure[]>();
  for (let round = 0; round < pace.processes; round++) {
    for (const part of shuffled(parts, random)) {
      if (round > 0 && times.get(part.name)!.length === 0) continue;
      const measured = await measureOnce(root, part, pace);
      if (measured.nanoseconds !== null) times.get(part.name)!.push(measured.nanoseconds);
      const figures = figuresOf(measured.counters);
      counters.set(
        part.name,
        figures.map(({ name, unit, value }) => ({ name: `${part.name}: ${name}`, unit, value })),
      );
    }
  }
  return parts.flatMap(({ name, operation }) => {
    const values = times.get(name)!;
    const time: Figure = {
      ...{ name, unit: `ns/${operation}`, value: median(values) },
      ...{ low: Math.min(...values), high: Math.max(...values) },
    };
    return [...(values.length === 0 ? [] : [time]), ...(counters.get(name) ?? [])];
  });
}
