/** What can differ between the venue and the recording. */
export const MISMATCH_KINDS = [
  'refused',
  'fills',
  'open quantity',
  'book',
  'depth stream',
  'trade stream',
  'database',
  'audit',
  'stopped',
] as const;
type MismatchKind = (typeof MISMATCH_KINDS)[number];

const DETAILS_PER_KIND = 5;

/** Counts differences by kind and keeps the first few of each in words. */
export class Mismatches {
  readonly #counts = new Map<MismatchKind, number>();
  readonly #details: string[] = [];

  add(kind: MismatchKind, describe: () => string): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= DETAILS_PER_KIND) this.#details.push(`${kind}: ${describe()}`);
  }

  count(kind: MismatchKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  get total(): number {
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    return total;
  }

  get details(): readonly string[] {
    return this.#details;
  }
}
