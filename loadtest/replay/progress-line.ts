const INTERVAL_MS = 250;

/** One line that is rewritten on a terminal while something runs; silent elsewhere. */
export class ProgressLine {
  readonly #output: NodeJS.WriteStream;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(output: NodeJS.WriteStream, text: () => string) {
    this.#output = output;
    if (!output.isTTY) return;
    this.#timer = setInterval(() => output.write(`\r\x1b[K${text()}`), INTERVAL_MS);
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#output.write('\r\x1b[K');
  }
}
