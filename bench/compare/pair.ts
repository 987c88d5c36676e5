import type { Random } from '../../engine/collections/random.ts';
import type { SliceTime } from '../gate/messages.ts';
import { type Counter, isSame } from '../gate/part.ts';
import { median } from '../suite.ts';
import { type PartOptions, PartProcess } from './part-process.ts';
import { drawProcessor } from './processors.ts';

/** Processor time of the process, or time on the wall. */
export const MEASURES = ['cpu', 'wall'] as const;
export type Measure = (typeof MEASURES)[number];

export const SIDES = ['base', 'head'] as const;
export type Side = (typeof SIDES)[number];

/** The two built trees. */
export type Roots = Readonly<Record<Side, string>>;

/** What two fresh processes, one of each tree, showed while they took turns. */
export interface Pair {
  readonly operation: string;
  /** In a slice. */
  readonly operations: Readonly<Record<Side, number>>;
  /** Natural logarithm of head's time of an operation over base's, the median over the turns. */
  readonly logRatio: Readonly<Record<Measure, number>>;
  /** Median time of an operation. */
  readonly nanoseconds: Readonly<Record<Side, Readonly<Record<Measure, number>>>>;
  readonly counters: Readonly<Record<Side, readonly Counter[]>>;
}

/** What each side does in one pair. */
export interface PairWork {
  readonly part: Pick<PartOptions, 'name' | 'nodeOptions'>;
  /** Slices of each side. */
  readonly turns: number;
  readonly warmUpMs: number;
  /** Both sides are bound to one of these, see processors.ts. */
  readonly processors: readonly number[];
  /** When it is aborted both sides end at once. */
  readonly stop?: AbortSignal;
}

/** One side of a pair failed. */
export class SideFailure extends Error {
  override name = 'SideFailure';
  readonly side: Side;

  constructor(side: Side, cause: unknown) {
    super((cause as Error).message, { cause });
    this.side = side;
  }
}

/** @throws SideFailure in the place of whatever the work throws */
async function blaming<Result>(side: Side, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw new SideFailure(side, error);
  }
}

/** All results; of two failures that of the base, since what it cannot do either the head is not to blame for. */
async function baseFirst<Result>(work: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/**
 * Runs one pair. Both processes load and warm up at once; then each slice of one is followed by a slice of the other,
 * in an order drawn anew for each turn, while the one that waits uses no processor. What disturbs for longer than a
 * turn, some 60 ms, meets both; what is shorter spoils turns, of which the median does not mind a few. That pairs
 * differ is the processes' own: V8 compiles no two alike. So it is pairs that are counted, not turns.
 *
 * Randomized interleaving is that of A. Abedi and T. Brecht, "Conducting Repeatable Experiments in Highly Variable
 * Cloud Computing Environments" (ICPE 2017), fresh processes those of A. Georges, D. Buytaert and L. Eeckhout,
 * "Statistically Rigorous Java Performance Evaluation" (OOPSLA 2007), and that a ratio of neighbours in time is
 * steadier than either is the finding of L. Bulej et al., "Duet Benchmarking" (ICPE 2020).
 *
 * @throws SideFailure; what `stop` was aborted with, before it begins
 */
export async function runPair(roots: Roots, work: PairWork, random: Random): Promise<Pair> {
  const processor = drawProcessor(work.processors, random);
  const options: PartOptions = { ...work.part, warmUpMs: work.warmUpMs, processor };
  const order = drawOrder(random);
  work.stop?.throwIfAborted();
  const processes = new Map(order.map((side) => [side, new PartProcess(roots[side], options)]));
  const kill = (): void => {
    for (const process of processes.values()) process.kill();
  };
  work.stop?.addEventListener('abort', kill);
  try {
    const ready = await baseFirst(SIDES.map((side) => blaming(side, processes.get(side)!.ready())));
    const slices: Record<Side, SliceTime[]> = { base: [], head: [] };
    for (let turn = 0; turn < work.turns && ready[0]!.isTimed; turn++) {
      for (const side of drawOrder(random)) {
        slices[side].push(await blaming(side, processes.get(side)!.slice()));
      }
    }
    const [base, head] = await Promise.all(
      SIDES.map(async (side, at) => {
        const last = await blaming(side, processes.get(side)!.end());
        return sameCounters(side, ready[at]!.counters, last);
      }),
    );
    const operations = { base: ready[0]!.operations, head: ready[1]!.operations };
    const { operation } = ready[1]!;
    const counters = { base: base!, head: head! };
    return { operation, operations, ...summaryOf(slices, operations), counters };
  } finally {
    kill();
    work.stop?.removeEventListener('abort', kill);
  }
}

function drawOrder(random: Random): readonly Side[] {
  return random.below(2) === 0 ? SIDES : [...SIDES].reverse();
}

function sameCounters(
  side: Side,
  first: readonly Counter[],
  last: readonly Counter[],
): readonly Counter[] {
  const other = first.find((one, at) => !isSame(one, last[at]));
  if (other === undefined) return first;
  const { name, unit, value } = other;
  throw new SideFailure(
    side,
    new Error(`${name} (${unit}) is ${value} in one slice, and not in another`),
  );
}

function summaryOf(
  slices: Readonly<Record<Side, SliceTime[]>>,
  operations: Readonly<Record<Side, number>>,
) {
  const timeOf: Record<Measure, (slice: SliceTime) => number> = {
    cpu: ({ cpuUs }) => cpuUs,
    wall: ({ wallUs }) => wallUs,
  };
  const each = <Value>(value: (measure: Measure) => Value) => ({
    cpu: value('cpu'),
    wall: value('wall'),
  });
  const nanosecondsOf = (side: Side) =>
    each((measure) => (1000 * median(slices[side].map(timeOf[measure]))) / operations[side]);
  const moreOperations = Math.log(operations.head / operations.base);
  return {
    logRatio: each((measure) => {
      const time = timeOf[measure];
      const ratios = slices.head.map((head, at) => time(head) / time(slices.base[at]!));
      return median(ratios.map(Math.log)) - moreOperations;
    }),
    nanoseconds: { base: nanosecondsOf('base'), head: nanosecondsOf('head') },
  };
}
