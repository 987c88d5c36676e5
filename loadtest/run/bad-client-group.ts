import type {
  BadClientsReport,
  BadClientsSetup,
  FromBadClients,
  ToBadClients,
} from '../neighbours/messages.ts';
import { ForkedProcess } from './forked-process.ts';

const ENTRY = new URL('../neighbours/bad-clients-process.js', import.meta.url);

/** The process of those who misbehave while a scenario runs: what they cost is theirs. */
export class BadClientGroup {
  readonly #process = new ForkedProcess<ToBadClients, FromBadClients>(ENTRY, 'bad clients');

  private constructor() {}

  /** Rejects with `ProcessLost`. */
  static async start(setup: BadClientsSetup): Promise<BadClientGroup> {
    const group = new BadClientGroup();
    const ready = group.#process.next('ready');
    group.#process.send({ type: 'setup', setup });
    try {
      await ready;
    } catch (error) {
      await group.end();
      throw error;
    }
    return group;
  }

  /** The measured part, in ms of the epoch. */
  begin(fromEpochMs: number, toEpochMs: number): void {
    this.#process.send({ type: 'start', fromEpochMs, toEpochMs });
  }

  /** What they did; they have left. Rejects with `ProcessLost`. */
  async report(): Promise<BadClientsReport> {
    const done = this.#process.next('done');
    this.#process.send({ type: 'stop' });
    return (await done).report;
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}
