import { secretOf } from '../client/signing.ts';
import type { GeneratorSetup } from '../generator/messages.ts';
import { evaluateObjectives } from '../objectives/evaluate.ts';
import type { Objective } from '../objectives/objective.ts';
import type { LiveView } from '../report/live-progress.ts';
import type { ScenarioResult, VenueSample } from '../result/run-result.ts';
import { countsPerSecond, durationMs, initialRate } from '../schedule/schedule.ts';
import { beginAudit } from './audit.ts';
import { generatorResults, requestCounts, spanCountsOf, warningsOf } from './gathered.ts';
import { GeneratorFleet } from './generator-fleet.ts';
import { LiveTeller } from './live-progress.ts';
import type { LoadPlan } from './load-plan.ts';
import { Timeline } from './timeline.ts';
import { setUpTrading, type TradingSetup } from './trading-setup.ts';
import type { TestedVenue } from './venue.ts';

/** Replies that take longer than this after the last send are given up. */
const DRAIN_TIMEOUT_MS = 15_000;

/** What every scenario of a run is given. */
export interface RunServices {
  readonly venue: TestedVenue;
  readonly live: LiveView;
  readonly objectives: readonly Objective[];
}

let tagsGiven = 0;

/** A name that no other scenario has had on this venue: base 36 of the moment, and a counter. */
export function newTag(): string {
  const moment = Math.floor(Date.now() / 1000)
    .toString(36)
    .toUpperCase();
  return `L${moment}${(tagsGiven++).toString(36).toUpperCase()}`;
}

/** Sets up, generates the load, audits, and answers what was found. */
export async function runLoad(plan: LoadPlan, services: RunServices): Promise<ScenarioResult> {
  const { venue, live, objectives } = services;
  const teller = new LiveTeller(live, plan.name);
  try {
    const audit = await beginAudit(venue);
    const trading = await setUpTrading(venue.admin, newTag(), plan.markets, plan.connections);
    await audit.listen(trading.markets.map(({ symbol }) => symbol));
    const intended = countsPerSecond(plan.schedule);
    const timeline = new Timeline(intended);
    const fleet = await GeneratorFleet.start(setupsOf(plan, trading, venue), (_, progress) => {
      timeline.add(progress);
      teller.add(progress);
    });
    try {
      const startedAtMs = fleet.begin(plan.warmUpSeconds);
      const endPhases = followPhases(plan, teller, intended);
      const samples: VenueSample[] = [];
      const reports = await fleet.reports().finally(endPhases);
      teller.enter('auditing', 0);
      const measuredMs = durationMs(plan.schedule);
      const spans = spanCountsOf(reports).results();
      const ackP99Us = spans.find(({ name }) => name === 'ack')?.p99Us ?? 0;
      const generators = generatorResults(reports, ackP99Us);
      const counts = requestCounts(reports, 'measured', 0);
      const auditResult = await audit.finish(requestCounts(reports, 'all', 0), trading, reports);
      const measured = { measuredMs, spans, counts, generators };
      const objectiveResults = evaluateObjectives(objectives, measured);
      const warnings = warningsOf(generators, reports);
      return {
        name: plan.name,
        description: plan.description,
        parameters: plan.parameters,
        startedAtMs,
        ...measured,
        schedule: {
          kind: plan.schedule.kind,
          isOpenLoop: true,
          offeredPerSecond: (intended.reduce((sum, count) => sum + count, 0) * 1000) / measuredMs,
        },
        timeline: timeline.points(),
        venueSamples: samples,
        audit: auditResult,
        objectives: objectiveResults,
        figures: [],
        warnings,
        passed:
          auditResult.clean && objectiveResults.every(({ held }) => held) && warnings.length === 0,
      };
    } finally {
      await fleet.end();
    }
  } finally {
    teller.end();
  }
}

/** One setup for each process; connections are shared out as evenly as they go. */
function setupsOf(plan: LoadPlan, trading: TradingSetup, venue: TestedVenue): GeneratorSetup[] {
  const { generators, connections } = plan;
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
      encoding: plan.encoding,
      firstConnection: first,
      accounts: keys.slice(first, end),
      markets: trading.markets,
      flow: plan.flow,
      seed: plan.seed,
      schedule: plan.schedule,
      warmUpSeconds: plan.warmUpSeconds,
      sharesClock: venue.isOnThisMachine,
      drainTimeoutMs: DRAIN_TIMEOUT_MS,
    };
  });
}

/** Warm-up, measured part, and what comes after it, by the clock; answers how to end that. */
function followPhases(plan: LoadPlan, teller: LiveTeller, intended: readonly number[]): () => void {
  const measuredMs = durationMs(plan.schedule);
  const warmUpMs = plan.warmUpSeconds * 1000;
  const rate = initialRate(plan.schedule);
  teller.enter('warm-up', warmUpMs, () => rate);
  const measuring = setTimeout(() => {
    teller.enter('measuring', measuredMs, (elapsedMs) => {
      return intended[Math.floor(elapsedMs / 1000)] ?? 0;
    });
  }, warmUpMs);
  const draining = setTimeout(() => teller.enter('draining', 0), warmUpMs + measuredMs);
  return () => {
    clearTimeout(measuring);
    clearTimeout(draining);
  };
}
