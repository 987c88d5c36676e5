import { stripVTControlCharacters } from 'node:util';

/** Where text is written: a terminal or something that keeps it. */
export interface TextOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
export type Paint = (style: Style, text: string) => string;

const CODES: Readonly<Record<Style, string>> = {
  bold: '1',
  dim: '2',
  red: '1;31',
  green: '32',
  yellow: '33',
};

/** Colours on a terminal, unless `NO_COLOR` is set to anything (https://no-color.org). */
export function paintFor(
  output: TextOutput,
  environment: Readonly<Record<string, string | undefined>>,
): Paint {
  const hasColours = output.isTTY === true && (environment.NO_COLOR ?? '') === '';
  return (style, text) => (hasColours ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text);
}

const ESCAPE = '\x1b';
/** The styles that `paintFor` writes; captured, so that splitting by it keeps them. */
const STYLES = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`);

/** Columns that the text takes; it has no wide characters. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** Cut to so many columns, styles kept and ended. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let left = Math.max(columns - 1, 0);
  let cut = '';
  for (const piece of text.split(STYLES)) {
    if (piece.startsWith(ESCAPE)) {
      cut += piece;
      continue;
    }
    const characters = [...piece].slice(0, left);
    left -= characters.length;
    cut += characters.join('');
  }
  return columns > 0 ? `${cut}…` : cut;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(columns - widthOf(text), 0));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(columns - widthOf(text), 0)) + text;
}
