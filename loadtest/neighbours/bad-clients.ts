import { BadClient } from './bad-client.ts';
import type {
  BadClientsReport,
  BadClientsSetup,
  Misbehaviour,
  MisbehaviourCounts,
} from './messages.ts';
import { badPhases } from './phases.ts';

const KINDS: readonly Misbehaviour[] = ['not-reading', 'malformed', 'forged'];

/** All bad clients of a run: they come with every bad phase and leave with its end. */
export class BadClients {
  readonly #setup: BadClientsSetup;
  readonly #report: BadClientsReport = {
    'not-reading': noCounts(),
    malformed: noCounts(),
    forged: noCounts(),
  };
  readonly #clients: readonly BadClient[];
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(setup: BadClientsSetup) {
    this.#setup = setup;
    this.#clients = KINDS.flatMap((kind) =>
      Array.from(
        { length: setup.clients[kind] },
        () => new BadClient(setup, kind, this.#report[kind]),
      ),
    );
  }

  /** The measured part, in ms of the epoch. */
  start(fromEpochMs: number, toEpochMs: number): void {
    const untilStartMs = fromEpochMs - performance.timeOrigin - performance.now();
    for (const { fromMs, toMs } of badPhases(this.#setup.phases, toEpochMs - fromEpochMs)) {
      this.#at(untilStartMs + fromMs, () => {
        for (const client of this.#clients) client.come();
      });
      this.#at(untilStartMs + toMs, () => void this.#leave());
    }
  }

  /** Resolves when all have left. */
  async stop(): Promise<BadClientsReport> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#leave();
    return this.#report;
  }

  #at(inMs: number, act: () => void): void {
    this.#timers.push(setTimeout(act, Math.max(0, inMs)));
  }

  async #leave(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.leave()));
  }
}

function noCounts(): MisbehaviourCounts {
  return { framesSent: 0, connections: 0, refusedConnections: 0, closed: {}, answers: 0 };
}
