import { setTimeout as delay } from 'node:timers/promises';
import type { AdminClient } from '../client/admin-client.ts';
import { VenueRefusal } from '../client/http-json.ts';
import type { VenueSample } from '../result/run-result.ts';
import { Metrics } from './prometheus-text.ts';
import { type Reading, sampleOf } from './venue-sample.ts';

const INTERVAL_MS = 1000;

/** Reads a venue's metrics about once a second while a scenario runs. */
export class VenueSampler {
  readonly #admin: AdminClient;
  readonly #startMs: number;
  readonly #intervalMs: number;
  readonly #stopped = new AbortController();
  readonly #samples: VenueSample[] = [];
  readonly #onSample: (sample: VenueSample) => void;
  readonly #running: Promise<void>;

  private constructor(admin: AdminClient, options: SamplerOptions) {
    this.#admin = admin;
    this.#startMs = options.startMs;
    this.#intervalMs = options.intervalMs ?? INTERVAL_MS;
    this.#onSample = options.onSample ?? (() => {});
    this.#running = this.#run();
  }

  /** Begins at once: what is counted from here on is in the samples. */
  static start(admin: AdminClient, options: SamplerOptions): VenueSampler {
    return new VenueSampler(admin, options);
  }

  /** Reads once more and answers all samples; none of a venue that has no metrics, or does not let us see them. */
  async stop(): Promise<readonly VenueSample[]> {
    this.#stopped.abort();
    await this.#running;
    return this.#samples;
  }

  async #run(): Promise<void> {
    let last: Reading | undefined;
    let nextMs = performance.now();
    for (let isLast = false; !isLast; ) {
      isLast = this.#stopped.signal.aborted;
      const reading = await this.#read();
      if (reading === 'none') return;
      if (reading !== undefined && last !== undefined) {
        const sample = sampleOf(last, reading, this.#startMs);
        this.#samples.push(sample);
        this.#onSample(sample);
      }
      last = reading ?? last;
      // A slow answer shortens the pause; a missed second is not made up for.
      nextMs = Math.max(nextMs + this.#intervalMs, performance.now());
      if (!isLast) await this.#pause(nextMs - performance.now());
    }
  }

  /** Undefined when the venue did not answer this time, `none` when it never will. */
  async #read(): Promise<Reading | undefined | 'none'> {
    const askedMs = performance.now();
    try {
      const text = await this.#admin.metrics();
      // The venue looked at itself somewhere between.
      const atMs = (askedMs + performance.now()) / 2;
      return { atMs, metrics: Metrics.parse(text) };
    } catch (error) {
      const isRefused = error instanceof VenueRefusal && error.status < 500;
      return isRefused ? 'none' : undefined;
    }
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stopped;
    await delay(ms, undefined, { signal }).catch(() => {});
  }
}

interface SamplerOptions {
  /** When the scenario's measured part began, on the clock of `performance.now`. */
  readonly startMs: number;
  /** 1000 by default. */
  readonly intervalMs?: number;
  /** Hears each sample as it is taken. */
  readonly onSample?: (sample: VenueSample) => void;
}
