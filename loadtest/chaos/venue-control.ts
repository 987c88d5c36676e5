import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessEnd, type ReadyLine, VenueChild } from '../client/venue-child.ts';
import { readSecret } from '../client/venue-process.ts';

/** Often, so that most lives begin with one; but a life whose database was lost begins with the first input. */
const SNAPSHOTS = { RINGSIDE_SNAPSHOT_INPUTS: '3000', RINGSIDE_KEEP_JOURNAL: '1' };

const ADMIN_TOKEN = 'the-token-of-a-chaos-run';
/** Where SIGUSR1 opens an inspector: at any free port, so that venues side by side do not meet. */
const INSPECTOR_PORT = '--inspect-port=127.0.0.1:0';
const INSPECTOR_LINE = /^Debugger listening on (ws:\S+)/;
const INSPECTOR_TIMEOUT_MS = 5_000;

const STOP_TIMEOUT_MS = 20_000;

interface VenueSettings {
  readonly dataDirectory: string;
  readonly shards: number;
  readonly durability: string;
  /** Every life's log goes there, one after the other. */
  readonly logFile: string;
}

/** The lives of one venue: processes that follow each other on the same data directory. */
export class VenueControl {
  readonly settings: VenueSettings;
  readonly adminToken = ADMIN_TOKEN;
  /** From the start of a process to its ready line, of every start after the first. */
  readonly recoveriesMs: number[] = [];
  lives = 0;
  kills = 0;
  #child: VenueChild | null = null;
  #onInspector: (url: string) => void = () => {};
  /** Of the life under way; it says so once. */
  #inspectorUrl: string | null = null;
  #ready: ReadyLine | null = null;

  constructor(settings: VenueSettings) {
    this.settings = settings;
  }

  /** Of the life under way. */
  get ready(): ReadyLine {
    if (this.#ready === null) throw new Error('the venue has not been ready');
    return this.#ready;
  }

  get isRunning(): boolean {
    return this.#child?.isRunning === true;
  }

  get databaseUrl(): string {
    const url = this.#ready?.databaseUrl ?? readSecret(this.settings.dataDirectory, 'database-url');
    if (url === undefined) throw new Error('the venue does not tell its database');
    return url;
  }

  /** Makes a process; it is not ready yet. */
  launch(): VenueChild {
    const { dataDirectory, shards, durability } = this.settings;
    this.lives++;
    this.note(`life ${this.lives}`);
    this.#ready = null;
    this.#inspectorUrl = null;
    this.#child = new VenueChild(dataDirectory, {
      shards,
      environment: {
        RINGSIDE_DURABILITY: durability,
        RINGSIDE_ADMIN_TOKEN: ADMIN_TOKEN,
        ...SNAPSHOTS,
        NODE_OPTIONS: INSPECTOR_PORT,
      },
      onLogLine: (line) => this.#hear(line),
    });
    return this.#child;
  }

  /** Starts a life and waits until it is ready. @throws VenueNotReady */
  async start(): Promise<ReadyLine> {
    const startMs = performance.now();
    const child = this.launch();
    this.#ready = await child.ready;
    if (this.lives > 1) this.recoveriesMs.push(performance.now() - startMs);
    return this.#ready;
  }

  /** Ends the process as a crash does, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.#child === null) return;
    if (this.#child.isRunning) this.kills++;
    this.note('killed');
    this.#child.signal('SIGKILL');
    await this.#child.ended;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.signal(name);
  }

  /** Asks the process to stop, by force when it takes too long, and answers how it ended. */
  async stop(): Promise<ProcessEnd> {
    const child = this.#child;
    if (child === null) return { exitCode: 0, signal: null };
    child.signal('SIGTERM');
    const timer = setTimeout(() => child.signal('SIGKILL'), STOP_TIMEOUT_MS);
    const end = await child.ended;
    clearTimeout(timer);
    return end;
  }

  /** Puts a line of our own into the log. */
  note(line: string): void {
    this.#log(`--- ${line}`);
  }

  #log(line: string): void {
    const seconds = (performance.now() / 1000).toFixed(3);
    appendFileSync(this.settings.logFile, `${seconds} ${line}\n`);
  }

  /** Where the process under way lets itself be inspected, from now on. */
  async inspectorUrl(): Promise<string> {
    if (this.#inspectorUrl !== null) return this.#inspectorUrl;
    const heard = new Promise<string>((resolve) => {
      this.#onInspector = resolve;
    });
    this.#child?.signal('SIGUSR1');
    const late = delay(INSPECTOR_TIMEOUT_MS, null, { ref: false });
    const url = await Promise.race([heard, late]);
    if (url === null) throw new Error('the venue opens no inspector');
    return url;
  }

  #hear(line: string): void {
    this.#log(line);
    const [, url] = INSPECTOR_LINE.exec(line) ?? [];
    if (url === undefined) return;
    this.#inspectorUrl = url;
    this.#onInspector(url);
  }

  /** For the end of this process: asks without waiting. */
  abandon(): void {
    this.#child?.signal('SIGTERM');
  }
}
