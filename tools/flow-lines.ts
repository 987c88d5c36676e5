/** No line of a flow is nearly as long: what is longer has no lines at all. */
const LINE_CHARACTERS_MAX = 1_000;

/** What a byte order mark in UTF-8 reads as when each byte is a character. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

/**
 * Cuts the text of a file, one character a byte, into its lines, whatever pieces it comes in. A line ends
 * with LF, CRLF or CR; a byte order mark before the first is no part of it, and blank lines after the last
 * are none.
 */
export class FlowLines {
  /** Lines taken so far. */
  count = 0;
  readonly #take: (line: string, lineNumber: number) => void;
  #rest = '';
  /** Number of the first of the blank lines just before the next one; 0 when there are none. */
  #firstBlank = 0;

  /** @param take is told each line and its number, from 1 */
  constructor(take: (line: string, lineNumber: number) => void) {
    this.#take = take;
  }

  /** @throws SyntaxError naming a blank line that another line follows, or one that is far too long */
  add(text: string): void {
    const all = this.#rest + text;
    // A CR at the end may be the first half of a CRLF.
    const end = all.endsWith('\r') ? all.length - 1 : all.length;
    const lines = all.slice(0, end).split(/\r\n|\r|\n/);
    this.#rest = lines.pop()! + all.slice(end);
    for (const line of lines) this.#line(line);
    if (this.#rest.length > LINE_CHARACTERS_MAX) this.#line(this.#rest);
  }

  /** The file has ended; so has its last line. */
  end(): void {
    const last = this.#rest.replace(/\r$/, '');
    if (last !== '') this.#line(last);
    this.#rest = '';
  }

  #line(line: string): void {
    const lineNumber = ++this.count;
    if (line.length > LINE_CHARACTERS_MAX) {
      throw new SyntaxError(`line ${lineNumber}: longer than ${LINE_CHARACTERS_MAX} characters`);
    }
    const text = lineNumber === 1 ? line.replace(BYTE_ORDER_MARK, '') : line;
    if (text.trim() === '') {
      this.#firstBlank ||= lineNumber;
      return;
    }
    if (this.#firstBlank > 0) throw new SyntaxError(`line ${this.#firstBlank}: blank`);
    this.#take(text, lineNumber);
  }
}
