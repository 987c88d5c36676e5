import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { NS_PER_MS } from '../../engine/protocol/time-units.ts';
import { SelfDelay } from '../subscribers/self-delay.ts';
import type { WatchReport } from './messages.ts';

/** A send behind its intended moment by more is late. */
export const LATE_MS = 1;

const RESOLUTION_MS = 5;

/** How the generator process itself does over the measured part: whether the figures are the venue's or its own. */
export class SelfWatch {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #waits = new SelfDelay();
  #cpu = process.cpuUsage();
  #startedMs = performance.now();
  lateSends = 0;
  lastSendLateMs = 0;
  outstandingMax = 0;

  /** The measured part begins. */
  start(): void {
    this.#cpu = process.cpuUsage();
    this.#startedMs = performance.now();
    this.#delay.reset();
    this.#delay.enable();
    this.#waits.start(this.#startedMs);
  }

  /** The measured part is over. */
  end(): WatchReport {
    this.#delay.disable();
    const { user, system } = process.cpuUsage(this.#cpu);
    const elapsedUs = (performance.now() - this.#startedMs) * 1000;
    // The histogram holds the time between two runs of a timer, its period included.
    const delayMs = (ns: number): number => Math.max(0, ns / NS_PER_MS - RESOLUTION_MS);
    const hasSamples = this.#delay.count > 0;
    return {
      lateSends: this.lateSends,
      cpuShare: (user + system) / elapsedUs,
      eventLoopDelayMaxMs: hasSamples ? delayMs(this.#delay.max) : 0,
      eventLoopDelayP99Ms: hasSamples ? delayMs(this.#delay.percentile(99)) : 0,
      delay: this.#waits.end().delay,
      lastSendLateMs: this.lastSendLateMs,
      outstandingMax: this.outstandingMax,
    };
  }
}
