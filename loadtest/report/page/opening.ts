import { acknowledgedPerSecond } from '../../result/acknowledged-rate.ts';
import type { RunEnvironment, RunResult, ScenarioResult } from '../../result/run-result.ts';
import { formatBytes, formatCommit, formatCount, formatDuration, formatMoment } from '../format.ts';
import { type Child, element, figures, table, texts, verdict } from './dom.ts';
import { changeText, mainSpan, refusedRequests } from './key-figures.ts';
import { scenarioId, warningList } from './scenario.ts';

/** What a reader must know before any figure: the verdict, what it was measured on, and what is not in it. */
export function opening(runs: readonly RunResult[], runNames: readonly string[]): HTMLElement {
  const { environment, scenarios, brokenOff } = runs[0]!;
  const failed = scenarios.filter((scenario) => !scenario.passed);
  const isGood = failed.length === 0 && brokenOff === undefined;
  return element(
    'header',
    { class: 'opening' },
    element(
      'p',
      { class: 'eyebrow' },
      `Ringside load test, ${formatMoment(environment.startedAtMs)}`,
    ),
    element(
      'h1',
      { class: isGood ? 'good' : 'bad' },
      isGood ? passedText(scenarios.length) : failedText(runs[0]!),
    ),
    element('p', {}, isGood ? whyPassed(scenarios) : whyFailed(runs[0]!)),
    warningList(everyRun(runs, runNames, warningsOf)),
    environmentTable(
      runs.map((run) => run.environment),
      runNames,
    ),
    element('h2', {}, 'Left out'),
    leftOutList(everyRun(runs, runNames, leftOutOf)),
    overview(runs, runNames),
  );
}

/** Sentences of this run, and those of the other run that this one does not say too. */
function everyRun(
  runs: readonly RunResult[],
  runNames: readonly string[],
  sentencesOf: (run: RunResult) => readonly string[],
): string[] {
  const [own, other] = runs.map(sentencesOf);
  const added = (other ?? []).filter((sentence) => !own!.includes(sentence));
  return [...own!, ...added.map((sentence) => `${runNames[1]}: ${sentence}`)];
}

function warningsOf({ scenarios }: RunResult): string[] {
  return scenarios.flatMap(({ name, warnings }) => warnings.map((text) => `${name}: ${text}`));
}

/** Of the run, and what of its scenarios was not checked or measured: each sentence once, with those that say it. */
function leftOutOf({ environment, scenarios }: RunResult): string[] {
  const sayers = new Map<string, string[]>();
  for (const { name, audit, notMeasured = [] } of scenarios) {
    for (const sentence of [
      ...(audit.leftOut ?? []).map((text) => `Not checked: ${text}`),
      ...notMeasured.map((text) => `Not measured: ${text}`),
    ]) {
      const names = sayers.get(sentence);
      if (names === undefined) sayers.set(sentence, [name]);
      else names.push(name);
    }
  }
  const said = [...sayers].map(([sentence, names]) =>
    names.length === scenarios.length ? sentence : `${names.join(', ')}: ${sentence}`,
  );
  return [...environment.leavesOut, ...said];
}

function leftOutList(sentences: readonly string[]): HTMLElement {
  if (sentences.length === 0) return element('p', {}, 'Nothing was named as left out.');
  return element('ul', { class: 'left-out' }, ...sentences.map((text) => element('li', {}, text)));
}

/** An audit that had nothing to look at is not called clean. */
function whyPassed(scenarios: readonly ScenarioResult[]): string {
  const unaudited = scenarios.filter((scenario) => scenario.audit.checks.length === 0);
  const audits =
    unaudited.length === 0
      ? 'Every audit is clean'
      : `No audit failed, with nothing to check in ${unaudited.map(({ name }) => name).join(', ')}`;
  const wasAsked = scenarios.some((scenario) => scenario.objectives.length > 0);
  const objectives = wasAsked ? 'every objective held' : 'no objective was asked for';
  return `${audits}; ${objectives}, and no generator was the bottleneck.`;
}

function failedText({ scenarios, brokenOff }: RunResult): string {
  if (brokenOff !== undefined) return 'Broken off';
  const failed = scenarios.filter(({ passed }) => !passed);
  return `Failed: ${failed.map(({ name }) => name).join(', ')}`;
}

function whyFailed({ scenarios, brokenOff }: RunResult): string {
  const failed = scenarios.filter(({ passed }) => !passed).length;
  const all = scenarios.length;
  const sentences = [
    ...(brokenOff === undefined
      ? []
      : [`The run came to no end: ${brokenOff}. Below is what it had until then.`]),
    ...(all > 1 && failed > 0 ? [`${failed} of ${all} scenarios did not pass.`] : []),
  ];
  return sentences.join(' ');
}

function passedText(count: number): string {
  return count === 1 ? 'Passed' : `Passed: all ${count} scenarios`;
}

function factsOf(environment: RunEnvironment): [string, string][] {
  const { venue } = environment;
  const whose = venue.isOwn ? 'started for this run' : 'was running already';
  const shared = environment.sharesMachine
    ? 'shared by generator and venue'
    : 'the generator alone';
  return [
    ['Hardware', `${environment.processors}, ${formatBytes(environment.memoryBytes)} of memory`],
    ['Machine', shared],
    ['Kernel', environment.kernel],
    ['Node', environment.node],
    ['Commit', formatCommit(environment.commit)],
    ['Durability', venue.durability ?? 'unknown'],
    ['Shards', venue.shards === undefined ? 'unknown' : `${venue.shards}`],
    ['Venue', `${venue.url}, ${whose}`],
  ];
}

function environmentTable(
  environments: readonly RunEnvironment[],
  runNames: readonly string[],
): HTMLElement {
  const [facts, otherFacts] = environments.map(factsOf);
  if (otherFacts === undefined) {
    const pairs = facts!.map(([name, value]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, value)),
    );
    return element('dl', { class: 'facts' }, ...pairs);
  }
  const rows = facts!.map(([name, value], index): Child[] => {
    const other = otherFacts[index]![1];
    return [
      name,
      value,
      other === value
        ? element('span', { class: 'other' }, 'the same')
        : element('strong', {}, other),
    ];
  });
  rows.push(['Started', ...environments.map((each) => formatMoment(each.startedAtMs))]);
  return table('What was measured on', texts('', ...runNames), rows);
}

function overview(runs: readonly RunResult[], runNames: readonly string[]): HTMLElement {
  const rows = runs[0]!.scenarios.flatMap((scenario) => {
    const link = element('a', { href: `#${scenarioId(scenario)}` }, scenario.name);
    const other = runs[1]?.scenarios.find((each) => each.name === scenario.name);
    const otherName = element('span', { class: 'other' }, runNames[1] ?? '');
    return [
      overviewRow(link, scenario),
      ...(other === undefined ? [] : [overviewRow(otherName, other, scenario)]),
    ];
  });
  return table(
    'Scenarios',
    [
      ...texts('scenario', 'verdict'),
      ...figures('acknowledged a second', 'p50', 'p99', 'p99.9', 'max', 'refused', 'unknown'),
      ...texts('audit', 'objectives held'),
    ],
    rows,
    'Latency is order → ack, or what the scenario is about instead.',
  );
}

/** `base` is what the row is compared with. */
function overviewRow(name: Child, scenario: ScenarioResult, base?: ScenarioResult): Child[] {
  const span = mainSpan(scenario);
  const baseSpan = base === undefined ? undefined : mainSpan(base);
  const duration = (of: 'p50Us' | 'p99Us' | 'p999Us' | 'maxUs'): Child => {
    if (span === undefined) return '–';
    const change = baseSpan === undefined ? '' : changeText(baseSpan[of], span[of]);
    return element(
      'span',
      {},
      formatDuration(span[of]),
      element('span', { class: 'change' }, change),
    );
  };
  const held = scenario.objectives.filter((objective) => objective.held).length;
  const asked = scenario.objectives.length;
  const { audit } = scenario;
  return [
    name,
    verdict(scenario.passed, scenario.passed ? 'passed' : 'failed'),
    scenario.counts.sent === 0 ? '–' : formatCount(acknowledgedPerSecond(scenario)),
    ...(['p50Us', 'p99Us', 'p999Us', 'maxUs'] as const).map(duration),
    formatCount(refusedRequests(scenario)),
    formatCount(scenario.counts.unknown),
    audit.checks.length === 0 ? '–' : verdict(audit.clean, audit.clean ? 'clean' : 'failed'),
    asked === 0 ? '–' : verdict(held === asked, `${held} of ${asked}`),
  ];
}
