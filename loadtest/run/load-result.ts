import type { GeneratorReport } from '../generator/messages.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import type { BadClientsReport } from '../neighbours/messages.ts';
import { phaseAt } from '../neighbours/phases.ts';
import { evaluateObjectives } from '../objectives/evaluate.ts';
import type { Figure, ScenarioResult } from '../result/run-result.ts';
import type { SubscribersReport } from '../subscribers/messages.ts';
import type { Found, Sent } from './audited.ts';
import {
  clockWarnings,
  generatorResults,
  requestCounts,
  requestWarnings,
  type SpanCounts,
  spanCountsOf,
  warningsOf,
} from './gathered.ts';
import { listenerWarnings } from './listener-warnings.ts';
import type { LoadPlan } from './load-plan.ts';
import { type ByPhase, neighbourFigures, neighbourWarnings } from './neighbour-figures.ts';
import { notMeasuredOf } from './not-measured.ts';
import type { RunServices } from './services.ts';
import { subscriberFigures, subscriberWarnings } from './subscriber-figures.ts';
import type { Timeline } from './timeline.ts';

/** What the clocked part of a run left behind. */
export interface Driven extends Sent {
  readonly reports: readonly GeneratorReport[];
  readonly heard: SubscribersReport;
  /** Absent where nobody misbehaved. */
  readonly misdeeds?: BadClientsReport;
}

/** A run that has come to its end. */
interface EndedRun {
  readonly plan: LoadPlan;
  readonly services: RunServices;
  readonly timeline: Timeline;
  readonly measuredMs: number;
  readonly offeredPerSecond: number;
}

/** Puts together what generators, listeners and audit have found. */
export function loadResult(run: EndedRun, found: Found<Driven>): ScenarioResult {
  const { plan, services, timeline, measuredMs } = run;
  const { outcome, audit, venueSamples } = found;
  const { startedAtMs, reports, heard } = outcome;
  const spanCounts = spansOf(found);
  const main = spanCounts.of('connect').count > 0 ? 'connect' : 'ack';
  const generators = generatorResults(reports, main);
  const counts = requestCounts(reports, 'measured', heard.frames);
  const spans = spanCounts.results(main, counts.unknown);
  const measured = { measuredMs, spans, counts, generators };
  const objectives = evaluateObjectives(services.objectives, measured);
  const warnings = [
    ...services.interruption.warnings,
    ...requestWarnings({ ...counts, unknown: outcome.all.unknown }),
    ...warningsOf(generators, reports),
    ...listeningWarnings(plan, found),
    ...clockWarnings(spans),
    ...found.warnings,
  ];
  const notMeasured = notMeasuredOf(services.venue, spans, venueSamples);
  const { name, description, parameters, schedule } = plan;
  const { offeredPerSecond } = run;
  return {
    ...{ name, description, parameters, startedAtMs, ...measured },
    schedule: { kind: schedule.kind, isOpenLoop: true, offeredPerSecond },
    timeline: timeline.points(Math.ceil(measuredMs / 1000)),
    ...{ venueSamples, audit, objectives, figures: figuresOf(run, outcome) },
    ...(notMeasured.length === 0 ? {} : { notMeasured }),
    warnings,
    passed: audit.clean && objectives.every(({ held }) => held) && warnings.length === 0,
  };
}

function spansOf({ outcome, heard: accounts }: Found<Driven>): SpanCounts {
  const spanCounts = spanCountsOf(outcome.reports);
  spanCounts.of('market-data').add(outcome.heard.marketData);
  spanCounts.of('fan-out').add(outcome.heard.fanOut);
  if (accounts !== undefined) {
    spanCounts.of('maker-first-fill').add(accounts.makerFirstFill);
    spanCounts.of('order-update').add(accounts.orderUpdate);
  }
  return spanCounts;
}

function listeningWarnings(
  { badClients }: LoadPlan,
  { outcome, heard: accounts }: Found<Driven>,
): string[] {
  const { heard, misdeeds } = outcome;
  return [
    ...subscriberWarnings(heard),
    ...listenerWarnings(accounts),
    ...(badClients === undefined || misdeeds === undefined
      ? []
      : neighbourWarnings(misdeeds, badClients.clients)),
  ];
}

function figuresOf(run: EndedRun, { heard, misdeeds }: Driven): Figure[] {
  const { subscribers, slowSubscribers } = run.plan;
  const listening = subscribers === 0 ? [] : subscriberFigures(heard, slowSubscribers);
  if (misdeeds === undefined) return listening;
  const ack = ackByPhase(run);
  const marketData = marketDataByPhase(heard);
  const byPhase = {
    ...(ack === undefined ? {} : { ack }),
    ...(marketData === undefined ? {} : { 'market-data': marketData }),
  };
  return [...neighbourFigures(byPhase, misdeeds), ...listening];
}

function ackByPhase({ plan, timeline }: EndedRun): ByPhase | undefined {
  const phases = plan.badClients?.phases;
  if (phases === undefined) return undefined;
  const isIn = (second: number) => phaseAt(phases, second * 1_000);
  return {
    quiet: timeline.ackOf((second) => isIn(second) === 'quiet'),
    bad: timeline.ackOf((second) => isIn(second) === 'bad'),
  };
}

function marketDataByPhase({ marketDataByPhase }: SubscribersReport): ByPhase | undefined {
  if (marketDataByPhase === undefined) return undefined;
  const [quiet, bad] = [new LatencyCounts(), new LatencyCounts()];
  quiet.add(marketDataByPhase.quiet);
  bad.add(marketDataByPhase.bad);
  return { quiet, bad };
}
