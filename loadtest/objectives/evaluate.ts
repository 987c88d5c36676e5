import { acknowledgedPerSecond } from '../result/acknowledged-rate.ts';
import { LEAST_SAMPLES } from '../result/least-samples.ts';
import type { ObjectiveResult, ScenarioResult, SpanResult } from '../result/run-result.ts';
import { type Objective, type Operator, type Statistic, UNIT_US } from './objective.ts';

/** What objectives are held against: a scenario before its objectives and verdict are known. */
export type Measured = Pick<ScenarioResult, 'measuredMs' | 'spans' | 'counts' | 'generators'>;

const NOT_MEASURED = 'not measured';

/** In the order of the objectives. What was not measured has not held. */
export function evaluateObjectives(
  objectives: readonly Objective[],
  measured: Measured,
): ObjectiveResult[] {
  return objectives.map((objective) => {
    const value = measuredValue(objective, measured);
    if (typeof value === 'string') return { text: objective.text, held: false, actual: value };
    const held = compare(value, objective.operator, objective.limit);
    return { text: objective.text, held, actual: actualText(value, objective, held) };
  });
}

/** In the unit of the objective; a text when there is nothing, or not enough, to measure it by. */
function measuredValue(objective: Objective, measured: Measured): number | string {
  const { subject, unit } = objective;
  if (subject.kind === 'span') {
    const span = measured.spans.find((each) => each.name === subject.span && each.count > 0);
    const perUnit = UNIT_US[unit as keyof typeof UNIT_US];
    if (span === undefined) return NOT_MEASURED;
    const least = leastSamples(subject.statistic);
    return span.count < least
      ? `${NOT_MEASURED}: ${span.count} samples of at least ${least}`
      : statisticUs(span, subject.statistic) / perUnit;
  }
  const { counts, generators } = measured;
  const { notSent = 0 } = counts;
  const due = counts.sent + notSent;
  if (due === 0) return NOT_MEASURED;
  if (subject.kind === 'rate') {
    return measured.measuredMs === 0 ? NOT_MEASURED : acknowledgedPerSecond(measured);
  }
  if (subject.kind === 'requests' && subject.which === 'late' && generators.length === 0) {
    return NOT_MEASURED;
  }
  const refused = sum(Object.values(counts.refused));
  const requests =
    subject.kind === 'refused'
      ? (counts.refused[subject.code] ?? 0)
      : {
          errors: refused + counts.unknown + notSent,
          refused,
          unknown: counts.unknown,
          late: sum(generators.map((generator) => generator.lateSends)),
        }[subject.which];
  return unit === '%' ? (requests * 100) / due : requests;
}

/** Of which one lies beyond the percentile; any for the others. */
function leastSamples(statistic: Statistic): number {
  const least: Partial<Record<Statistic, number>> = LEAST_SAMPLES;
  return least[statistic] ?? 1;
}

function statisticUs(span: SpanResult, statistic: Statistic): number {
  const byStatistic: Readonly<Record<Statistic, number>> = {
    min: span.minUs,
    mean: span.meanUs,
    p50: span.p50Us,
    p90: span.p90Us,
    p99: span.p99Us,
    'p99.9': span.p999Us,
    'p99.99': span.p9999Us,
    max: span.maxUs,
  };
  return byStatistic[statistic];
}

function compare(value: number, operator: Operator, limit: number): boolean {
  if (operator === '<') return value < limit;
  if (operator === '<=') return value <= limit;
  if (operator === '>') return value > limit;
  if (operator === '>=') return value >= limit;
  return value === limit;
}

/** Rounded to three digits, unless the rounded value would tell another verdict. */
function actualText(value: number, { operator, limit, unit }: Objective, held: boolean): string {
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(3));
  const shown = compare(rounded, operator, limit) === held ? rounded : value;
  const number = shown.toLocaleString('en-US', { maximumFractionDigits: 12 });
  if (unit === '') return number;
  return unit === '%' ? `${number}%` : `${number} ${unit}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
