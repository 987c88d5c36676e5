import { ForkedProcess } from '../run/forked-process.ts';
import type { TestedVenue } from '../run/venue.ts';
import type { SinkListening } from './listen.ts';

/** What they do with a request, and where that is done. */
const SINKS = {
  'answers at once': new URL('./sink-process.js', import.meta.url),
  'answers when it is on disk': new URL('./echo-process.js', import.meta.url),
} as const;

export type SinkKind = keyof typeof SINKS;

/** Stands in for a venue when a generator is measured, or the least that a venue must do. It has order entry only. */
export class SinkVenue implements TestedVenue {
  readonly url: string;
  readonly streamUrl: string;
  readonly isOnThisMachine = true;
  readonly #kind: SinkKind;
  readonly #process: ForkedProcess<never, SinkListening>;

  private constructor(url: string, kind: SinkKind, process: ForkedProcess<never, SinkListening>) {
    this.url = this.streamUrl = url;
    this.#kind = kind;
    this.#process = process;
  }

  /** Rejects with `ProcessLost`. */
  static async start(kind: SinkKind = 'answers at once'): Promise<SinkVenue> {
    const process = new ForkedProcess<never, SinkListening>(SINKS[kind], 'sink');
    try {
      const { port } = await process.next('listening');
      return new SinkVenue(`http://127.0.0.1:${port}`, kind, process);
    } catch (error) {
      await process.end();
      throw error;
    }
  }

  get description(): TestedVenue['description'] {
    return { url: `${this.url} (a sink that ${this.#kind} and does nothing else)`, isOwn: true };
  }

  stop(): Promise<void> {
    return this.#process.end();
  }
}
