import { padEnd, padStart, widthOf } from './ansi.ts';

/** Lines of a table: the first column to the left, the others to the right, two blanks between them. */
export function textTable(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? padEnd(cell, widths[0]!) : padStart(cell, widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
}
