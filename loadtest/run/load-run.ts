import { secretOf } from '../client/signing.ts';
import type { Companion } from '../companion/companion.ts';
import { startBadClients, startSubscribers } from '../companion/entries.ts';
import { reachOf } from '../flows/flow.ts';
import type { GeneratorSetup } from '../generator/messages.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import type { BadClientsReport } from '../neighbours/messages.ts';
import type { ScenarioResult } from '../result/run-result.ts';
import { countsPerSecond, durationMs, initialRate } from '../schedule/schedule.ts';
import type { SubscribersReport } from '../subscribers/messages.ts';
import { type Place, withAudit } from './audited.ts';
import { requestCounts } from './gathered.ts';
import { GeneratorFleet } from './generator-fleet.ts';
import type { LiveTeller } from './live-progress.ts';
import type { LoadPlan } from './load-plan.ts';
import { type Driven, loadResult } from './load-result.ts';
import { refuseBeyondOpenFiles } from './open-files.ts';
import type { RunServices } from './services.ts';
import { Timeline } from './timeline.ts';
import { fillsOfReplies, toldOf } from './told.ts';
import type { MarketSet, TradingAccounts } from './trading-setup.ts';

/** Replies that take longer than this after the last send are given up. */
const DRAIN_TIMEOUT_MS = 15_000;

const NOTHING_HEARD: SubscribersReport = {
  watch: { cpuShare: 0, delay: new LatencyCounts().toSparse() },
  frames: 0,
  marketData: new LatencyCounts().toSparse(),
  fanOut: new LatencyCounts().toSparse(),
  gaps: 0,
  behind: 0,
  isTailCut: false,
  lost: 0,
  slow: { pauses: 0, gaps: 0, closedAsSlow: 0, closedOtherwise: 0, waitedBytesMax: 0 },
};

/** Sets up, generates the load, audits, and answers what was found. */
export async function runLoad(plan: LoadPlan, services: RunServices): Promise<ScenarioResult> {
  return new LoadRun(plan, services).run();
}

/** One scenario of order entry, from its set-up to its result. */
class LoadRun {
  readonly #plan: LoadPlan;
  readonly #services: RunServices;
  /** Requests of each second. */
  readonly #intended: readonly number[];
  readonly #timeline: Timeline;
  readonly #scheduleMs: number;
  /** Of the measured part, when the run was interrupted; negative in the warm-up. */
  #endedAtMs = Number.POSITIVE_INFINITY;

  constructor(plan: LoadPlan, services: RunServices) {
    this.#plan = plan;
    this.#services = services;
    this.#intended = countsPerSecond(plan.schedule);
    this.#timeline = new Timeline(this.#intended);
    this.#scheduleMs = durationMs(plan.schedule);
  }

  async run(): Promise<ScenarioResult> {
    const { name, markets, connections, hearsAccounts, work } = this.#plan;
    const reachTicks = work.kind === 'connects' ? 0 : reachOf(work);
    const found = await withAudit(
      { name, markets, accounts: connections, hearsAccounts, reachTicks },
      this.#services,
      (place) => this.#drive(place),
    );
    const measuredMs = Math.max(0, Math.min(this.#scheduleMs, this.#endedAtMs));
    const requests = this.#intended.reduce((sum, count) => sum + count, 0);
    const offeredPerSecond = (requests * 1000) / this.#scheduleMs;
    const run = { plan: this.#plan, services: this.#services, timeline: this.#timeline };
    return loadResult({ ...run, measuredMs, offeredPerSecond }, found);
  }

  /** The part that goes by the clock: everything is started, and everything is ended. */
  async #drive({ listed, trading, teller, measure }: Place): Promise<Driven> {
    const subscribers = await this.#startSubscribers(listed);
    let badClients: Companion<BadClientsReport> | undefined;
    let fleet: GeneratorFleet | undefined;
    try {
      badClients = await this.#startBadClients(trading);
      fleet = await GeneratorFleet.start(this.#setups(listed, trading), (progress) => {
        this.#timeline.add(progress);
        teller.add(progress);
      });
      const { interruption } = this.#services;
      interruption.check();
      const running = fleet;
      const startedAtMs = fleet.begin(this.#plan.warmUpSeconds);
      subscribers?.begin(startedAtMs, startedAtMs + this.#scheduleMs);
      badClients?.begin(startedAtMs, startedAtMs + this.#scheduleMs);
      measure(startedAtMs, startedAtMs + this.#scheduleMs);
      const endPhases = this.#followPhases(teller);
      const reports = await interruption
        .ending(
          () => {
            this.#endedAtMs = performance.timeOrigin + performance.now() - startedAtMs;
            running.stop();
          },
          () => running.reports(),
        )
        .finally(endPhases);
      const misdeeds = await badClients?.report();
      const heard = (await subscribers?.report()) ?? NOTHING_HEARD;
      const all = requestCounts(reports, 'all', heard.frames);
      const accounts = reports.flatMap(({ connections }) => connections);
      const strayReplies = reports.reduce((sum, report) => sum + report.strayReplies, 0);
      const toldToAccounts = toldOf(reports, listed, startedAtMs);
      const fillsTold = fillsOfReplies(reports, listed);
      const told = {
        ...{ strayReplies, accounts, toldToAccounts },
        ...(fillsTold === undefined ? {} : { fillsOfReplies: fillsTold }),
      };
      const bad = misdeeds === undefined ? {} : { misdeeds };
      return { startedAtMs, reports, heard, ...bad, all, ...told };
    } finally {
      await Promise.all([fleet?.end(), badClients?.end(), subscribers?.end()]);
    }
  }

  async #startSubscribers(listed: MarketSet): Promise<Companion<SubscribersReport> | undefined> {
    const { subscribers, slowSubscribers, slowPauseMs, badClients } = this.#plan;
    if (subscribers === 0) return undefined;
    refuseBeyondOpenFiles(subscribers);
    const { venue } = this.#services;
    return startSubscribers({
      streamUrl: venue.streamUrl,
      symbols: listed.markets.map(({ symbol }) => symbol),
      subscribers,
      slow: Math.min(slowSubscribers, subscribers),
      slowPauseMs,
      isEndless: venue.foreign !== undefined,
      sharesClock: venue.isOnThisMachine,
      ...(badClients === undefined ? {} : { phases: badClients.phases }),
    });
  }

  async #startBadClients({
    accounts,
  }: TradingAccounts): Promise<Companion<BadClientsReport> | undefined> {
    const { badClients } = this.#plan;
    if (badClients === undefined) return undefined;
    const { streamUrl, isOnThisMachine } = this.#services.venue;
    const [account, victim] = [accounts[0]!, accounts.at(-1)!].map(({ keyPair }) => ({
      apiKey: keyPair.apiKey,
      secret: secretOf(keyPair),
    }));
    // Another address of this machine reaches no other machine.
    const address = isOnThisMachine ? badClients.address : undefined;
    return startBadClients({
      ...badClients,
      ...{ streamUrl, address, account: account!, victim: victim! },
    });
  }

  /** One setup for each process; connections are shared out as evenly as they go. */
  #setups(listed: MarketSet, trading: TradingAccounts): GeneratorSetup[] {
    const { generators, connections, encoding, work, seed, schedule, warmUpSeconds } = this.#plan;
    const { hearsAccounts } = this.#plan;
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
        streamUrl: venue.streamUrl,
        encoding,
        hearsAccounts,
        firstConnection: first,
        accounts: keys.slice(first, end),
        markets: listed.markets,
        work,
        seed,
        schedule,
        warmUpSeconds,
        sharesClock: venue.isOnThisMachine,
        drainTimeoutMs: DRAIN_TIMEOUT_MS,
      };
    });
  }

  /** Warm-up, measured part, and what comes after it, by the clock; answers how to end that. */
  #followPhases(teller: LiveTeller): () => void {
    const warmUpMs = this.#plan.warmUpSeconds * 1000;
    const rate = initialRate(this.#plan.schedule);
    const intended = this.#intended;
    teller.enter('warm-up', warmUpMs, () => rate);
    const measuring = setTimeout(() => {
      teller.enter('measuring', this.#scheduleMs, (elapsedMs) => {
        return intended[Math.floor(elapsedMs / 1000)] ?? 0;
      });
    }, warmUpMs);
    const end = warmUpMs + this.#scheduleMs;
    const draining = setTimeout(() => teller.enter('draining', 0), end);
    return () => {
      clearTimeout(measuring);
      clearTimeout(draining);
    };
  }
}
