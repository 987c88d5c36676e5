/** Calendar months in UTC, as whole numbers: 0 is January 1970. */

export function monthOf(timeUs: number): number {
  const date = new Date(Math.floor(timeUs / 1000));
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

export function monthStartUs(month: number): number {
  return Date.UTC(1970, month) * 1000;
}

/** As `2026_11`, which the partitions' names end with. */
export function monthName(month: number): string {
  return new Date(Date.UTC(1970, month)).toISOString().slice(0, 7).replace('-', '_');
}

/** What `monthName` made; null when it is none. */
export function monthNamed(name: string): number | null {
  const [, year, month] = /^(\d{4})_(0[1-9]|1[0-2])$/.exec(name) ?? [];
  return year === undefined ? null : (Number(year) - 1970) * 12 + Number(month) - 1;
}

/** As Postgres reads it. */
export function monthStart(month: number): string {
  return new Date(Date.UTC(1970, month)).toISOString();
}

/** The months that times fall into. A time in the month of the one before costs two comparisons. */
export class MonthSet implements Iterable<number> {
  readonly #months = new Set<number>();
  #startUs = Number.POSITIVE_INFINITY;
  #endUs = Number.NEGATIVE_INFINITY;

  add(timeUs: number): void {
    if (timeUs >= this.#startUs && timeUs < this.#endUs) return;
    const month = monthOf(timeUs);
    this.#months.add(month);
    this.#startUs = monthStartUs(month);
    this.#endUs = monthStartUs(month + 1);
  }

  clear(): void {
    this.#months.clear();
    this.#startUs = Number.POSITIVE_INFINITY;
    this.#endUs = Number.NEGATIVE_INFINITY;
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#months[Symbol.iterator]();
  }
}
