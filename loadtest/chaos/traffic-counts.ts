import type { Reply } from '../client/ws-client.ts';
import type { Findings } from './findings.ts';
import { outcomeOf } from './replies.ts';

/** Two shards, which may have had a part in an order each, do not read one clock. */
const CLOCK_TOLERANCE_US = 10_000;

/** Counts the requests of a run, and holds each reply to the level that the venue's setting promises. */
export class TrafficCounts {
  readonly #findings: Findings;
  readonly #level: string;
  requests = 0;
  done = 0;
  refused = 0;
  unknown = 0;
  /** By method, or method and code. */
  readonly byKind = new Map<string, number>();

  /** @param level what `ack` must say in every reply that a request was done */
  constructor(findings: Findings, level: string) {
    this.#findings = findings;
    this.#level = level;
  }

  answered(method: string, reply: Reply): void {
    const outcome = outcomeOf(reply);
    this[outcome]++;
    const kind = outcome === 'done' ? method : `${method} ${reply.error?.code ?? reply.status}`;
    this.byKind.set(kind, (this.byKind.get(kind) ?? 0) + 1);
    if (outcome !== 'done') return;
    if (reply.ack !== this.#level) {
      this.#findings.add(
        'acknowledgement',
        () => `${method} was acknowledged as ${reply.ack}, not as ${this.#level}`,
      );
    }
    const { matched = 0, journaled = 0 } = reply.times ?? {};
    if (journaled > 0 && journaled >= matched - CLOCK_TOLERANCE_US) return;
    this.#findings.add(
      'acknowledgement',
      () => `${method} was matched at ${matched} and journaled at ${journaled}`,
    );
  }
}
