import type { ScenarioResult, SpanName } from '../../result/run-result.ts';
import { SPAN_TITLES } from '../../result/span-names.ts';
import { CURVE_POINTS, percentileCurve } from '../percentile-curve.ts';
import { LOGARITHMIC_DURATION, PERCENTILES } from './axes.ts';
import type { ChartRun, ChartSpec, Line } from './chart.ts';
import { SPAN_COLOURS } from './palette.ts';

/** The global that the library's browser build makes. */
declare const hdr: typeof import('hdr-histogram-js');

const HEIGHT_PX = 340;
/** What a client sees: drawn at first; the parts of it are a press away. */
const DRAWN_AT_FIRST: ReadonlySet<SpanName> = new Set<SpanName>([
  'ack',
  'ack-from-send',
  'ack-closed-loop',
  'refused',
  'first-fill',
  'maker-first-fill',
  'order-update',
  'cancelled',
  'market-data',
  'rest',
  'connect',
]);

/** The percentile curves of all spans, as HdrHistogram's plotters draw them. */
export function percentileChart(scenarios: readonly ScenarioResult[]): ChartSpec {
  const runs = scenarios.map(curvesOf);
  const used = Math.max(0, ...runs.map((run) => run.x.length));
  return {
    title: 'Percentile curves',
    note: 'Each nine of the percentile is as wide as the last; a curve ends where less than one sample lies beyond. Press a name to show or hide its curve.',
    runs: runs.map((run) => ({ ...run, x: CURVE_POINTS.slice(0, used) })),
    horizontal: PERCENTILES,
    vertical: LOGARITHMIC_DURATION,
    heightPx: HEIGHT_PX,
  };
}

function curvesOf({ spans }: ScenarioResult): ChartRun {
  const lines = spans
    .filter((span) => span.count > 0)
    .map((span): Line => {
      const isPart = /^(?:to|from|ack)-/.test(span.name);
      return {
        label: SPAN_TITLES[span.name],
        colour: SPAN_COLOURS[span.name],
        values: percentileCurve(hdr.decodeFromCompressedBase64(span.histogram)),
        isThin: isPart,
        isHidden: !DRAWN_AT_FIRST.has(span.name),
      };
    });
  const lastUsed = Math.max(
    -1,
    ...lines.map((line) => line.values.findLastIndex((value) => value !== null)),
  );
  return { x: CURVE_POINTS.slice(0, lastUsed + 1), lines };
}
