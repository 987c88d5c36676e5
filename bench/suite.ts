/** How much work a run does: minutes, seconds, or as little as still shows that the answers are right. */
export const SIZES = ['full', 'quick', 'test'] as const;
export type Size = (typeof SIZES)[number];

/** One figure, measured once per round. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
}

export interface Outcome {
  readonly metrics: readonly Metric[];
  /** Of what `hashOf` says: equal for equal sizes, on every machine, whatever the time it took. */
  readonly resultHash: string;
  /** Whether every check held. */
  readonly ok: boolean;
  /** What was checked, the failed checks marked. */
  readonly checks: readonly string[];
}

/** What a reader must know to judge a benchmark's figures; all of it true of one size. */
export interface About {
  readonly description: string;
  /** How much its subject is given, and how often. */
  readonly work: string;
  readonly mix: string;
  /** When it is not `DURABILITY`. */
  readonly durability?: string;
  /** What of a real venue is not in the figures. */
  readonly leavesOut: string;
  /** What of the subject's answers the result hash takes in. */
  readonly hashOf: string;
  /** Figures that others published for something like it, and what they were measured on. */
  readonly published?: string;
}

/** One benchmark: what it measures, and how to run it. */
export interface Benchmark {
  readonly name: string;
  /** Options its process is started with. */
  readonly nodeOptions?: readonly string[];
  about(size: Size): About;
  run(size: Size): Promise<Outcome>;
}

/** Of the measured paths, unless a benchmark says so, none has a journal. */
export const DURABILITY = 'none: no journal, everything in memory';

/** Gathers what a benchmark verified about its own result. */
export class Checks {
  readonly lines: string[] = [];
  ok = true;

  expect(what: string, holds: boolean): void {
    this.lines.push(holds ? what : `FAILED: ${what}`);
    this.ok &&= holds;
  }

  equal(what: string, actual: unknown, expected: unknown): void {
    const holds = Object.is(actual, expected);
    this.expect(holds ? what : `${what}: ${String(actual)} is not ${String(expected)}`, holds);
  }
}

/** A whole number as in a text: 10,000,000. */
export function grouped(value: number): string {
  return value.toLocaleString('en');
}

/** Seconds that `work` takes. */
export function secondsOf(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Of values sorted ascending: the smallest that at least this share does not exceed. */
export function percentileOf(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** The two 32-bit halves of a digest. */
export function digestWords(digest: string): [number, number] {
  return [Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8), 16)];
}
