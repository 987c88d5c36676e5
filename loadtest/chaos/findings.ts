/** What can be wrong with a venue after a fault. */
const FINDING_KINDS = [
  /** Acknowledged, and not in the state. */
  'lost',
  /** In the state twice. */
  'duplicate',
  /** In the state, though refused or never asked for. */
  'phantom',
  /** Told in two ways that exclude each other. */
  'contradiction',
  /** A request done in part: an order without its lock, a trade without one of its fills. */
  'half applied',
  /** An id that repeats, goes back or leaves a gap. */
  'sequence',
  /** Money that appeared or vanished. */
  'money',
  /** A public book that is not the open orders. */
  'book',
  /** Postgres says something else than the engine. */
  'database',
  /** A reply of another level than the setting promises. */
  'acknowledgement',
  /** A process that did not start, stop or report as it should. */
  'venue',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

const DETAILS_PER_KIND = 10;

/** Counts what is wrong by kind and keeps the first few of each in words. */
export class Findings {
  readonly #counts = new Map<FindingKind, number>();
  readonly #details: string[] = [];

  add(kind: FindingKind, describe: () => string): void {
    const count = this.count(kind) + 1;
    this.#counts.set(kind, count);
    if (count <= DETAILS_PER_KIND) this.#details.push(`${kind}: ${describe()}`);
  }

  count(kind: FindingKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  get total(): number {
    return FINDING_KINDS.reduce((sum, kind) => sum + this.count(kind), 0);
  }

  /** In words, the first few of each kind, in the order in which they were found. */
  get details(): readonly string[] {
    return this.#details;
  }

  /** `lost 3, money 1`; empty when nothing is wrong. */
  get summary(): string {
    return FINDING_KINDS.filter((kind) => this.count(kind) > 0)
      .map((kind) => `${kind} ${this.count(kind)}`)
      .join(', ');
  }
}
