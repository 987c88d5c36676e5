/** A span of time that begins once, and of which several steps in a row take their parts. */
export class TimeBudget {
  readonly #totalMs: number;
  #endMs: number | null = null;

  constructor(totalMs: number) {
    this.#totalMs = totalMs;
  }

  /** From here on time runs; only the first call counts. */
  begin(): void {
    this.#endMs ??= performance.now() + this.#totalMs;
  }

  /** At least 0; the whole span before it has begun. */
  get leftMs(): number {
    if (this.#endMs === null) return this.#totalMs;
    return Math.max(0, this.#endMs - performance.now());
  }
}
