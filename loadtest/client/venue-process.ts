import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { REPOSITORY_ROOT } from './shared-data.ts';

export interface ReadyLine {
  readonly event: 'ready';
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  readonly shards: number;
  readonly durability: string;
  readonly databaseUrl?: string;
}

export interface VenueOptions {
  readonly shards?: number;
  /** Simulated traders; off unless asked for. */
  readonly demo?: boolean;
  /** Further settings, over the ones above. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The venue's own log lines; dropped unless asked for. */
  readonly onLogLine?: (line: string) => void;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const KEPT_LOG_LINES = 20;

/** Settings of the caller's shell that would point a private venue at somebody's data. */
const FOREIGN_SETTINGS = /^(?:RINGSIDE_|DATABASE_URL$|REDIS_URL$|PG[A-Z]+$)/;

/** A venue of its own: random ports, temporary data directory, embedded database. */
export class VenueProcess {
  readonly ready: ReadyLine;
  readonly adminToken: string;
  readonly dataDirectory: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ready: ReadyLine, dataDirectory: string) {
    this.#child = child;
    this.ready = ready;
    this.dataDirectory = dataDirectory;
    this.adminToken = readSecret(dataDirectory, 'admin-token') ?? '';
  }

  /** Starts the compiled server and waits for its ready line; throws with its last words else. */
  static async start(options: VenueOptions = {}): Promise<VenueProcess> {
    const dataDirectory = makeDataDirectory();
    const main = join(REPOSITORY_ROOT, 'dist', 'server', 'main.js');
    const child = spawn(process.execPath, [main], {
      cwd: REPOSITORY_ROOT,
      env: environmentOf(dataDirectory, options),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const ready = await readyLineOf(child, options.onLogLine);
      return new VenueProcess(child, ready, dataDirectory);
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

/** Started by root, the venue runs its database as another user, who must be able to get in. */
function makeDataDirectory(): string {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'ringside-'));
  chmodSync(dataDirectory, 0o755);
  return dataDirectory;
}

/** A small file of the data directory, such as `admin-token`; undefined when there is none. */
export function readSecret(dataDirectory: string, name: string): string | undefined {
  const path = join(dataDirectory, name);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

function environmentOf(dataDirectory: string, options: VenueOptions): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !FOREIGN_SETTINGS.test(name)) environment[name] = value;
  }
  environment.RINGSIDE_PORT = '0';
  environment.RINGSIDE_ADMIN_PORT = '0';
  environment.RINGSIDE_DEMO = options.demo === true ? '1' : '0';
  environment.RINGSIDE_DATA_DIR = dataDirectory;
  if (options.shards !== undefined) environment.RINGSIDE_SHARDS = String(options.shards);
  return { ...environment, ...options.environment };
}

async function readyLineOf(
  child: ChildProcess,
  onLogLine: ((line: string) => void) | undefined,
): Promise<ReadyLine> {
  const lastLines: string[] = [];
  const keep = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > KEPT_LOG_LINES) lastLines.shift();
    onLogLine?.(line);
  };
  createInterface({ input: child.stderr! }).on('line', keep);
  const output = createInterface({ input: child.stdout! });
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer);
      reject(new Error(`the venue ${reason}\n${lastLines.join('\n')}`));
    };
    const timer = setTimeout(
      () => fail(`was not ready in ${START_TIMEOUT_MS} ms`),
      START_TIMEOUT_MS,
    );
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => fail(`ended before it was ready (${code ?? signal})`));
    output.on('line', (line) => {
      keep(line);
      const ready = parseReadyLine(line);
      if (ready === undefined) return;
      clearTimeout(timer);
      resolve(ready);
    });
  });
}

function parseReadyLine(line: string): ReadyLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = JSON.parse(line) as Partial<ReadyLine>;
    return parsed.event === 'ready' ? (parsed as ReadyLine) : undefined;
  } catch {
    return undefined;
  }
}

async function endProcess(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  if (child.pid === undefined) return null;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const killTimer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(killTimer);
  return child.exitCode;
}
