import { ForkedProcess } from '../run/forked-process.ts';
import type { TestedVenue } from '../run/venue.ts';

const ENTRY = new URL('./sink-process.js', import.meta.url);

export interface SinkListening {
  readonly type: 'listening';
  readonly port: number;
}

/** What stands in for a venue when the generator itself is measured. It has order entry and nothing else. */
export class SinkVenue implements TestedVenue {
  readonly url: string;
  readonly streamUrl: string;
  readonly isOnThisMachine = true;
  readonly #process: ForkedProcess<never, SinkListening>;

  private constructor(url: string, process: ForkedProcess<never, SinkListening>) {
    this.url = this.streamUrl = url;
    this.#process = process;
  }

  /** Rejects with `ProcessLost`. */
  static async start(): Promise<SinkVenue> {
    const process = new ForkedProcess<never, SinkListening>(ENTRY, 'sink');
    try {
      const { port } = await process.next('listening');
      return new SinkVenue(`http://127.0.0.1:${port}`, process);
    } catch (error) {
      await process.end();
      throw error;
    }
  }

  get description(): TestedVenue['description'] {
    return { url: `${this.url} (a sink that answers at once and does nothing)`, isOwn: true };
  }

  stop(): Promise<void> {
    return this.#process.end();
  }
}
