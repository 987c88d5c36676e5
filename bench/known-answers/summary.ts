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

function isFound({ verdicts }: GateRun): boolean {
  return Object.values(verdicts).includes('slower');
}

/** How often each verdict was given, over all parts. */
function talliesOf(runs: readonly GateRun[]): string {
  const counts = new Map<string, number>();
  for (const { verdicts } of runs) {
    for (const verdict of Object.values(verdicts))
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
}
