import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { remoteAddressOf } from '../http/remote-address.ts';
import type { Limits } from './limits.ts';

/**
 * Counts TCP connections when they come, before a byte is read, and closes at once what is beyond the limits.
 * (What is open and asks nothing, or slowly, uWebSockets.js closes by itself after 10 s.)
 */
export class Connections {
  readonly #limits: Limits;
  #open = 0;
  /** Closed at once, since the start. */
  refused = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get open(): number {
    return this.#open;
  }

  /** To be called before the app listens. */
  watch(app: TemplatedApp): void {
    const onChange: Parameters<TemplatedApp['filter']>[0] = (response, change) => {
      if (Number(change) > 0) this.#onOpened(response);
      else this.#open--;
    };
    app.filter(onChange);
  }

  #onOpened(response: HttpResponse): void {
    this.#open++;
    const { nowMs, settings } = this.#limits;
    const limiter = this.#limits.ofAddress(remoteAddressOf(response)).connections;
    const isWithin = limiter === null || limiter.take(1, nowMs());
    if (isWithin && this.#open <= settings.connectionsMax) return;
    this.refused++;
    response.close();
  }

  /** A connection that became a websocket is no longer told about by the app: its end is told here. */
  websocketClosed(): void {
    this.#open--;
  }
}
