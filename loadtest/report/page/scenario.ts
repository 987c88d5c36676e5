import type { ScenarioResult } from '../../result/run-result.ts';
import { scheduleText } from '../schedule-text.ts';
import { type ChartSpec, chart, hasValues } from './chart.ts';
import { type Child, element, verdict } from './dom.ts';
import { keyFigureTiles } from './key-figures.ts';
import { timelineCharts } from './over-time.ts';
import { percentileChart } from './percentiles.ts';
import { serverTime } from './server-time.ts';
import {
  auditTable,
  generatorsTable,
  objectivesTable,
  parametersTable,
  requestsTable,
  spansTable,
} from './tables.ts';
import { venueCharts } from './venue-charts.ts';

/** Where the overview's links lead. */
export function scenarioId(scenario: ScenarioResult): string {
  return `scenario-${scenario.name}`;
}

/** One scenario: of this run, and the same of the other run if it has it. */
export function scenarioSection(
  scenarios: readonly ScenarioResult[],
  runNames: readonly string[],
): HTMLElement {
  const scenario = scenarios[0]!;
  const time = serverTime(scenarios, runNames);
  const [latency, rate, lateness] = timelineCharts(scenarios);
  const parts = [
    chartGrid('pair', [latency!, rate!]),
    chartGrid('whole', [percentileChart(scenarios)]),
    chartGrid('pair', [lateness!], time),
    chartGrid('small', venueCharts(scenarios)),
  ];
  const missing = [
    ...(time === undefined ? ['Where the time goes'] : []),
    ...parts.flatMap((part) => part.missing),
  ];
  const [overTime, percentiles, parting, venue] = parts.map((part) => part.grid);
  const hasObjectives = scenarios.some((each) => each.objectives.length > 0);
  const hasSpans = scenarios.some((each) => each.spans.length > 0);
  return element(
    'section',
    { class: 'scenario', id: scenarioId(scenario) },
    heading(scenario),
    element('p', { class: 'description' }, scenario.description),
    warningList(scenario.warnings),
    ...keyFigureTiles(scenarios),
    hasObjectives ? objectivesTable(scenarios, runNames) : undefined,
    overTime,
    percentiles,
    hasSpans ? spansTable(scenarios, runNames) : undefined,
    parting,
    venue === undefined ? undefined : element('h3', {}, 'The venue'),
    venue,
    missing.length === 0
      ? undefined
      : element('p', { class: 'missing' }, `Not drawn, for want of data: ${sentenceOf(missing)}.`),
    ...sentenceList('Not measured: ', scenario.notMeasured ?? []),
    ...evidence(scenarios, runNames),
  );
}

function heading(scenario: ScenarioResult): HTMLElement {
  return element(
    'header',
    {},
    element('h2', {}, scenario.name),
    verdict(scenario.passed, scenario.passed ? 'passed' : 'failed'),
    element('p', { class: 'schedule' }, scheduleText(scenario)),
  );
}

/** Why the figures may be believed, and how to get them again. */
function evidence(scenarios: readonly ScenarioResult[], runNames: readonly string[]): Child[] {
  const { command } = scenarios[0]!;
  const some = (has: (each: ScenarioResult) => boolean) => scenarios.some(has);
  return [
    element('h3', {}, 'How it was measured, and whether it is right'),
    some((each) => each.counts.sent > 0) ? requestsTable(scenarios, runNames) : undefined,
    some((each) => each.generators.length > 0) ? generatorsTable(scenarios, runNames) : undefined,
    some((each) => each.audit.checks.length > 0)
      ? auditTable(scenarios, runNames)
      : element('p', { class: 'missing' }, 'The audit had nothing to check.'),
    ...sentenceList('Not checked: ', scenarios[0]!.audit.leftOut ?? []),
    some((each) => Object.keys(each.parameters).length > 0)
      ? parametersTable(scenarios, runNames)
      : undefined,
    command === undefined
      ? undefined
      : element('p', { class: 'again' }, 'To run it again: ', element('code', {}, command)),
  ];
}

export function warningList(warnings: readonly string[]): HTMLElement | undefined {
  if (warnings.length === 0) return undefined;
  const items = warnings.map((warning) => element('li', {}, warning));
  return element('ul', { class: 'warnings', role: 'alert' }, ...items);
}

/** One behind its title, or a list below it. */
function sentenceList(title: string, sentences: readonly string[]): HTMLElement[] {
  if (sentences.length === 0) return [];
  if (sentences.length === 1) return [element('p', { class: 'missing' }, title + sentences[0])];
  const items = sentences.map((sentence) => element('li', {}, sentence));
  return [
    element('p', { class: 'missing' }, title),
    element('ul', { class: 'left-out missing' }, ...items),
  ];
}

/** The charts that have something to show, and the names of those that have not. */
function chartGrid(
  shape: 'pair' | 'whole' | 'small',
  specs: readonly ChartSpec[],
  more?: HTMLElement,
) {
  const drawn = specs.filter((spec) => spec.runs.some(hasValues));
  const missing = specs.filter((spec) => !drawn.includes(spec)).map((spec) => spec.title);
  const isEmpty = drawn.length === 0 && more === undefined;
  const grid = isEmpty
    ? undefined
    : element('div', { class: `charts ${shape}` }, ...drawn.map(chart), more);
  return { grid, missing };
}

function sentenceOf(titles: readonly string[]): string {
  // What begins with an abbreviation stays as it is.
  return titles
    .map((title) => title.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase()))
    .join(', ');
}
