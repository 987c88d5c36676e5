import { interval, percent } from '../compare/report-rows.ts';
import type { GateRun, State } from './state.ts';

/** What the runs so far found, in lines. */
export function summaryOf({ commit, slowed, runs }: State): string {
  const lines = [`commit ${commit.slice(0, 12)}`, '', 'made slower, by a long measurement:'];
  for (const { part, percent: wanted, measured, pairs } of slowed) {
    lines.push(
      `  ${part} by ${wanted} %: ${percent(measured.value)} (${interval(measured)}), ${pairs} pairs`,
    );
  }
  lines.push('', 'found slower, of runs of the gate:');
  for (const against of [...new Set(runs.map((run) => run.against))]) {
    const of = runs.filter((run) => run.against === against);
    const found = of.filter(isFound).length;
    lines.push(`  ${against}: ${found} of ${of.length} (${talliesOf(of)})`);
  }
  return lines.join('\n');
}

/** Of a slowed part its own verdict counts; what else the same edit slows has other answers. */
function isFound({ part, verdicts }: GateRun): boolean {
  if (part !== undefined) return verdicts[part] === 'slower';
  return Object.values(verdicts).includes('slower');
}

/** How often each verdict was given: to the slowed part, or over all parts when none was. */
function talliesOf(runs: readonly GateRun[]): string {
  const counts = new Map<string, number>();
  for (const { part, verdicts } of runs) {
    const told = part === undefined ? Object.values(verdicts) : [verdicts[part]!];
    for (const verdict of told) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
}
