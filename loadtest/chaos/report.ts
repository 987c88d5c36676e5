import type { ChaosOutcome } from './chaos-run.ts';

/** The table at the end of a run, and when something is wrong what and where to look. */
export function formatReport(outcome: ChaosOutcome, dataDirectory: string): string {
  const { options, findings, counts, recoveriesMs } = outcome;
  const sorted = [...recoveriesMs].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const { load, starts, audits } = outcome.spentMs;
  const faults = [...outcome.faults].map(([name, times]) => `${name} ${times}`).join(', ');
  const lines: [string, string][] = [
    ['kills', count(outcome.kills)],
    ['starts', count(outcome.lives)],
    ['faults', faults === '' ? 'none' : faults],
    ['audits', count(outcome.audits)],
    [
      'requests',
      `${count(counts.requests)} (${count(counts.done)} done, ${count(counts.refused)} refused, ${count(counts.unknown)} unknown at a crash)`,
    ],
    ['order results acknowledged', count(outcome.acknowledged)],
    ['of them checked', count(outcome.checked)],
    ['transfers and the like checked', count(outcome.transfers)],
    ['trades checked', count(outcome.trades)],
    ['losses', count(findings.count('lost'))],
    ['duplicates', count(findings.count('duplicate'))],
    ['anything wrong', findings.total === 0 ? 'no' : findings.summary],
    ['recovery median / worst', `${seconds(median)} / ${seconds(sorted.at(-1) ?? 0)}`],
    [
      'settings',
      `seed ${options.seed}, ${options.shards} shards, ${options.accounts} accounts, durability ${options.durability}`,
    ],
    [
      'run',
      `${outcome.seconds.toFixed(0)} s: load ${seconds(load)}, starts ${seconds(starts)}, audits ${seconds(audits)}`,
    ],
  ];
  const table = lines.map(([name, value]) => `${name.padEnd(34)}${value}`).join('\n');
  if (outcome.failedAt === null) return table;
  return [
    table,
    '',
    `FAILED during ${outcome.failedAt} (seed ${options.seed}); the data dir is kept: ${dataDirectory}`,
    ...findings.details.map((detail) => `  ${detail}`),
  ].join('\n');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
