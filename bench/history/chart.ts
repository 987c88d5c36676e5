import type { RecordedRun } from './run.ts';

/** One figure of the runs of one machine, in the order they were recorded. */
export interface Series {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly run: RecordedRun;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The figures of some runs, each with its points; in the order of the last run that has them. */
export function seriesOf(runs: readonly RecordedRun[]): Series[] {
  const found = new Map<string, { name: string; unit: string; points: Point[] }>();
  for (const run of runs) {
    for (const { name, unit, value, low = value, high = value } of run.figures) {
      const key = `${name}, ${unit}`;
      if (!found.has(key)) found.set(key, { name, unit, points: [] });
      found.get(key)!.points.push({ run, value, low, high });
    }
  }
  return [...found.values()];
}

const WIDTH = 420;
const HEIGHT = 130;
const LEFT = 62;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 20;

/** A figure to three or four digits. */
export function shortNumber(value: number): string {
  const digits = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
  return digits.toLocaleString('en', { maximumFractionDigits: 6 });
}

/** A line through the values with what each ranged over, as SVG; the scale begins at zero unless that hides all. */
export function chartOf({ points }: Series): string {
  const [lowest, highest] = scaleOf(points);
  const x = (at: number): number =>
    points.length === 1
      ? (LEFT + WIDTH - RIGHT) / 2
      : LEFT + (at * (WIDTH - LEFT - RIGHT)) / (points.length - 1);
  const y = (value: number): number =>
    HEIGHT - BOTTOM - ((value - lowest) * (HEIGHT - TOP - BOTTOM)) / (highest - lowest);
  const at = (value: number): string => value.toFixed(1);
  const line = points.map(({ value }, index) => `${at(x(index))},${at(y(value))}`).join(' ');
  const ranges = points
    .filter(({ low, high }) => high > low)
    .map((point) => {
      const middle = at(x(points.indexOf(point)));
      return `<line class="range" x1="${middle}" x2="${middle}" y1="${at(y(point.low))}" y2="${at(y(point.high))}"/>`;
    });
  const dots = points.map(
    (point, index) =>
      `<circle cx="${at(x(index))}" cy="${at(y(point.value))}" r="3.5"><title>${titleOf(point)}</title></circle>`,
  );
  const grid = [highest, (highest + lowest) / 2, lowest].map(
    (value) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(value))}" y2="${at(y(value))}"/>` +
      `<text class="scale" x="${LEFT - 6}" y="${at(y(value) + 4)}">${shortNumber(value)}</text>`,
  );
  const ends = [points[0]!, ...(points.length > 1 ? [points.at(-1)!] : [])].map(
    ({ run }, index) =>
      `<text class="${index === 0 ? 'first' : 'last'}" x="${index === 0 ? LEFT : WIDTH - RIGHT}" y="${HEIGHT - 4}">${escaped(run.commit.slice(0, 8))}</text>`,
  );
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">${[...grid, ...ranges].join('')}<polyline points="${line}"/>${[...dots, ...ends].join('')}</svg>`;
}

function scaleOf(points: readonly Point[]): [number, number] {
  const low = Math.min(...points.map((point) => point.low));
  const high = Math.max(...points.map((point) => point.high));
  const room = (high - low || Math.abs(high) * 0.1 || 1) * 0.1;
  return [low > 0 && low < 0.6 * high ? 0 : low - room, high + room];
}

function titleOf({ run, value, low, high }: Point): string {
  const range = high > low ? ` (${shortNumber(low)} to ${shortNumber(high)})` : '';
  return escaped(
    `${shortNumber(value)}${range}\n${run.commit} ${run.subject}\n${run.at.slice(0, 16).replace('T', ' ')}`,
  );
}

export function escaped(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (sign) => names[sign]!);
}
