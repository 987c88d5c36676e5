import type { ScenarioResult, SpanName, SpanResult } from '../../result/run-result.ts';
import { SPAN_TITLES } from '../../result/span-names.ts';
import { formatDuration } from '../format.ts';
import { element } from './dom.ts';
import { SPAN_COLOURS } from './palette.ts';

const PARTS = [
  ...['to-gateway', 'to-match', 'to-journal'],
  ...['to-publish', 'from-publish', 'to-client'],
] as readonly SpanName[];
const PERCENTILES = [
  { name: 'p50', valueUs: (span: SpanResult) => span.p50Us },
  { name: 'p99', valueUs: (span: SpanResult) => span.p99Us },
];

interface Bar {
  readonly name: string;
  readonly parts: readonly { readonly name: SpanName; readonly us: number }[];
  readonly totalUs: number;
}

/** The parts of an order's way, one behind the other, at the median and p99; undefined without the replies' times. */
export function serverTime(
  scenarios: readonly ScenarioResult[],
  runNames: readonly string[],
): HTMLElement | undefined {
  const bars = PERCENTILES.flatMap(({ name, valueUs }) =>
    scenarios.flatMap((scenario, run): Bar[] => {
      const parts = partsOf(scenario).map((span) => ({ name: span.name, us: valueUs(span) }));
      const totalUs = parts.reduce((total, part) => total + part.us, 0);
      const barName = scenarios.length > 1 ? `${name}, ${runNames[run]}` : name;
      return parts.length === 0 ? [] : [{ name: barName, parts, totalUs }];
    }),
  );
  if (bars.length === 0) return undefined;
  const longest = Math.max(...bars.map((bar) => bar.totalUs));
  return element(
    'figure',
    { class: 'chart' },
    element(
      'figcaption',
      {},
      element('h4', {}, 'Where the time goes'),
      'Between the times that each reply carries. Percentiles of parts do not add up to the percentile of the whole: the bars say which part is slow.',
    ),
    element(
      'div',
      {},
      element('div', { class: 'stacks' }, ...bars.map((bar) => drawBar(bar, longest))),
      partsTable(bars),
    ),
  );
}

/** Where the reply says when it was written, its way back is two parts instead of one. */
function partsOf(scenario: ScenarioResult): SpanResult[] {
  const isParted = scenario.spans.some(({ name, count }) => name === 'from-publish' && count > 0);
  const parts = PARTS.filter((name) => !isParted || name !== 'to-client');
  return parts.flatMap((name) => scenario.spans.find((s) => s.name === name && s.count > 0) ?? []);
}

function drawBar(bar: Bar, longestUs: number): HTMLElement {
  const segments = bar.parts.map(({ name, us }) =>
    element('span', {
      style: `width:${(us / longestUs) * 100}%;background:var(--${SPAN_COLOURS[name]})`,
      title: `${SPAN_TITLES[name]}: ${formatDuration(us)}`,
    }),
  );
  return element(
    'div',
    { class: 'stack' },
    element('span', { class: 'name' }, bar.name),
    element('div', { class: 'bar' }, ...segments),
  );
}

function partsTable(bars: readonly Bar[]): HTMLElement {
  const head = bars.map((bar) => element('th', { scope: 'col', class: 'figure' }, bar.name));
  const names = PARTS.filter((name) => bars.some((bar) => bar.parts.some((p) => p.name === name)));
  const rows = names.map((name) =>
    element(
      'tr',
      {},
      element(
        'th',
        { scope: 'row' },
        element('span', { class: 'swatch', style: `background:var(--${SPAN_COLOURS[name]})` }),
        SPAN_TITLES[name],
      ),
      ...bars.map((bar) => {
        const part = bar.parts.find((each) => each.name === name);
        return element(
          'td',
          { class: 'figure' },
          part === undefined ? '' : formatDuration(part.us),
        );
      }),
    ),
  );
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'part'), ...head)),
    element('tbody', {}, ...rows),
  );
}
