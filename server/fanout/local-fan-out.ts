import type { FanOut } from './fan-out.ts';

/** The app that the websockets are of, or who publishes for it. */
export interface Publisher {
  numSubscribers(topic: string): number;
  publish(topic: string, message: string): unknown;
}

/**
 * To this process's own websockets: the topic is the stream's name. What happens to a socket that does
 * not keep up is the business of the websocket behaviour the app was made with. The app stays its
 * maker's: `close` only stops publishing.
 */
export class LocalFanOut implements FanOut {
  readonly #app: Publisher;
  #closed = false;

  constructor(app: Publisher) {
    this.#app = app;
  }

  wants(stream: string): boolean {
    return !this.#closed && this.#app.numSubscribers(stream) > 0;
  }

  publish(stream: string, frame: string): void {
    if (!this.#closed) this.#app.publish(stream, frame);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
