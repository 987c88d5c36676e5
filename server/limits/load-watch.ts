import type { EngineClient } from '../engine/engine-client.ts';
import type { LoadShedder } from './load-shedder.ts';

const LOOK_INTERVAL_MS = 10;

type WatchedEngine = Pick<EngineClient, 'pendingCount' | 'commandRingShare' | 'takeEventDelayMs'>;

/** Shows a shedder the load of the gateway, about a hundred times a second. */
export class LoadWatch {
  readonly #engine: WatchedEngine;
  readonly #shedder: LoadShedder;
  readonly #timer: NodeJS.Timeout;
  #expectedMs = performance.now() + LOOK_INTERVAL_MS;

  constructor(engine: WatchedEngine, shedder: LoadShedder) {
    this.#engine = engine;
    this.#shedder = shedder;
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    // A loop that goes round in time may still leave events behind, when it reads more requests than it answers.
    const lagMs = Math.max(0, nowMs - this.#expectedMs, this.#engine.takeEventDelayMs());
    this.#expectedMs = nowMs + LOOK_INTERVAL_MS;
    this.#shedder.look({
      pendingRequests: this.#engine.pendingCount,
      ringPercent: 100 * this.#engine.commandRingShare,
      lagMs,
    });
  }
}
