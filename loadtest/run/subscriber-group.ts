import type {
  FromSubscribers,
  SubscribersReport,
  SubscribersSetup,
  ToSubscribers,
} from '../subscribers/messages.ts';
import { ForkedProcess } from './forked-process.ts';

const ENTRY = new URL('../subscribers/subscribers-process.js', import.meta.url);

/** The process that listens to market data while a scenario runs. */
export class SubscriberGroup {
  readonly #process = new ForkedProcess<ToSubscribers, FromSubscribers>(ENTRY, 'subscribers');

  private constructor() {}

  /** Resolves when all are subscribed. Rejects with `ProcessLost`. */
  static async start(setup: SubscribersSetup): Promise<SubscriberGroup> {
    const group = new SubscriberGroup();
    const ready = group.#process.next('ready');
    group.#process.send({ type: 'setup', setup });
    try {
      await ready;
    } catch (error) {
      await group.end();
      throw error;
    }
    return group;
  }

  /** The measured part, in ms of the epoch. */
  begin(fromEpochMs: number, toEpochMs: number): void {
    this.#process.send({ type: 'start', fromEpochMs, toEpochMs });
  }

  /** What they heard; they end. Rejects with `ProcessLost`. */
  async report(): Promise<SubscribersReport> {
    const done = this.#process.next('done');
    this.#process.send({ type: 'stop' });
    return (await done).report;
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}
