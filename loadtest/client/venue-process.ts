import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endLeftoverDatabase } from './leftover-database.ts';
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
      await discard(dataDirectory);
      throw error;
    }
  }

  /** Address of the venue's database, if it told where that is. */
  get databaseUrl(): string | undefined {
    return this.ready.databaseUrl ?? readSecret(this.dataDirectory, 'database-url');
  }

  /**
   * Stops with SIGTERM, ends a database that was left behind, removes the data directory and answers the exit code
   * (null when killed).
   */
  async stop(): Promise<number | null> {
    const exitCode = await endProcess(this.#child);
    await discard(this.dataDirectory);
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

/** With the database in it, if the venue has left that running. */
async function discard(dataDirectory: string): Promise<void> {
  await endLeftoverDatabase(dataDirectory);
  rmSync(dataDirectory, { recursive: true, force: true });
}

/** Stops with SIGTERM, by force when that takes too long, and answers the exit code. */
async function endProcess(child: VenueChild): Promise<number | null> {
  child.signal('SIGTERM');
  const killTimer = setTimeout(() => child.signal('SIGKILL'), STOP_TIMEOUT_MS);
  const { exitCode } = await child.ended;
  clearTimeout(killTimer);
  return exitCode;
}
