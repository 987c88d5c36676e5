import { acknowledgedPerSecond } from '../../result/acknowledged-rate.ts';
import type { ScenarioResult, SpanName, SpanResult } from '../../result/run-result.ts';
import { formatCount, formatDuration, formatNumber, formatShare } from '../format.ts';
import { element } from './dom.ts';

/** A figure that is worth a glance. */
interface KeyFigure {
  readonly name: string;
  readonly value: number;
  readonly format: (value: number) => string;
  /** More of it is worse than none: shown in the colour of warnings. */
  readonly isFault?: boolean;
}

/** The first that a scenario has: how quickly requests were refused, or sent, is no latency of it. */
const MAIN_SPANS: readonly SpanName[] = ['ack', 'connect', 'rest', 'ack-from-send'];

/** What a scenario is first of all about: its acks, or what it has instead. */
export function mainSpan({ spans }: ScenarioResult): SpanResult | undefined {
  const found = MAIN_SPANS.map((name) => spans.find((span) => span.name === name));
  return found.find((span) => span !== undefined && span.count > 0);
}

export function refusedRequests({ counts }: ScenarioResult): number {
  return Object.values(counts.refused).reduce((total, each) => total + each, 0);
}

/** What every scenario has, as far as it has it. */
function commonFigures(scenario: ScenarioResult): KeyFigure[] {
  const { counts, generators } = scenario;
  const span = mainSpan(scenario);
  const found: KeyFigure[] = [];
  if (counts.sent > 0 && scenario.measuredMs > 0) {
    const rate = acknowledgedPerSecond(scenario);
    found.push({ name: 'acknowledged', value: rate, format: (each) => `${formatCount(each)}/s` });
  }
  if (span !== undefined) {
    for (const [name, us] of [
      ['p50', span.p50Us],
      ['p99', span.p99Us],
      ['p99.9', span.p999Us],
      ['max', span.maxUs],
    ] as const) {
      found.push({ name: `${span.name} ${name}`, value: us, format: formatDuration });
    }
  }
  if (counts.sent > 0) {
    // A generator that kept up by what it is held against may have been late now and then.
    const isBottleneck = generators.some(({ bottleneck }) => bottleneck !== undefined);
    const late = generators.reduce((total, each) => total + each.lateSends, 0) / counts.sent;
    found.push(
      { name: 'refused', value: refusedRequests(scenario), format: formatCount },
      { name: 'unknown', value: counts.unknown, format: formatCount, isFault: true },
      ...(counts.notSent === undefined
        ? []
        : [{ name: 'not sent', value: counts.notSent, format: formatCount, isFault: true }]),
      { name: 'sent over 1 ms late', value: late, format: formatShare, isFault: isBottleneck },
    );
  }
  return found;
}

/** What only this scenario is about. */
function ownFigures({ figures }: ScenarioResult): KeyFigure[] {
  return figures.map(({ name, value, unit }) => ({
    name,
    value,
    format: (each) => `${formatNumber(each)}${unit.startsWith('/') ? '' : ' '}${unit}`,
  }));
}

/** The figures of this run, each with the other run's below it. */
export function keyFigureTiles(scenarios: readonly ScenarioResult[]): HTMLElement[] {
  return [
    tilesOf(scenarios.map(commonFigures), 'tiles'),
    tilesOf(scenarios.map(ownFigures), 'tiles own'),
  ].filter((tiles) => tiles.childElementCount > 0);
}

function tilesOf(figuresByRun: readonly KeyFigure[][], className: string): HTMLElement {
  const [figures, others = []] = figuresByRun;
  const tiles = figures!.map((figure) => {
    const other = others.find((each) => each.name === figure.name);
    const isBad = figure.isFault === true && figure.value > 0;
    return element(
      'div',
      { class: isBad ? 'tile bad' : 'tile' },
      element('dt', {}, figure.name),
      element('dd', {}, figure.format(figure.value)),
      other === undefined
        ? undefined
        : element(
            'dd',
            { class: 'other' },
            `${figure.format(other.value)}${changeText(figure.value, other.value)}`,
          ),
    );
  });
  return element('dl', { class: className }, ...tiles);
}

/** By how much the other run differs from this one: ` (+12%)`; empty when there is nothing to divide by. */
export function changeText(thisRun: number, otherRun: number): string {
  if (thisRun === 0 || otherRun === 0) return '';
  const percent = Math.round((otherRun / thisRun - 1) * 100);
  const sign = percent === 0 ? '±' : percent < 0 ? '−' : '+';
  return ` (${sign}${Math.abs(percent)}%)`;
}
