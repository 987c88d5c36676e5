import { readFileSync } from 'node:fs';
import type { Figure } from './run.ts';

/** As much of what `make bench` writes as is recorded. */
interface SuiteResults {
  readonly machine: { readonly commit: string };
  readonly size: string;
  readonly benchmarks: readonly {
    readonly name: string;
    readonly metrics: readonly {
      readonly name: string;
      readonly unit: string;
      readonly median: number;
      readonly min: number;
      readonly max: number;
    }[];
  }[];
}

/** Figures of a run of the suite, from the file it wrote. */
export function suiteFigures(file: string): { commit: string; suite: string; figures: Figure[] } {
  const { machine, size, benchmarks } = JSON.parse(readFileSync(file, 'utf8')) as SuiteResults;
  const figures = benchmarks.flatMap((benchmark) =>
    benchmark.metrics.map(({ name, unit, median, min, max }) => ({
      ...{ name: `${benchmark.name}: ${name}`, unit, value: median, low: min, high: max },
    })),
  );
  return { commit: machine.commit, suite: `suite, size ${size}`, figures };
}
