import type { Machine } from './machine.ts';
import {
  type Benchmark,
  DURABILITY,
  type Metric,
  median,
  type Outcome,
  type Size,
} from './suite.ts';

/** One benchmark's part of a run. */
export interface Result {
  readonly benchmark: Benchmark;
  readonly outcome: Outcome;
  readonly seconds: number;
}

/** A figure to three significant digits, or whole when large. */
function figure(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return Number(value.toPrecision(3)).toString();
}

/** `median (min – max)` of the rounds, or the one value. */
export function spread({ values }: Metric): string {
  if (values.length === 1) return figure(values[0]!);
  const range = `${figure(Math.min(...values))} – ${figure(Math.max(...values))}`;
  return `${figure(median(values))} (${range})`;
}

/** The final table: what, figure, unit; one block for each benchmark. */
export function tableOf(size: Size, results: readonly Result[]): string {
  const rows = results.flatMap(({ benchmark, outcome }) => [
    [benchmark.name, '', ''],
    ...outcome.metrics.map((metric) => [`  ${metric.name}`, spread(metric), metric.unit]),
  ]);
  rows.unshift([`what, at size ${size}`, 'median (min – max)', 'unit']);
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]!.length));
  const [first, second] = [width(0), width(1)];
  return rows
    .map(([what, value, unit]) =>
      `${what!.padEnd(first)}  ${value!.padStart(second)}  ${unit}`.trimEnd(),
    )
    .join('\n');
}

/** What a reader must know to judge a benchmark's figures. */
export function detailsOf(size: Size, { benchmark, outcome, seconds }: Result): string {
  const about = benchmark.about(size);
  const failed = outcome.checks.filter((check) => check.startsWith('FAILED'));
  const verdict = outcome.ok ? `all ${outcome.checks.length} hold` : failed.join('; ');
  return [
    `${benchmark.name}, size ${size}`,
    `  ${about.description}`,
    `  work: ${about.work}`,
    `  mix: ${about.mix}`,
    `  durability: ${about.durability ?? DURABILITY}`,
    `  leaves out: ${about.leavesOut}`,
    ...(about.published === undefined ? [] : [`  published by others: ${about.published}`]),
    `  checks: ${verdict}`,
    `  result hash: ${outcome.resultHash}, of ${about.hashOf}`,
    `  took ${seconds.toFixed(1)} s`,
  ].join('\n');
}

/** The whole run as JSON. */
export function jsonOf(machine: Machine, size: Size, results: readonly Result[]): string {
  const benchmarks = results.map(({ benchmark, outcome, seconds }) => {
    const { name, nodeOptions = [] } = benchmark;
    const metrics = outcome.metrics.map((metric) => ({
      ...metric,
      median: median(metric.values),
      min: Math.min(...metric.values),
      max: Math.max(...metric.values),
    }));
    const about = benchmark.about(size);
    return {
      name,
      size,
      durability: DURABILITY,
      ...about,
      nodeOptions,
      ...outcome,
      metrics,
      seconds,
    };
  });
  return `${JSON.stringify({ machine, size, benchmarks }, null, 2)}\n`;
}
