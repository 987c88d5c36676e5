import type { Publisher } from '../fanout/local-fan-out.ts';
import { privateTopic } from './stream-names.ts';

/** Sends what is for one account only to the sockets that hear its streams. */
export class PrivatePublisher {
  readonly #app: Publisher;

  constructor(app: Publisher) {
    this.#app = app;
  }

  /**
   * One event, on those of the streams that have a listener.
   *
   * @param encode makes the event's `data`, JSON text, called once, and only if somebody listens
   */
  publish(accountId: number, streams: readonly string[], encode: () => string): void {
    let data: string | undefined;
    for (const stream of streams) {
      const topic = privateTopic(accountId, stream);
      if (this.#app.numSubscribers(topic) === 0) continue;
      data ??= encode();
      this.#app.publish(topic, `{"data":${data},"stream":"${stream}"}`);
    }
  }
}
