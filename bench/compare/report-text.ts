import {
  type ComparisonReport,
  cellsOf,
  changeText,
  conclusionOf,
  HEADINGS,
  isNothingDecided,
} from './report-rows.ts';

/** For a terminal. */
export function textOf(report: ComparisonReport): string {
  const { outcomes, notes } = report;
  const rows = [HEADINGS, ...outcomes.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return [
    `base ${report.base}`,
    `head ${report.head}`,
    ...notes.map((note) => `note: ${note}`),
    '',
    ...table,
    '',
    countersText(report),
    `${report.seconds.toFixed(0)} s on ${report.machine}, seed ${report.seed}`,
    conclusionOf(report),
  ].join('\n');
}

function countersText({ outcomes }: ComparisonReport): string {
  const compared = outcomes.reduce((sum, { counters }) => sum + counters.length, 0);
  const changes = outcomes.flatMap(({ part, changes }) =>
    changes.map((one) => changeText(part, one)),
  );
  if (changes.length === 0) return `${compared} counters, none changed`;
  return [
    `${compared} counters, ${changes.length} changed:`,
    ...changes.map((line) => `  ${line}`),
  ].join('\n');
}

const SIGNS: Readonly<Record<string, string>> = {
  slower: '🔴 slower',
  faster: '🟢 faster',
  same: 'same',
  'not decidable': '⚪ not decidable',
  'not comparable': '⚠️ not comparable',
};

/** For a pull request. */
export function markdownOf(report: ComparisonReport): string {
  const { outcomes, objections, notes } = report;
  const timed = outcomes.filter(({ verdict }) => verdict !== 'counted');
  const lines = timed.map((outcome) => {
    const [part, verdict, ...rest] = cellsOf(outcome);
    return [`\`${part}\``, SIGNS[verdict!] ?? verdict!, ...rest];
  });
  return `${[
    `### Speed: ${titleOf(report)}`,
    '',
    `base ${escaped(report.base)}  \nhead ${escaped(report.head)}`,
    '',
    ...objections.map((objection) => `- **${escaped(objection)}**`),
    ...(objections.length === 0 ? [escaped(conclusionOf(report))] : []),
    '',
    markdownTable(HEADINGS, lines),
    '',
    ...countersMarkdown(report),
    '',
    ...notes.map((note) => `> ${escaped(note)}  `),
    ...(notes.length === 0 ? [] : ['']),
    `<sub>${escaped(report.machine)}; ${report.seconds.toFixed(0)} s; seed ${report.seed}. Ratio of head to base by the ` +
      'Hodges–Lehmann estimate over pairs of fresh processes that take turns, with its signed-rank interval.</sub>',
  ].join('\n')}\n`;
}

function titleOf({ objections, outcomes }: ComparisonReport): string {
  if (objections.length > 0) return 'refused';
  return isNothingDecided(outcomes) ? 'nothing decided' : 'no objection';
}

function markdownTable(headings: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(headings), `|${' --- |'.repeat(headings.length)}`, ...rows.map(line)].join('\n');
}

function countersMarkdown({ outcomes }: ComparisonReport): string[] {
  const compared = outcomes.reduce((sum, { counters }) => sum + counters.length, 0);
  const changes = outcomes.flatMap(({ part, changes }) =>
    changes.map((one) => changeText(part, one)),
  );
  if (changes.length === 0) return [`${compared} counters and result hashes, none changed.`];
  return [
    `${compared} counters and result hashes, ${changes.length} changed:`,
    '',
    ...changes.map((line) => `- ${escaped(line)}`),
  ];
}

/** So that nothing of a commit's message or an error is markup. */
function escaped(text: string): string {
  return text.replace(/[|<>]/g, (sign) => `\\${sign}`).replace(/\s*\n\s*/g, ' ');
}
