import { type ChildProcess, spawn } from 'node:child_process';
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
  /** It gets no signals of our terminal: whoever starts it stops it. */
  readonly isDetached?: boolean;
  /** Further settings, over the ones above. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The venue's own log lines; dropped unless asked for. */
  readonly onLogLine?: (line: string) => void;
}

/** How a process ended: one of the two is null. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The venue ended, or was too slow, before it was ready; the message ends with its last log lines. */
export class VenueNotReady extends Error {
  override name = 'VenueNotReady';
}

const START_TIMEOUT_MS = 60_000;
const KEPT_LOG_LINES = 20;

/** Settings of the caller's shell that would point a private venue at somebody's data. */
const FOREIGN_SETTINGS = /^(?:RINGSIDE_|DATABASE_URL$|REDIS_URL$|PG[A-Z]+$)/;

/** One process of the compiled server, on free ports and the data directory it is given. */
export class VenueChild {
  /** The venue takes orders. Rejects with `VenueNotReady`; nobody need await it. */
  readonly ready: Promise<ReadyLine>;
  /** The process is gone and all it said was read. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #lastLines: string[] = [];
  #hasEnded = false;

  constructor(dataDirectory: string, options: VenueOptions = {}) {
    const main = join(REPOSITORY_ROOT, 'dist', 'server', 'main.js');
    const child = spawn(process.execPath, [main], {
      cwd: REPOSITORY_ROOT,
      env: environmentOf(dataDirectory, options),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.isDetached === true,
    });
    this.#child = child;
    const { onLogLine } = options;
    const keep = (line: string): void => {
      this.#lastLines.push(line);
      if (this.#lastLines.length > KEPT_LOG_LINES) this.#lastLines.shift();
      onLogLine?.(line);
    };
    createInterface({ input: child.stderr! }).on('line', keep);
    this.ended = new Promise((resolve) => {
      const settle = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
        this.#hasEnded = true;
        resolve({ exitCode, signal });
      };
      child.once('close', settle);
      child.once('error', () => {
        if (child.pid === undefined) settle(null, null);
      });
    });
    this.ready = this.#readyLine(keep);
    this.ready.catch(() => {});
  }

  get isRunning(): boolean {
    return !this.#hasEnded;
  }

  /** The last log lines, oldest first. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** Nothing happens when the process is gone. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded && this.#child.pid !== undefined) this.#child.kill(signal);
  }

  async #readyLine(keep: (line: string) => void): Promise<ReadyLine> {
    let timer: NodeJS.Timeout | undefined;
    const output = createInterface({ input: this.#child.stdout! });
    const heard = new Promise<ReadyLine>((resolve) => {
      output.on('line', (line) => {
        keep(line);
        const ready = parseReadyLine(line);
        if (ready !== undefined) resolve(ready);
      });
    });
    const failed = new Promise<string>((resolve) => {
      timer = setTimeout(
        () => resolve(`was not ready in ${START_TIMEOUT_MS} ms`),
        START_TIMEOUT_MS,
      );
      this.#child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      void this.ended.then(({ exitCode, signal }) =>
        resolve(`ended before it was ready (${exitCode ?? signal})`),
      );
    });
    const first = await Promise.race([heard, failed]);
    clearTimeout(timer);
    if (typeof first !== 'string') return first;
    throw new VenueNotReady(`the venue ${first}\n${this.#lastLines.join('\n')}`);
  }
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

function parseReadyLine(line: string): ReadyLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = JSON.parse(line) as Partial<ReadyLine>;
    return parsed.event === 'ready' ? (parsed as ReadyLine) : undefined;
  } catch {
    return undefined;
  }
}
