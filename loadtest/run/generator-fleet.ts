import type {
  FromGenerator,
  GeneratorProgress,
  GeneratorReport,
  GeneratorSetup,
  ToGenerator,
} from '../generator/messages.ts';
import { ForkedProcess } from './forked-process.ts';

const ENTRY = new URL('../generator/generator-process.js', import.meta.url);
/** Between the word to start and the first send, so that every process has it in time. */
const START_MARGIN_MS = 100;

interface Member {
  readonly process: ForkedProcess<ToGenerator, FromGenerator>;
  readonly ready: Promise<unknown>;
  readonly done: Promise<{ readonly report: GeneratorReport }>;
}

/** The generator processes of one run: they begin together, and their figures come together here. */
export class GeneratorFleet {
  readonly #members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /**
   * Forks one process for each setup; resolves when all are connected and have sent their prelude. Rejects with `ProcessLost`.
   *
   * @param onProgress told by every process twice a second
   */
  static async start(
    setups: readonly GeneratorSetup[],
    onProgress: (progress: GeneratorProgress) => void,
  ): Promise<GeneratorFleet> {
    const fleet = new GeneratorFleet(
      setups.map((setup) => {
        const name = `generator ${setup.process}`;
        const process = new ForkedProcess<ToGenerator, FromGenerator>(ENTRY, name);
        process.on('progress', ({ progress }) => onProgress(progress));
        const member = { process, ready: process.next('ready'), done: process.next('done') };
        process.send({ type: 'setup', setup });
        return member;
      }),
    );
    try {
      await Promise.all(fleet.#members.map(({ ready }) => ready));
    } catch (error) {
      await fleet.end();
      throw error;
    }
    return fleet;
  }

  /** Starts the warm-up; answers when the measured part begins, in ms of the epoch. */
  begin(warmUpSeconds: number): number {
    const nowMs = performance.timeOrigin + performance.now();
    const atEpochMs = nowMs + START_MARGIN_MS + warmUpSeconds * 1000;
    for (const { process } of this.#members) process.send({ type: 'start', atEpochMs });
    return atEpochMs;
  }

  /** What all found, in their order, when all are done. Rejects with `ProcessLost`. */
  async reports(): Promise<GeneratorReport[]> {
    const messages = await Promise.all(this.#members.map(({ done }) => done));
    return messages.map(({ report }) => report);
  }

  /** Lets them send no more. */
  stop(): void {
    for (const { process } of this.#members) process.send({ type: 'stop' });
  }

  /** Ends the processes; nothing happens to those that have ended. */
  async end(): Promise<void> {
    await Promise.all(this.#members.map(({ process }) => process.end()));
  }
}
