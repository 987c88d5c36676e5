import { setTimeout as delay } from 'node:timers/promises';
import { clearLeftover, ServerProcess, type ServerSetup } from './server-process.ts';

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 10_000;
/** A server that ran for this long was well: its end begins a new series of attempts. */
const STEADY_MS = 60_000;

/**
 * A fast shutdown, an immediate one, and for a server that hears neither the last resort: within the
 * time a venue has for its end. Postgres recovers from all three.
 */
const STOP_STEPS = [
  { signal: 'SIGINT', afterMs: 0 },
  { signal: 'SIGQUIT', afterMs: 2000 },
  { signal: 'SIGKILL', afterMs: 2500 },
] as const;

/**
 * Keeps a server running until `stop`: one that ends by itself (killed, out of memory) is started
 * again with the same setup, so its URL stays. Attempts go on without end, 0.5 s after the first loss
 * and then at pauses that double up to 10 s, because nobody else can bring the server back.
 */
export class ServerKeeper {
  readonly #setup: ServerSetup;
  readonly #log: (line: string) => void;
  readonly #stopping = new AbortController();
  readonly #over: Promise<void>;
  readonly #onVenueExit = () => this.#server.signal('SIGINT');
  #server: ServerProcess;
  #stopped: Promise<void> | null = null;

  /** @param server takes connections already */
  constructor(server: ServerProcess, setup: ServerSetup, log: (line: string) => void) {
    this.#server = server;
    this.#setup = setup;
    this.#log = log;
    process.once('exit', this.#onVenueExit);
    this.#over = this.#keep();
  }

  /** Ends the server, or the attempts to start it. Repeated calls wait for the same end. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    const timers = STOP_STEPS.map(({ signal, afterMs }) =>
      setTimeout(() => this.#server.signal(signal), afterMs),
    );
    await this.#over;
    timers.forEach(clearTimeout);
    process.off('exit', this.#onVenueExit);
  }

  /** Resolves after `stop`, when no server runs. */
  async #keep(): Promise<void> {
    const isStopping = () => this.#stopping.signal.aborted;
    let backoffMs = BACKOFF_FIRST_MS;
    while (true) {
      const startMs = performance.now();
      const how = await this.#server.ended;
      if (isStopping()) return;
      const { logFile } = this.#setup.home;
      this.#log(`embedded Postgres has ended (${how}) and is being started again; see ${logFile}`);
      if (performance.now() - startMs > STEADY_MS) backoffMs = BACKOFF_FIRST_MS;
      let isBack = false;
      while (!isBack) {
        await this.#pause(backoffMs);
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS);
        isBack = await this.#tryStart();
        if (isStopping()) break;
      }
      if (!isStopping()) this.#log('embedded Postgres is running again');
    }
  }

  /** Cut short by `stop`. An exit of the venue does not wait for it. */
  async #pause(pauseMs: number): Promise<void> {
    const { signal } = this.#stopping;
    await delay(pauseMs, undefined, { signal, ref: false }).catch(() => {});
  }

  async #tryStart(): Promise<boolean> {
    try {
      await clearLeftover(this.#setup.home);
      if (this.#stopping.signal.aborted) return false;
      this.#server = new ServerProcess(this.#setup, 'a');
      // Recovery takes its time; ended early, it would begin anew with the next attempt.
      return await this.#server.isReady(Number.POSITIVE_INFINITY);
    } catch {
      // The home cannot be used at this moment; the next attempt may find it well.
      return false;
    }
  }
}
