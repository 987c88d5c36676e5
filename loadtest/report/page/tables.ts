import { LEAST_SAMPLES } from '../../result/least-samples.ts';
import type {
  GeneratorResult,
  RequestCounts,
  ScenarioResult,
  SpanResult,
} from '../../result/run-result.ts';
import { SPAN_TITLES } from '../../result/span-names.ts';
import { formatCount, formatDuration, formatShare } from '../format.ts';
import { ownLatenessText } from '../own-lateness-text.ts';
import { type Child, element, figures, table, texts, verdict } from './dom.ts';
import { refusedRequests } from './key-figures.ts';

/** A row of a table that has one for each run. */
interface NamedRow {
  /** The same in both runs. */
  readonly name: string;
  readonly label: Child;
  readonly cells: readonly Child[];
}

/** In the order of this run, the other run's row below each; then what only the other run has. */
function rowsOf(
  scenarios: readonly ScenarioResult[],
  runNames: readonly string[],
  rows: (scenario: ScenarioResult) => readonly NamedRow[],
): Child[][] {
  const rowsByRun = scenarios.map(rows);
  const names = new Set(rowsByRun.flat().map((row) => row.name));
  return [...names].flatMap((name) =>
    rowsByRun.flatMap((rowsOfRun, run) =>
      rowsOfRun
        .filter((row) => row.name === name)
        .map((row) => [
          run === 0 ? row.label : otherLabel(row, rowsByRun[0]!, runNames),
          ...row.cells,
        ]),
    ),
  );
}

function otherLabel(row: NamedRow, own: readonly NamedRow[], runNames: readonly string[]): Child {
  const isBelowOwn = own.some((each) => each.name === row.name);
  return element(
    'span',
    { class: 'other' },
    ...(isBelowOwn ? [runNames[1]] : [row.label, ` (${runNames[1]})`]),
  );
}

export function spansTable(scenarios: readonly ScenarioResult[], runNames: readonly string[]) {
  const columns = ['count', 'min', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'p99.99', 'max'];
  const rows = rowsOf(scenarios, runNames, ({ spans }) =>
    spans.map((span) => ({
      name: span.name,
      label: element(
        'span',
        {},
        SPAN_TITLES[span.name],
        span.isOpenLoop ? undefined : element('span', { class: 'mark' }, 'closed loop'),
        span.unanswered === undefined
          ? undefined
          : element('span', { class: 'mark' }, `${formatCount(span.unanswered)} never answered`),
      ),
      cells: [
        formatCount(span.count),
        ...[span.minUs, span.meanUs].map(formatDuration),
        ...PERCENTILES.map(({ us, least }) => percentileCell(span, us(span), least)),
        formatDuration(span.maxUs),
      ],
    })),
  );
  return table(
    'Spans',
    [...texts('span'), ...figures(...columns)],
    rows,
    'In grey: a percentile that less than one sample lies beyond.',
  );
}

const PERCENTILES = [
  { us: (span: SpanResult) => span.p50Us, least: LEAST_SAMPLES.p50 },
  { us: (span: SpanResult) => span.p90Us, least: LEAST_SAMPLES.p90 },
  { us: (span: SpanResult) => span.p99Us, least: LEAST_SAMPLES.p99 },
  { us: (span: SpanResult) => span.p999Us, least: LEAST_SAMPLES['p99.9'] },
  { us: (span: SpanResult) => span.p9999Us, least: LEAST_SAMPLES['p99.99'] },
];

/** What is not more than the greatest sample is not shown as if it were known. */
function percentileCell(span: SpanResult, us: number, least: number): Child {
  const text = formatDuration(us);
  return span.count >= least ? text : element('span', { class: 'too-few' }, text);
}

export function requestsTable(scenarios: readonly ScenarioResult[], runNames: readonly string[]) {
  const codes = [...new Set(scenarios.flatMap((each) => Object.keys(each.counts.refused)))].sort();
  const columns = ['sent', 'acknowledged', 'refused', 'unknown'];
  const isNotSent = scenarios.some(({ counts }) => counts.notSent !== undefined);
  const isCancelRead = scenarios.some(({ counts }) => (counts.cancelled ?? 0) > 0);
  const optional = [
    ...(isNotSent ? [{ name: 'not sent', of: ({ notSent = 0 }: RequestCounts) => notSent }] : []),
    ...(isCancelRead ? CANCEL_COLUMNS : []),
  ];
  const kinds = ['orders', 'cancels', 'replaces', 'fills', 'market data frames'];
  const rows = scenarios.map((scenario, run) => {
    const { counts } = scenario;
    const { orders, cancels, replaces, fills, marketDataFrames } = counts;
    return [
      runNames[run]!,
      ...[counts.sent, counts.acknowledged, refusedRequests(scenario), counts.unknown].map(
        formatCount,
      ),
      ...codes.map((code) => formatCount(counts.refused[code] ?? 0)),
      ...[orders, cancels, replaces, fills, marketDataFrames].map(formatCount),
      ...optional.map(({ of }) => formatCount(of(counts))),
    ];
  });
  return table(
    'Requests',
    [
      ...texts('run'),
      ...figures(...columns, ...codes, ...kinds, ...optional.map(({ name }) => name)),
    ],
    rows,
    requestsNote(isNotSent, isCancelRead),
  );
}

const CANCEL_COLUMNS = [
  { name: 'cancelled', of: ({ cancelled = 0 }: RequestCounts) => cancelled },
  { name: 'cancelled too late', of: ({ cancelsTooLate = 0 }: RequestCounts) => cancelsTooLate },
];

function requestsNote(isNotSent: boolean, isCancelRead: boolean): string {
  return [
    'sent = acknowledged + refused + unknown; the refused by code.',
    ...(isNotSent ? ['Not sent: due when its connection had been lost.'] : []),
    ...(isCancelRead ? ['Too late: cancels refused since the order was over, filled mostly.'] : []),
  ].join(' ');
}

export function generatorsTable(scenarios: readonly ScenarioResult[], runNames: readonly string[]) {
  const names = ['connections', 'sent', 'late sends', 'schedule error p99', 'CPU of one core'];
  const loop = ['event loop delay p99', 'event loop delay max'];
  return table(
    'Generators, as they watched themselves',
    [
      ...texts('process'),
      ...figures(...names, ...loop),
      ...texts('verdict', 'of the latency, its own'),
    ],
    rowsOf(scenarios, runNames, ({ generators }) =>
      generators.map((generator) => ({
        name: `${generator.process}`,
        label: `${generator.process}`,
        cells: [
          formatCount(generator.connections),
          formatCount(generator.sent),
          formatCount(generator.lateSends),
          formatDuration(generator.scheduleErrorP99Us),
          formatShare(generator.cpuShare),
          formatDuration(generator.eventLoopDelayP99Ms * 1_000),
          formatDuration(generator.eventLoopDelayMaxMs * 1_000),
          generatorVerdict(generator),
          ownLatenessText(generator),
        ],
      })),
    ),
    'Of the latency, its own: what is shown, from the intended send, less the same from the actual send.',
  );
}

function generatorVerdict({ bottleneck, lateTail }: GeneratorResult): HTMLElement {
  if (bottleneck !== undefined) {
    return element('span', {}, verdict(false, 'bottleneck'), `: ${bottleneck}`);
  }
  const late = lateTail === undefined ? '' : `; sent late: ${lateTail}`;
  return element('span', {}, verdict(true, 'kept up'), late);
}

export function auditTable(scenarios: readonly ScenarioResult[], runNames: readonly string[]) {
  return table(
    'Audit',
    texts('check', 'verdict', 'what was compared'),
    rowsOf(scenarios, runNames, ({ audit }) =>
      audit.checks.map((check) => ({
        name: check.name,
        label: check.name,
        cells: [verdict(check.holds, check.holds ? 'holds' : 'broken'), check.detail],
      })),
    ),
    'Of all that was sent, what rested before the start and the warm-up included.',
  );
}

export function objectivesTable(scenarios: readonly ScenarioResult[], runNames: readonly string[]) {
  return table(
    'Objectives',
    texts('objective', 'verdict', 'measured'),
    rowsOf(scenarios, runNames, ({ objectives }) =>
      objectives.map(({ text, held, actual }) => ({
        name: text,
        label: element('code', {}, text),
        cells: [verdict(held, held ? 'held' : 'missed'), actual],
      })),
    ),
  );
}

export function parametersTable(scenarios: readonly ScenarioResult[], runNames: readonly string[]) {
  const names = [...new Set(scenarios.flatMap((each) => Object.keys(each.parameters)))];
  return table(
    'Parameters',
    texts('parameter', ...scenarios.map((_, run) => runNames[run]!)),
    names.map((name) => [name, ...scenarios.map((each) => `${each.parameters[name] ?? '–'}`)]),
  );
}
