import { chartOf, escaped, type Series, seriesOf, shortNumber } from './chart.ts';
import type { RecordedRun } from './run.ts';
import { STYLE } from './style.ts';

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
<p>${count}; a dot is the median, the bar behind it the range. Only runs of one machine compare, and those
only roughly: whether a commit is slower, make bench-compare finds out.</p>
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
