import { LatencyCounts } from '../histogram/latency-counts.ts';
import { spanResult } from '../histogram/span-summary.ts';
import { evaluateObjectives } from '../objectives/evaluate.ts';
import { CommandKind, type CommandList } from '../replay/commands.ts';
import type { RecordedDay } from '../replay/day-parser.ts';
import { replayDay } from '../replay/replay.ts';
import type { ReplayOutcome } from '../replay/report.ts';
import type { AuditResult, RequestCounts, ScenarioResult } from '../result/run-result.ts';
import { VenueSampler } from '../venue-samples/venue-sampler.ts';
import { requestWarnings } from './gathered.ts';
import { LiveTeller } from './live-progress.ts';
import { newTag, type RunServices } from './services.ts';
import { VenueUnusable } from './venue-unusable.ts';

const NO_FEES = { maker: 0, taker: 0 };
/** Commands under way at most; slow replies make it fewer. */
const PIPELINE_DEPTH = 64;

/** A scenario's own words. */
export type About = Pick<ScenarioResult, 'name' | 'description' | 'parameters'>;

/**
 * Sends a recorded day as fast as it is answered, by the replay that compares every fill and book with the recording:
 * a closed loop, so its latency is not what clients of a venue that stalls would see.
 */
export async function replayAsFastAsItGoes(
  about: About,
  day: RecordedDay,
  list: CommandList,
  services: RunServices,
): Promise<ScenarioResult> {
  const { venue, live } = services;
  const { url, adminUrl, adminToken, databaseUrl, description, admin } = venue;
  const { shards = 1, durability = 'as the venue has it' } = description;
  if (admin === undefined || adminUrl === undefined || adminToken === undefined) {
    throw new VenueUnusable('the replay lists a market of its own: it needs the admin API');
  }
  if (databaseUrl === undefined) {
    throw new VenueUnusable('the replay needs the address of the database: --database-url');
  }
  const teller = new LiveTeller(live, about.name);
  teller.enter('measuring', 0);
  const startedAtMs = performance.timeOrigin + performance.now();
  const sampler = VenueSampler.start(admin, { startMs: performance.now() });
  try {
    const address = { url, adminUrl, adminToken, databaseUrl, shards, durability };
    const settings = { stock: newTag(), pipelineDepth: PIPELINE_DEPTH, feeBps: NO_FEES };
    const replayed = replayDay(address, day, list, settings);
    const outcome = await services.interruption.orGivenUp(replayed);
    const venueSamples = await sampler.stop();
    return resultOf(about, startedAtMs, list, outcome, venueSamples, services);
  } finally {
    await sampler.stop();
    teller.end();
  }
}

function resultOf(
  about: About,
  startedAtMs: number,
  list: CommandList,
  outcome: ReplayOutcome,
  venueSamples: ScenarioResult['venueSamples'],
  services: RunServices,
): ScenarioResult {
  const measuredMs = outcome.flowSeconds * 1000;
  const latency = new LatencyCounts();
  for (const ms of outcome.latenciesMs) latency.record(ms * 1000);
  const spans = [spanResult('ack-from-send', false, latency)];
  const counts = countsOf(list, outcome);
  const measured = { measuredMs, spans, counts, generators: [] };
  const objectives = evaluateObjectives(services.objectives, measured);
  const audit = auditOf(outcome);
  const warnings = requestWarnings(counts);
  return {
    ...about,
    startedAtMs,
    ...measured,
    schedule: {
      kind: 'closed',
      isOpenLoop: false,
      offeredPerSecond: outcome.commands / outcome.flowSeconds,
    },
    timeline: [],
    venueSamples,
    audit,
    objectives,
    figures: [
      { name: 'whole day, rows in the database included', value: outcome.totalSeconds, unit: 's' },
      { name: 'books compared', value: outcome.booksCompared, unit: 'books' },
    ],
    warnings,
    passed: audit.clean && objectives.every(({ held }) => held) && warnings.length === 0,
  };
}

function countsOf({ commands }: CommandList, outcome: ReplayOutcome): RequestCounts {
  const of = (...kinds: readonly CommandKind[]): number =>
    commands.reduce((sum, { kind }) => sum + (kinds.includes(kind) ? 1 : 0), 0);
  const answered = outcome.latenciesMs.length;
  const refused = outcome.mismatches.count('refused');
  return {
    sent: commands.length,
    acknowledged: answered - refused,
    refused: refused === 0 ? {} : { REFUSED: refused },
    unknown: commands.length - answered,
    orders: of(CommandKind.PlaceGtc, CommandKind.PlaceIoc),
    cancels: of(CommandKind.Cancel),
    replaces: of(CommandKind.Reduce),
    fills: outcome.fills,
    marketDataFrames: 0,
  };
}

function auditOf(outcome: ReplayOutcome): AuditResult {
  const { mismatches } = outcome;
  const checks = [
    {
      name: 'fills equal the recording',
      holds: outcome.aggressorsExact === outcome.aggressors,
      detail: `${outcome.aggressorsExact} of ${outcome.aggressors} aggressors`,
    },
    {
      name: 'books equal the recording',
      holds: outcome.booksCompared === outcome.booksExpected,
      detail: `${outcome.booksCompared} of ${outcome.booksExpected} compared after their command`,
    },
    {
      name: 'rows equal the recording',
      holds: outcome.tradeRowsRight === outcome.fills,
      detail: `${outcome.tradeRowsRight} of ${outcome.fills} trades`,
    },
    {
      name: 'nothing differs',
      holds: mismatches.total === 0,
      detail: mismatches.total === 0 ? 'no mismatch' : mismatches.details.join('; '),
    },
  ];
  return { clean: checks.every(({ holds }) => holds), checks };
}
