import { chartOf, escaped, type Series, seriesOf, shortNumber } from './chart.ts';
import type { RecordedRun } from './run.ts';

const STYLE = `
  :root { color-scheme: light dark; --ink: #1d2733; --faint: #8894a3; --line: #dfe5ec; --accent: #1769c4; --card: #fff; --page: #f4f6f9; --worse: #b3261e; --better: #14713d; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e3e8ee; --faint: #8d99a8; --line: #2c3642; --accent: #6cb1ff; --card: #171d25; --page: #0f141a; --worse: #ff8a80; --better: #6fd08c; }
  }
  body { margin: 0; padding: 24px; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--page); }
  h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 32px 0 2px; }
  p { margin: 0 0 12px; color: var(--faint); }
  .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 14px; }
  figure { margin: 0; padding: 12px 12px 6px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
  figcaption { display: flex; gap: 8px; justify-content: space-between; align-items: baseline; font-weight: 600; }
  figcaption span { font-weight: 400; font-size: 13px; color: var(--faint); text-align: right; white-space: nowrap; }
  .worse { color: var(--worse); } .better { color: var(--better); }
  svg { width: 100%; height: auto; display: block; }
  polyline { fill: none; stroke: var(--accent); stroke-width: 1.6; }
  circle { fill: var(--accent); stroke: var(--card); stroke-width: 1; }
  .range { stroke: var(--accent); stroke-width: 5; opacity: .22; stroke-linecap: round; }
  .grid { stroke: var(--line); }
  text { font-size: 10.5px; fill: var(--faint); } .scale, .last { text-anchor: end; }
`;

/** The whole history as one page that needs nothing beside it: a part for each machine and suite. */
export function pageOf(runs: readonly RecordedRun[]): string {
  const groups = new Map<string, RecordedRun[]>();
  for (const run of runs) {
    const key = `${run.suite} on ${run.machine}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const parts = [...groups].map(([title, of]) => groupOf(title, of));
  const count = `${runs.length} recorded run${runs.length === 1 ? '' : 's'}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ringside: speed over time</title>
<style>${STYLE}</style>
<h1>Ringside: speed over time</h1>
<p>${count}; a dot is the median, the bar behind it the range. Only runs of one machine compare, and those only roughly: a change is judged by make bench-compare.</p>
${parts.join('\n') || '<p>Nothing is recorded yet: make bench-record.</p>'}
</html>
`;
}

function groupOf(title: string, runs: readonly RecordedRun[]): string {
  const [first, last] = [runs[0]!, runs.at(-1)!];
  const span = `${runs.length} runs, ${first.at.slice(0, 10)} to ${last.at.slice(0, 10)}`;
  const figures = seriesOf(runs).map(
    (series) =>
      `<figure><figcaption>${escaped(series.name)}<span>${latestOf(series)}</span></figcaption>${chartOf(series)}</figure>`,
  );
  return `<h2>${escaped(title)}</h2>\n<p>${span}</p>\n<div class="charts">\n${figures.join('\n')}\n</div>`;
}

/** What is less is told in no colour. */
const NOTABLE_PERCENT = 5;

/** The last value, and how far it is from the median of those before. */
function latestOf({ unit, points }: Series): string {
  const { value } = points.at(-1)!;
  const text = `${shortNumber(value)} ${escaped(unit)}`;
  const before = points
    .slice(0, -1)
    .map((point) => point.value)
    .sort((a, b) => a - b);
  const usual = before[before.length >> 1];
  if (usual === undefined || usual === 0 || value === usual) return text;
  const percent = 100 * (value / usual - 1);
  // More is better of what is done in a second, less of all else.
  const isWorse = unit.endsWith('/s') ? percent < 0 : percent > 0;
  const kind = Math.abs(percent) < NOTABLE_PERCENT ? '' : isWorse ? 'worse' : 'better';
  const sign = percent < 0 ? '−' : '+';
  return `${text} <span class="${kind}">${sign}${Math.abs(percent).toFixed(1)} %</span>`;
}
