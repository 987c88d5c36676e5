import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type {
  FromGenerator,
  GeneratorProgress,
  GeneratorReport,
  GeneratorSetup,
  ToGenerator,
} from '../generator/messages.ts';

const ENTRY = fileURLToPath(new URL('../generator/generator-process.js', import.meta.url));
/** Between the word to start and the first send, so that every process has it in time. */
const START_MARGIN_MS = 100;

/** A generator process could not begin, or ended before its time. */
export class GeneratorLost extends Error {
  override name = 'GeneratorLost';
}

interface Member {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly done: Promise<GeneratorReport>;
}

/** The generator processes of one run: they begin together, and their figures come together here. */
export class GeneratorFleet {
  readonly #members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /** Forks one process for each setup; resolves when all are connected and have sent their prelude. */
  static async start(
    setups: readonly GeneratorSetup[],
    onProgress: (process: number, progress: GeneratorProgress) => void,
  ): Promise<GeneratorFleet> {
    const fleet = new GeneratorFleet(setups.map((setup) => startMember(setup, onProgress)));
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
    const atEpochMs =
      performance.timeOrigin + performance.now() + START_MARGIN_MS + warmUpSeconds * 1000;
    this.#tell({ type: 'start', atEpochMs });
    return atEpochMs;
  }

  /** What all found, in their order, when all are done. Rejects with `GeneratorLost`. */
  reports(): Promise<GeneratorReport[]> {
    return Promise.all(this.#members.map(({ done }) => done));
  }

  /** Lets them send no more. */
  stop(): void {
    this.#tell({ type: 'stop' });
  }

  /** Ends the processes; nothing happens to those that have ended. */
  async end(): Promise<void> {
    await Promise.all(
      this.#members.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, 'exit');
        if (child.connected) child.disconnect();
        await exited;
      }),
    );
  }

  #tell(message: ToGenerator): void {
    for (const { child } of this.#members) if (child.connected) child.send(message);
  }
}

function startMember(
  setup: GeneratorSetup,
  onProgress: (process: number, progress: GeneratorProgress) => void,
): Member {
  // Typed arrays travel as bytes, not as text.
  const child = fork(ENTRY, { serialization: 'advanced' });
  const failed = new Promise<never>((_, reject) => {
    const fail = (reason: string): void =>
      reject(new GeneratorLost(`generator ${setup.process}: ${reason}`));
    child.on('message', (message: FromGenerator) => {
      if (message.type === 'failed') fail(message.message);
    });
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code, signal) => fail(`ended (${signal ?? code})`));
  });
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message: FromGenerator) => {
      if (message.type === 'ready') resolve();
      else if (message.type === 'progress') onProgress(setup.process, message.progress);
    });
  });
  const done = new Promise<GeneratorReport>((resolve) => {
    child.on('message', (message: FromGenerator) => {
      if (message.type === 'done') resolve(message.report);
    });
  });
  child.send({ type: 'setup', setup } satisfies ToGenerator);
  const member = {
    child,
    ready: Promise.race([ready, failed]),
    done: Promise.race([done, failed]),
  };
  // Whoever waits for one of the two hears of it; the other must not end this process.
  member.ready.catch(() => {});
  member.done.catch(() => {});
  return member;
}
