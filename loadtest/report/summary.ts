import { acknowledgedPerSecond } from '../result/acknowledged-rate.ts';
import { LEAST_SAMPLES } from '../result/least-samples.ts';
import type {
  GeneratorResult,
  RunResult,
  ScenarioResult,
  SpanResult,
} from '../result/run-result.ts';
import { SPAN_TITLES } from '../result/span-names.ts';
import type { Paint } from './ansi.ts';
import {
  formatBytes,
  formatCommit,
  formatCount,
  formatDuration,
  formatMoment,
  formatNumber,
  formatShare,
} from './format.ts';
import { ownLatenessText } from './own-lateness-text.ts';
import { scheduleText } from './schedule-text.ts';
import { textTable } from './text-table.ts';

const CLOSED_LOOP_MARK = ' (closed loop)';

/** What is printed at the end of a run: environment, then a block a scenario, its warnings first. */
export function formatSummary(result: RunResult, paint: Paint): string {
  const blocks = [
    environmentLines(result),
    ...result.scenarios.map((s) => scenarioLines(s, paint)),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n\n${verdictLine(result, paint)}\n`;
}

function environmentLines({ environment }: RunResult): string[] {
  const { venue } = environment;
  return [
    `${formatMoment(environment.startedAtMs)}, commit ${formatCommit(environment.commit)}`,
    `${environment.processors}, ${formatBytes(environment.memoryBytes)}, ${environment.kernel}, Node ${environment.node}`,
    `venue ${venue.url} (${venue.isOwn ? 'its own' : 'a running one'}), ${venue.shards ?? 'unknown'} shards, durability ${venue.durability ?? 'unknown'}`,
    ...(environment.sharesMachine ? ['generator and venue share the machine'] : []),
    ...environment.leavesOut.map((sentence) => `left out: ${sentence}`),
  ];
}

function scenarioLines(scenario: ScenarioResult, paint: Paint): string[] {
  const verdict = scenario.passed ? paint('green', 'passed') : paint('red', 'FAILED');
  return [
    `${paint('bold', scenario.name)}  ${verdict}  ${scheduleText(scenario)}`,
    ...scenario.warnings.map((warning) => `  ${paint('red', `warning: ${warning}`)}`),
    ...indent([
      ...requestLines(scenario),
      ...spanLines(scenario),
      ...scenario.figures.map((each) => `${each.name}: ${formatNumber(each.value)} ${each.unit}`),
      ...generatorLines(scenario, paint),
      ...auditLines(scenario, paint),
      ...objectiveLines(scenario, paint),
      ...(scenario.notMeasured ?? []).map((sentence) => `not measured: ${sentence}`),
    ]),
  ];
}

function requestLines({ counts, measuredMs }: ScenarioResult): string[] {
  if (counts.sent === 0) return [];
  const refused = Object.values(counts.refused).reduce((total, each) => total + each, 0);
  const codes = Object.entries(counts.refused).map(([code, n]) => `${code} ${formatCount(n)}`);
  const perSecond = acknowledgedPerSecond({ counts, measuredMs });
  return [
    `${formatCount(perSecond)}/s acknowledged: ${formatCount(counts.sent)} sent = ${formatCount(counts.acknowledged)} acknowledged + ${formatCount(refused)} refused + ${formatCount(counts.unknown)} unknown`,
    ...(codes.length > 0 ? [`refused: ${codes.join(', ')}`] : []),
    ...((counts.notSent ?? 0) > 0
      ? [`not sent, since their connection was lost: ${formatCount(counts.notSent!)}`]
      : []),
    `${formatCount(counts.orders)} orders, ${formatCount(counts.cancels)} cancels, ${formatCount(counts.replaces)} replaces, ${formatCount(counts.fills)} fills, ${formatCount(counts.marketDataFrames)} market data frames`,
    ...((counts.cancelled ?? 0) > 0
      ? [
          `of the cancels: ${formatCount(counts.cancelled!)} ended their order, ${formatCount(counts.cancelsTooLate ?? 0)} came too late`,
        ]
      : []),
  ];
}

function spanLines({ spans }: ScenarioResult): string[] {
  if (spans.length === 0) return [];
  const table = textTable([
    ['span', 'count', 'p50', 'p90', 'p99', 'p99.9', 'p99.99', 'max'],
    ...spans.map((span) => [
      `${SPAN_TITLES[span.name]}${span.isOpenLoop ? '' : CLOSED_LOOP_MARK}`,
      formatCount(span.count),
      ...percentileCells(span),
      formatDuration(span.maxUs),
    ]),
  ]);
  const isAnyFew = spans.some(({ count }) => count < LEAST_SAMPLES['p99.99']);
  const note = 'in parentheses: a percentile that less than one sample lies beyond';
  return [...table, ...(isAnyFew ? [note] : []), ...spans.flatMap(unansweredText)];
}

/** What is not more than the greatest sample is not shown as if it were known. */
function percentileCells(span: SpanResult): string[] {
  const { p50, p90, p99, 'p99.9': p999, 'p99.99': p9999 } = LEAST_SAMPLES;
  const cells = [
    [span.p50Us, p50],
    [span.p90Us, p90],
    [span.p99Us, p99],
    [span.p999Us, p999],
    [span.p9999Us, p9999],
  ] as const;
  return cells.map(([us, least]) => {
    const text = formatDuration(us);
    return span.count >= least ? text : `(${text})`;
  });
}

function unansweredText({ name, unanswered }: SpanResult): string[] {
  if (unanswered === undefined) return [];
  return [
    `${SPAN_TITLES[name]}: ${formatCount(unanswered)} of them never answered, each at least so long`,
  ];
}

function generatorLines({ generators }: ScenarioResult, paint: Paint): string[] {
  if (generators.length === 0) return [];
  const table = textTable([
    ['generator', 'sent', 'late', 'schedule p99', 'CPU', 'loop p99', 'loop max', ''],
    ...generators.map((generator) => [
      `${generator.process}, ${formatCount(generator.connections)} connections`,
      formatCount(generator.sent),
      formatCount(generator.lateSends),
      formatDuration(generator.scheduleErrorP99Us),
      formatShare(generator.cpuShare),
      formatDuration(generator.eventLoopDelayP99Ms * 1_000),
      formatDuration(generator.eventLoopDelayMaxMs * 1_000),
      generatorVerdict(generator, paint),
    ]),
  ]);
  const own = generators
    .filter(({ ownLateness = [] }) => ownLateness.length > 0)
    .map(
      (each) => `of the latency by generator ${each.process}, its own: ${ownLatenessText(each)}`,
    );
  return [...table, ...own];
}

function generatorVerdict({ bottleneck, lateTail }: GeneratorResult, paint: Paint): string {
  if (bottleneck !== undefined) return paint('red', `bottleneck: ${bottleneck}`);
  return lateTail === undefined ? '' : paint('yellow', `sent late: ${lateTail}`);
}

function auditLines(scenario: ScenarioResult, paint: Paint): string[] {
  const leftOut = scenario.audit.leftOut ?? [];
  return [
    ...verdictOfAudit(scenario, paint),
    ...leftOut.map((sentence) => `  not checked: ${sentence}`),
  ];
}

function verdictOfAudit({ audit }: ScenarioResult, paint: Paint): string[] {
  const broken = audit.checks.filter((check) => !check.holds);
  if (audit.checks.length === 0) return ['audit: nothing to check'];
  if (audit.clean) return [`audit: ${paint('green', 'clean')}, ${audit.checks.length} checks`];
  return [
    `audit: ${paint('red', 'failed')}, ${broken.length} of ${audit.checks.length} checks`,
    ...broken.map((check) => `  ${paint('red', check.name)}: ${check.detail}`),
  ];
}

function objectiveLines({ objectives }: ScenarioResult, paint: Paint): string[] {
  return objectives.map(({ text, held, actual }) =>
    held
      ? `objective ${text}: ${paint('green', 'held')}, ${actual}`
      : `objective ${paint('red', `${text}: missed`)}, ${actual}`,
  );
}

function verdictLine({ scenarios, brokenOff }: RunResult, paint: Paint): string {
  if (brokenOff !== undefined) return paint('red', `the run broke off: ${brokenOff}`);
  const failed = scenarios.filter((scenario) => !scenario.passed);
  if (failed.length === 0) {
    const passed = scenarios.length === 1 ? 'the scenario' : `all ${scenarios.length} scenarios`;
    return paint('green', `${passed} passed`);
  }
  const names = failed.map((scenario) => scenario.name).join(', ');
  return paint('red', `${failed.length} of ${scenarios.length} scenarios FAILED: ${names}`);
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
