import { secretOf } from '../client/signing.ts';
import type { GeneratorReport, GeneratorSetup } from '../generator/messages.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import { evaluateObjectives } from '../objectives/evaluate.ts';
import type { ScenarioResult, VenueSample } from '../result/run-result.ts';
import { countsPerSecond, durationMs, initialRate } from '../schedule/schedule.ts';
import type { SubscribersReport } from '../subscribers/messages.ts';
import { VenueSampler } from '../venue-samples/venue-sampler.ts';
import { RunningAudit } from './audit.ts';
import { generatorResults, requestCounts, spanCountsOf, warningsOf } from './gathered.ts';
import { GeneratorFleet } from './generator-fleet.ts';
import { LiveTeller } from './live-progress.ts';
import type { LoadPlan } from './load-plan.ts';
import { newTag, type RunServices } from './services.ts';
import { subscriberFigures, subscriberWarnings } from './subscriber-figures.ts';
import { SubscriberGroup } from './subscriber-group.ts';
import { Timeline } from './timeline.ts';
import {
  listMarkets,
  type OwnMarkets,
  openAccounts,
  type TradingAccounts,
} from './trading-setup.ts';

/** Replies that take longer than this after the last send are given up. */
const DRAIN_TIMEOUT_MS = 15_000;

const NOTHING_HEARD: SubscribersReport = {
  frames: 0,
  marketData: new LatencyCounts().toSparse(),
  fanOut: new LatencyCounts().toSparse(),
  gaps: 0,
  lost: 0,
  slow: { pauses: 0, gaps: 0, closed: 0 },
};

/** Sets up, generates the load, audits, and answers what was found. */
export async function runLoad(plan: LoadPlan, services: RunServices): Promise<ScenarioResult> {
  return new LoadRun(plan, services).run();
}

/** What the clocked part of a run left behind. */
interface Driven {
  readonly startedAtMs: number;
  readonly reports: readonly GeneratorReport[];
  readonly heard: SubscribersReport;
  readonly samples: readonly VenueSample[];
}

/** One scenario of order entry, from its set-up to its result. */
class LoadRun {
  readonly #plan: LoadPlan;
  readonly #services: RunServices;
  readonly #teller: LiveTeller;
  /** Requests of each second. */
  readonly #intended: readonly number[];
  readonly #timeline: Timeline;
  readonly #measuredMs: number;

  constructor(plan: LoadPlan, services: RunServices) {
    this.#plan = plan;
    this.#services = services;
    this.#teller = new LiveTeller(services.live, plan.name);
    this.#intended = countsPerSecond(plan.schedule);
    this.#timeline = new Timeline(this.#intended);
    this.#measuredMs = durationMs(plan.schedule);
  }

  async run(): Promise<ScenarioResult> {
    const { venue } = this.#services;
    const { markets: marketCount, connections } = this.#plan;
    const tag = newTag();
    let audit: RunningAudit | undefined;
    try {
      const listed = await listMarkets(venue.admin, tag, marketCount);
      const symbols = listed.markets.map(({ symbol }) => symbol);
      audit = await RunningAudit.begin(venue, symbols);
      const trading = await openAccounts(venue.admin, tag, listed, connections);
      const driven = await this.#drive(listed, trading);
      this.#teller.enter('auditing', 0);
      const all = requestCounts(driven.reports, 'all', driven.heard.frames);
      return this.#result(driven, await audit.finish(all, trading, driven.reports));
    } finally {
      audit?.end();
      this.#teller.end();
    }
  }

  /** The part that goes by the clock: everything is started, and everything is ended. */
  async #drive(listed: OwnMarkets, trading: TradingAccounts): Promise<Driven> {
    const { warmUpSeconds } = this.#plan;
    const subscribers = await this.#startSubscribers(listed);
    let fleet: GeneratorFleet | undefined;
    let sampler: VenueSampler | undefined;
    try {
      fleet = await GeneratorFleet.start(this.#setups(listed, trading), (progress) => {
        this.#timeline.add(progress);
        this.#teller.add(progress);
      });
      const startedAtMs = fleet.begin(warmUpSeconds);
      subscribers?.begin(startedAtMs, startedAtMs + this.#measuredMs);
      sampler = this.#sample(startedAtMs);
      const endPhases = this.#followPhases();
      const reports = await fleet.reports().finally(endPhases);
      const heard = (await subscribers?.report()) ?? NOTHING_HEARD;
      const samples = (await sampler.stop()).filter(({ atMs }) => atMs > 0);
      return { startedAtMs, reports, heard, samples };
    } finally {
      await Promise.all([fleet?.end(), subscribers?.end(), sampler?.stop()]);
    }
  }

  async #startSubscribers(listed: OwnMarkets): Promise<SubscriberGroup | undefined> {
    const { subscribers, slowSubscribers } = this.#plan;
    if (subscribers === 0) return undefined;
    const { venue } = this.#services;
    return SubscriberGroup.start({
      url: venue.url,
      symbols: listed.markets.map(({ symbol }) => symbol),
      subscribers,
      slow: Math.min(slowSubscribers, subscribers),
      sharesClock: venue.isOnThisMachine,
    });
  }

  #sample(startedAtMs: number): VenueSampler {
    return VenueSampler.start(this.#services.venue.admin, {
      startMs: startedAtMs - performance.timeOrigin,
      onSample: ({ databaseLagEvents }) => {
        this.#teller.databaseLagEvents = databaseLagEvents;
      },
    });
  }

  /** One setup for each process; connections are shared out as evenly as they go. */
  #setups(listed: OwnMarkets, trading: TradingAccounts): GeneratorSetup[] {
    const { generators, connections, encoding, flow, seed, schedule, warmUpSeconds } = this.#plan;
    const { venue } = this.#services;
    const keys = trading.accounts.map(({ keyPair }) => ({
      apiKey: keyPair.apiKey,
      secret: secretOf(keyPair),
    }));
    return Array.from({ length: generators }, (_, process) => {
      const first = Math.floor((process * connections) / generators);
      const end = Math.floor(((process + 1) * connections) / generators);
      return {
        process,
        processes: generators,
        url: venue.url,
        encoding,
        firstConnection: first,
        accounts: keys.slice(first, end),
        markets: listed.markets,
        flow,
        seed,
        schedule,
        warmUpSeconds,
        sharesClock: venue.isOnThisMachine,
        drainTimeoutMs: DRAIN_TIMEOUT_MS,
      };
    });
  }

  /** Warm-up, measured part, and what comes after it, by the clock; answers how to end that. */
  #followPhases(): () => void {
    const warmUpMs = this.#plan.warmUpSeconds * 1000;
    const rate = initialRate(this.#plan.schedule);
    const intended = this.#intended;
    this.#teller.enter('warm-up', warmUpMs, () => rate);
    const measuring = setTimeout(() => {
      this.#teller.enter('measuring', this.#measuredMs, (elapsedMs) => {
        return intended[Math.floor(elapsedMs / 1000)] ?? 0;
      });
    }, warmUpMs);
    const end = warmUpMs + this.#measuredMs;
    const draining = setTimeout(() => this.#teller.enter('draining', 0), end);
    return () => {
      clearTimeout(measuring);
      clearTimeout(draining);
    };
  }

  #result(driven: Driven, audit: ScenarioResult['audit']): ScenarioResult {
    const { name, description, parameters, schedule, slowSubscribers, subscribers } = this.#plan;
    const { startedAtMs, reports, heard, samples } = driven;
    const measuredMs = this.#measuredMs;
    const spanCounts = spanCountsOf(reports);
    spanCounts.of('market-data').add(heard.marketData);
    spanCounts.of('fan-out').add(heard.fanOut);
    const spans = spanCounts.results();
    const generators = generatorResults(reports, spanCounts.of('ack').percentileUs(99));
    const counts = requestCounts(reports, 'measured', heard.frames);
    const measured = { measuredMs, spans, counts, generators };
    const objectives = evaluateObjectives(this.#services.objectives, measured);
    const warnings = [...warningsOf(generators, reports), ...subscriberWarnings(heard)];
    const requests = this.#intended.reduce((sum, count) => sum + count, 0);
    return {
      name,
      description,
      parameters,
      startedAtMs,
      ...measured,
      schedule: {
        kind: schedule.kind,
        isOpenLoop: true,
        offeredPerSecond: (requests * 1000) / measuredMs,
      },
      timeline: this.#timeline.points(),
      venueSamples: samples,
      audit,
      objectives,
      figures: subscribers === 0 ? [] : subscriberFigures(heard, slowSubscribers),
      warnings,
      passed: audit.clean && objectives.every(({ held }) => held) && warnings.length === 0,
    };
  }
}
