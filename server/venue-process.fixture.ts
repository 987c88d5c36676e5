import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDataDir } from '../persistence/testing/test-server.ts';

const FOREIGN_SETTINGS = /^(?:RINGSIDE_|DATABASE_URL$|REDIS_URL$|PG[A-Z]+$)/;

/** How a process ended, and all that it said. */
interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The compiled server in a process group of its own, on free ports and a data dir of its own unless it is given one.
 */
export class VenueUnderTest {
  readonly dataDir: string;
  readonly #isDataDirOwn: boolean;
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  #onOutput: () => void = () => {};

  /** @param entry of the processes that take a venue's settings, with its arguments; the venue itself unless given */
  constructor(settings: Readonly<Record<string, string>> = {}, entry = 'main') {
    const { RINGSIDE_DATA_DIR: given } = settings;
    this.#isDataDirOwn = given === undefined;
    this.dataDir = given ?? makeDataDir();
    const [name, ...settingsOfEntry] = entry.split(' ');
    const path = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
    const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN_SETTINGS.test(name));
    this.child = spawn(process.execPath, [path, ...settingsOfEntry], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(inherited),
        RINGSIDE_PORT: '0',
        RINGSIDE_ADMIN_PORT: '0',
        RINGSIDE_DEMO: '0',
        RINGSIDE_DATA_DIR: this.dataDir,
        ...settings,
      },
    });
    this.child.stdout!.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
      this.#onOutput();
    });
    this.child.stderr!.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.ended = once(this.child, 'close').then(([exitCode]) => ({
      exitCode,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  /** The ready line, parsed. Rejects when the process ends before it. */
  async ready(): Promise<Record<string, unknown>> {
    const heard = new Promise<Record<string, unknown>>((resolve) => {
      this.#onOutput = () => {
        const line = this.stdout.split('\n').find((text) => text.startsWith('{'));
        if (line !== undefined && this.stdout.endsWith('\n')) resolve(JSON.parse(line));
      };
      this.#onOutput();
    });
    const over = this.ended.then(({ stderr }) => {
      throw new Error(`the venue ended before it was ready: ${stderr}`);
    });
    return Promise.race([heard, over]);
  }

  /** A file of the data dir. */
  read(name: string): string {
    return readFileSync(join(this.dataDir, name), 'utf8').trim();
  }

  /** As Ctrl-C in a terminal does: to the whole process group. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.child.pid!, signal);
  }

  /** Ends the process if it still runs, and removes its data unless they are somebody else's. */
  async cleanUp(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.ended;
    if (this.#isDataDirOwn) rmSync(this.dataDir, { recursive: true, force: true });
  }
}
