import type { Reply } from '../client/ws-client.ts';
import type { Findings } from './findings.ts';
import { outcomeOf } from './replies.ts';

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
    if (outcome !== 'done' || reply.ack === this.#level) return;
    this.#findings.add(
      'acknowledgement',
      () => `${method} was acknowledged as ${reply.ack}, not as ${this.#level}`,
    );
  }
}
