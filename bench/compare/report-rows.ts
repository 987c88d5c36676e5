import type { Counter } from '../gate/part.ts';
import type { PartOutcome, PartVerdict } from './comparison.ts';
import type { CounterChange } from './counter-changes.ts';
import type { Measure } from './pair.ts';
import type { Estimate } from './signed-rank.ts';

/** One comparison as it is told: to a terminal, to a pull request, as JSON. */
export interface ComparisonReport {
  readonly base: string;
  readonly head: string;
  readonly machine: string;
  readonly seconds: number;
  readonly seed: number;
  /** What a reader must know: a dirty tree, a missing calibration. */
  readonly notes: readonly string[];
  readonly outcomes: readonly PartOutcome[];
  /** Why the change is refused; empty when it is not. */
  readonly objections: readonly string[];
}

/** Whether nothing is known of the speed of any part that has one: for too little time, or nothing to compare. */
export function isNothingDecided(outcomes: readonly PartOutcome[]): boolean {
  const timed = outcomes.filter(({ verdict }) => verdict !== 'counted');
  return timed.length > 0 && timed.every(({ verdict }) => OPEN_VERDICTS.has(verdict));
}

const OPEN_VERDICTS: ReadonlySet<PartVerdict> = new Set(['not decidable', 'not comparable']);

/** The code that the comparison ends with: 1 when the change is refused, 3 when nothing is decided, 0 otherwise. */
export function exitCodeOf({ objections, outcomes }: ComparisonReport): number {
  if (objections.length > 0) return 1;
  return isNothingDecided(outcomes) ? 3 : 0;
}

/** All in a line: whether it passes, and what of that is not known. */
export function conclusionOf({ objections, outcomes }: ComparisonReport): string {
  const gaps = [...OPEN_VERDICTS].flatMap((open) => {
    const count = outcomes.filter(({ verdict }) => verdict === open).length;
    return count === 0 ? [] : [`${count} of ${outcomes.length} ${open}`];
  });
  const suspected = outcomes.filter(
    ({ verdict, isSuspected }) => verdict === 'not decidable' && isSuspected,
  );
  const suspicions = suspected.map(
    ({ part }) => `; ${part} was found slower once, which was not confirmed`,
  );
  const rest = gaps.join(', ') + suspicions.join('');
  if (objections.length > 0) {
    return `REFUSED: ${objections.join('; ')}${rest === '' ? '' : ` (${rest})`}`;
  }
  if (isNothingDecided(outcomes)) return `NOTHING DECIDED: ${rest}`;
  return rest === '' ? 'passed' : `passed, ${rest}`;
}

/** In percent, with its sign: +3.1 %. */
export function percent(ratio: number): string {
  const value = 100 * (ratio - 1);
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const digits = Math.abs(value) >= 99.95 ? 0 : 1;
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)} %`;
}

export function interval({ low, high }: Estimate): string {
  return `${percent(low)} … ${percent(high)}`;
}

export function nanoseconds(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} µs` : `${value.toFixed(1)} ns`;
}

const MEASURE_NAMES: Record<Measure, string> = { cpu: 'processor', wall: 'wall clock' };

/** What else is to be said of a part's verdict. */
export function remarkOf({ verdict, ratio, rule, isSuspected, failure }: PartOutcome): string {
  if (failure !== null) return `${failure.side}: ${failure.message}`;
  const remarks = rule.measure === 'cpu' ? [] : [`by ${MEASURE_NAMES[rule.measure]}`];
  if (verdict === 'slower') remarks.push('confirmed by a second round');
  else if (isSuspected) {
    const isOpen = verdict === 'not decidable';
    remarks.push(isOpen ? 'suspected, not confirmed' : 'suspected, not found again');
  } else if (verdict === 'same' && ratio !== null && (ratio.low > 1 || ratio.high < 1)) {
    remarks.push(`${ratio.low > 1 ? 'a little slower' : 'a little faster'}, within the threshold`);
  }
  return remarks.join('; ');
}

/** One line of the table of times. */
export function cellsOf(outcome: PartOutcome): string[] {
  const { part, verdict, ratio, nanoseconds: times, operation, rule, logRatios } = outcome;
  if (ratio === null || times === null)
    return [part, verdict, '', '', '', '', '', remarkOf(outcome)];
  return [
    part,
    verdict,
    percent(ratio.value),
    interval(ratio),
    `±${(100 * rule.threshold).toFixed(1)} %`,
    String(logRatios[rule.measure].length),
    `${nanoseconds(times.base)} → ${nanoseconds(times.head)} a ${operation}`,
    remarkOf(outcome),
  ];
}

export const HEADINGS = [
  'part',
  'verdict',
  'head − base',
  'interval',
  'threshold',
  'pairs',
  'time',
  '',
];

/** One line of the list of changed counters. */
export function changeText(part: string, change: CounterChange): string {
  const { name, unit, base, head, isRenewed, isLess } = change;
  const what = `${part}: ${name} (${unit}) ${base ?? 'absent'} → ${head ?? 'absent'}`;
  if (isRenewed) return `${what}, renewed in known-counters.json`;
  return isLess ? `${what}, less` : `${what}, NOT renewed`;
}

/** Those that are figures, not hashes. */
export function figuresOf(counters: readonly Counter[]): (Counter & { value: number })[] {
  return counters.filter(
    (one): one is Counter & { value: number } => typeof one.value === 'number',
  );
}
