import type { PartOutcome } from './comparison.ts';
import { figuresOf } from './report-rows.ts';

/**
 * An entry for github-action-benchmark's tool `customSmallerIsBetter`
 * (https://github.com/benchmark-action/github-action-benchmark, README and src/extract.ts): `range` and `extra` are
 * free text.
 */
export interface ActionEntry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly range?: string;
  readonly extra?: string;
}

/** A metric of Bencher's format (https://bencher.dev/docs/reference/bencher-metric-format). */
export interface BencherMetric {
  readonly value: number;
  readonly lower_value?: number;
  readonly upper_value?: number;
}

/** By benchmark, then by measure; Bencher's built-in measure `latency` is in nanoseconds. */
export type BencherMetrics = Readonly<Record<string, Readonly<Record<string, BencherMetric>>>>;

/** The head's times and counters: of all of them less is better. */
export function actionEntriesOf(outcomes: readonly PartOutcome[]): ActionEntry[] {
  return outcomes.flatMap((outcome) => {
    const { part, verdict, operation, nanoseconds, ratio, rule, logRatios } = outcome;
    const counters = figuresOf(outcome.counters).map(({ name, unit, value }) => ({
      name: `${part}: ${name}`,
      unit,
      value,
    }));
    if (nanoseconds === null || ratio === null) return counters;
    const width = (50 * (ratio.high - ratio.low)) / ratio.value;
    const time: ActionEntry = {
      name: part,
      unit: `ns/${operation}`,
      value: nanoseconds.head,
      ...(Number.isFinite(width) ? { range: `± ${width.toFixed(1)}%` } : {}),
      extra: `${verdict}: ${ratio.value.toFixed(4)} of base, ${logRatios[rule.measure].length} pairs, ${rule.measure} time`,
    };
    return [time, ...counters];
  });
}

/** The same; the interval is that of the ratio, put around the head's time. */
export function bencherMetricsOf(outcomes: readonly PartOutcome[]): BencherMetrics {
  const metrics = outcomes.map(({ part, nanoseconds, ratio, counters }) => {
    const figures: Record<string, BencherMetric> = {};
    if (nanoseconds !== null && ratio !== null) {
      const { head } = nanoseconds;
      const isBounded = Number.isFinite(ratio.low) && Number.isFinite(ratio.high);
      figures.latency = {
        value: head,
        ...(isBounded && {
          lower_value: (head * ratio.low) / ratio.value,
          upper_value: (head * ratio.high) / ratio.value,
        }),
      };
    }
    for (const { name, unit, value } of figuresOf(counters)) {
      figures[slugOf(`${name} ${unit}`)] = { value };
    }
    return [part, figures] as const;
  });
  return Object.fromEntries(metrics.filter(([, figures]) => Object.keys(figures).length > 0));
}

const SLUG_CHARACTERS_MAX = 64;

function slugOf(text: string): string {
  const words = text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return words.replace(/^-|-$/g, '').slice(0, SLUG_CHARACTERS_MAX);
}
