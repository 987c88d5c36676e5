import { join } from 'node:path';
import { Random } from '../random.ts';
import type { Fault } from './faults/fault.ts';
import { stopAndCheck } from './faults/process-faults.ts';
import { Findings } from './findings.ts';
import type { ChaosOptions } from './options.ts';
import { Stage } from './stage.ts';
import { TrafficCounts } from './traffic-counts.ts';
import { VenueControl } from './venue-control.ts';

/** How a run went, for its report. */
export interface ChaosOutcome {
  readonly options: ChaosOptions;
  readonly seconds: number;
  readonly findings: Findings;
  readonly counts: TrafficCounts;
  readonly faults: ReadonlyMap<string, number>;
  readonly kills: number;
  readonly lives: number;
  readonly audits: number;
  readonly acknowledged: number;
  readonly checked: number;
  readonly transfers: number;
  readonly trades: number;
  readonly recoveriesMs: readonly number[];
  /** What the time went into; the rest went into the faults themselves. */
  readonly spentMs: Readonly<Record<'load' | 'starts' | 'audits', number>>;
  /** The fault after which something was wrong; null when nothing was. */
  readonly failedAt: string | null;
}

/**
 * One venue through fault after fault, drawn by the seed, until the time is over or something is wrong. The same seed
 * draws the same faults and orders, but what is under way when a process dies is never the same again.
 */
export class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #faults: readonly Fault[];
  readonly #random: Random;
  readonly #startMs = performance.now();
  readonly #drawn = new Map<string, number>();
  readonly venue: VenueControl;
  readonly findings = new Findings();
  readonly counts: TrafficCounts;
  #stage: Stage | null = null;
  /** The fault under way, for messages. */
  moment = 'the first start';

  /** @param faults what to draw from; each can be done on this machine */
  constructor(options: ChaosOptions, dataDirectory: string, faults: readonly Fault[]) {
    const { shards, durability, seed } = options;
    this.#options = options;
    this.#faults = faults;
    this.#random = new Random(seed);
    const logFile = join(dataDirectory, 'chaos-venue.log');
    this.venue = new VenueControl({ dataDirectory, shards, durability, logFile });
    this.counts = new TrafficCounts(this.findings, 'journaled');
  }

  /** Never throws: what a venue does wrong is in the outcome. */
  async run(): Promise<ChaosOutcome> {
    try {
      const { accounts } = this.#options;
      const { venue, counts, findings } = this;
      this.#stage = await Stage.open(venue, this.#random, accounts, counts, findings);
      await this.#runFaults(this.#stage);
      if (findings.total === 0) await this.#finish(this.#stage);
    } catch (error) {
      const { stack, message } = error as Error;
      this.findings.add('venue', () => `during ${this.moment}: ${stack ?? message}`);
    }
    if (this.venue.isRunning) await this.venue.stop();
    return this.#outcome();
  }

  /** For a progress line. */
  get progress(): string {
    const { kills, lives } = this.venue;
    const checked = this.#stage?.auditor.checked ?? 0;
    const seconds = ((performance.now() - this.#startMs) / 1000).toFixed(0);
    return `${seconds} s  ${kills} kills, ${lives} lives, ${this.counts.requests} requests, ${checked} acknowledgements checked  (${this.moment})`;
  }

  async #runFaults(stage: Stage): Promise<void> {
    const endMs = performance.now() + this.#options.minutes * 60_000;
    do {
      const fault = this.#draw();
      const times = (this.#drawn.get(fault.name) ?? 0) + 1;
      this.#drawn.set(fault.name, times);
      this.moment = `${fault.name} ${times}, life ${this.venue.lives}`;
      await fault.run(stage);
      if (this.findings.total > 0) return;
    } while (performance.now() < endMs && this.venue.kills < this.#options.kills);
  }

  async #finish(stage: Stage): Promise<void> {
    this.moment = 'the last audit';
    await stage.auditEverything();
    await stopAndCheck(stage);
  }

  #draw(): Fault {
    const total = this.#faults.reduce((sum, { weight }) => sum + weight, 0);
    let draw = this.#random.next() * total;
    for (const fault of this.#faults) {
      draw -= fault.weight;
      if (draw < 0) return fault;
    }
    return this.#faults.at(-1)!;
  }

  #outcome(): ChaosOutcome {
    const stage = this.#stage;
    const { findings, counts, venue } = this;
    return {
      options: this.#options,
      seconds: (performance.now() - this.#startMs) / 1000,
      findings,
      counts,
      faults: this.#drawn,
      kills: venue.kills,
      lives: venue.lives,
      audits: stage?.auditor.audits ?? 0,
      acknowledged: stage?.shared.acknowledged ?? 0,
      checked: stage?.auditor.checked ?? 0,
      transfers: stage?.operator.acknowledged ?? 0,
      trades: stage?.auditor.trades ?? 0,
      recoveriesMs: venue.recoveriesMs,
      spentMs: stage?.spentMs ?? { load: 0, starts: 0, audits: 0 },
      failedAt: findings.total > 0 ? this.moment : null,
    };
  }
}
