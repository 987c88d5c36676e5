import { ForkedProcess } from '../run/forked-process.ts';
import type { FromCompanion, ToCompanion } from './messages.ts';

/** A process of others' clients, on its own while a scenario runs: what they cost is theirs. */
export class Companion<Report> {
  readonly #process: ForkedProcess<ToCompanion<unknown>, FromCompanion<Report>>;

  private constructor(entry: URL, name: string) {
    this.#process = new ForkedProcess(entry, name);
  }

  /**
   * Resolves when all that must be connected is. Rejects with `ProcessLost`.
   *
   * @param entry compiled file, which calls `accompany`
   * @param name for messages
   */
  static async start<Setup, Report>(
    entry: URL,
    name: string,
    setup: Setup,
  ): Promise<Companion<Report>> {
    const companion = new Companion<Report>(entry, name);
    const ready = companion.#process.next('ready');
    companion.#process.send({ type: 'setup', setup });
    try {
      await ready;
    } catch (error) {
      await companion.end();
      throw error;
    }
    return companion;
  }

  /** The measured part, in ms of the epoch. */
  begin(fromEpochMs: number, toEpochMs: number): void {
    this.#process.send({ type: 'start', fromEpochMs, toEpochMs });
  }

  /** What was found; its clients have left. Rejects with `ProcessLost`. */
  async report(): Promise<Report> {
    const done = this.#process.next('done');
    this.#process.send({ type: 'stop' });
    return (await done).report;
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}
