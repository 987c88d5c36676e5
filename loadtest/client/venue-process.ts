import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReadyLine, VenueChild, type VenueOptions } from './venue-child.ts';

const STOP_TIMEOUT_MS = 20_000;

/** A venue of its own: random ports, temporary data directory, embedded database. */
export class VenueProcess {
  readonly ready: ReadyLine;
  readonly adminToken: string;
  readonly dataDirectory: string;
  readonly #child: VenueChild;

  private constructor(child: VenueChild, ready: ReadyLine, dataDirectory: string) {
    this.#child = child;
    this.ready = ready;
    this.dataDirectory = dataDirectory;
    this.adminToken = readSecret(dataDirectory, 'admin-token') ?? '';
  }

  /** Starts the compiled server and waits for its ready line; throws `VenueNotReady` else. */
  static async start(options: VenueOptions = {}): Promise<VenueProcess> {
    const dataDirectory = makeDataDirectory('ringside-');
    const child = new VenueChild(dataDirectory, options);
    try {
      return new VenueProcess(child, await child.ready, dataDirectory);
    } catch (error) {
      await endProcess(child);
      rmSync(dataDirectory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Address of the venue's database, if it told where that is. */
  get databaseUrl(): string | undefined {
    return this.ready.databaseUrl ?? readSecret(this.dataDirectory, 'database-url');
  }

  /** Stops with SIGTERM, removes the data directory and answers the exit code (null when killed). */
  async stop(): Promise<number | null> {
    const exitCode = await endProcess(this.#child);
    rmSync(this.dataDirectory, { recursive: true, force: true });
    return exitCode;
  }
}

/** A new folder under the system's temporary one that the embedded database's user can enter. */
export function makeDataDirectory(prefix: string): string {
  const dataDirectory = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(dataDirectory, 0o755);
  return dataDirectory;
}

/** A small file of the data directory, such as `admin-token`; undefined when there is none. */
export function readSecret(dataDirectory: string, name: string): string | undefined {
  const path = join(dataDirectory, name);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** Stops with SIGTERM, by force when that takes too long, and answers the exit code. */
async function endProcess(child: VenueChild): Promise<number | null> {
  child.signal('SIGTERM');
  const killTimer = setTimeout(() => child.signal('SIGKILL'), STOP_TIMEOUT_MS);
  const { exitCode } = await child.ended;
  clearTimeout(killTimer);
  return exitCode;
}
