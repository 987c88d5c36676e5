import { element } from './dom.ts';
import { makeLegend } from './legend.ts';
import { type Colour, styleColour } from './palette.ts';

/** A figure over a common horizontal axis; the second run, if there is one, is drawn dashed. */
export interface ChartSpec {
  readonly title: string;
  /** What a reader must know to read it. */
  readonly note?: string;
  /** This run, and the one that is laid over it. */
  readonly runs: readonly ChartRun[];
  readonly horizontal: Axis;
  readonly vertical: Axis;
  readonly heightPx: number;
  /** Charts with the same key show the same moment under the cursor. */
  readonly cursorKey?: string;
}

export interface ChartRun {
  readonly x: readonly number[];
  readonly lines: readonly Line[];
}

export interface Line {
  readonly label: string;
  readonly colour: Colour;
  /** One a value of `x`; null where there is none. */
  readonly values: readonly (number | null)[];
  /** In the back: a target, or what is shown for comparison. */
  readonly isThin?: boolean;
  /** Shown only when its name in the legend is pressed. */
  readonly isHidden?: boolean;
}

export interface Axis {
  readonly isLogarithmic: boolean;
  readonly range: (least: number, greatest: number) => readonly [number, number];
  /** How far the grid lines may be from each other; any round number when absent. */
  readonly increments?: readonly number[];
  /** Where the grid lines are; evenly spread when absent. */
  readonly splits?: (least: number, greatest: number) => number[];
  readonly format: (value: number) => string;
}

const DASH_OF_OTHER_RUN = [6, 4];
const VERTICAL_AXIS_PX = 64;
const HORIZONTAL_AXIS_PX = 32;
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';

const plots = new Set<uPlot>();

/** True when the run has a value to draw. */
export function hasValues(run: ChartRun): boolean {
  return run.lines.some((line) => line.values.some((value) => value !== null));
}

/** The chart, drawn as soon as it has a width and redrawn when that changes. */
export function chart(spec: ChartSpec): HTMLElement {
  const canvasBox = element('div', { class: 'plot', style: `height:${spec.heightPx}px` });
  const legend = makeLegend(spec);
  const figure = element(
    'figure',
    { class: 'chart' },
    element('figcaption', {}, element('h4', {}, spec.title), spec.note),
    canvasBox,
    legend.list,
  );
  let plot: uPlot | undefined;
  new ResizeObserver(() => {
    const width = canvasBox.clientWidth;
    if (width === 0) return;
    if (plot === undefined) {
      plot = new uPlot(optionsOf(spec, width, legend.show), dataOf(spec), canvasBox);
      canvasBox.querySelector('canvas')!.setAttribute('role', 'img');
      canvasBox.querySelector('canvas')!.setAttribute('aria-label', spec.title);
      legend.attach(plot);
      plots.add(plot);
    } else if (plot.width !== width) plot.setSize({ width, height: spec.heightPx });
  }).observe(canvasBox);
  return figure;
}

/** Drops the charts of a page that is about to be drawn anew. */
export function destroyCharts(): void {
  for (const plot of plots) plot.destroy();
  plots.clear();
}

/** Draws every chart in the colours and the width that the page now has. */
export function redrawCharts(): void {
  for (const plot of plots) {
    const width = plot.root.parentElement!.clientWidth;
    if (plot.width !== width) plot.setSize({ width, height: plot.height });
    plot.redraw(false, true);
  }
}

function dataOf(spec: ChartSpec): uPlot.AlignedData {
  const tables = spec.runs.map(
    (run) => [run.x, ...run.lines.map((line) => line.values)] as uPlot.AlignedData,
  );
  return tables.length === 1 ? tables[0]! : uPlot.join(tables);
}

function optionsOf(spec: ChartSpec, width: number, showAt: (plot: uPlot) => void): uPlot.Options {
  return {
    width,
    height: spec.heightPx,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 7 },
      ...(spec.cursorKey === undefined ? {} : { sync: { key: spec.cursorKey, setSeries: false } }),
    },
    scales: { x: { time: false, ...scaleOf(spec.horizontal) }, y: scaleOf(spec.vertical) },
    axes: [
      { ...axisOf(spec.horizontal), size: HORIZONTAL_AXIS_PX },
      { ...axisOf(spec.vertical), size: VERTICAL_AXIS_PX },
    ],
    series: [
      {},
      ...spec.runs.flatMap((run, index) => run.lines.map((line) => seriesOf(line, index > 0))),
    ],
    hooks: { setLegend: [showAt] },
  };
}

function seriesOf(line: Line, isOtherRun: boolean): uPlot.Series {
  return {
    label: line.label,
    show: line.isHidden !== true,
    stroke: () => styleColour(line.colour),
    width: line.isThin === true ? 1 : 2,
    points: { show: line.values.length === 1 },
    ...(isOtherRun ? { dash: DASH_OF_OTHER_RUN } : {}),
  };
}

function scaleOf(axis: Axis): uPlot.Scale {
  return {
    distr: axis.isLogarithmic ? 3 : 1,
    range: (_plot, least, greatest) => [...axis.range(least ?? 0, greatest ?? 0)],
  };
}

function axisOf(axis: Axis): uPlot.Axis {
  const { splits, increments } = axis;
  return {
    stroke: () => styleColour('muted'),
    font: FONT,
    grid: { stroke: () => styleColour('line'), width: 1 },
    ticks: { show: false },
    gap: 8,
    values: (_plot, values) => values.map((value) => axis.format(value)),
    ...(increments === undefined ? {} : { incrs: [...increments] }),
    ...(splits === undefined
      ? {}
      : {
          splits: (_plot, _axis, least, greatest) => splits(least, greatest),
          filter: (_plot, values) => values,
        }),
  };
}
