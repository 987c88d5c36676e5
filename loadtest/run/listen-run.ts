import { setTimeout as delay } from 'node:timers/promises';
import { startSubscribers } from '../companion/entries.ts';
import { noOutcomes } from '../generator/recorder.ts';
import type { RequestCounts, ScenarioResult } from '../result/run-result.ts';
import { type Place, withAudit } from './audited.ts';
import { clockWarnings, SpanCounts } from './gathered.ts';
import { notMeasuredOf } from './not-measured.ts';
import type { RunServices } from './services.ts';
import { subscriberFigures, subscriberWarnings } from './subscriber-figures.ts';

/** Between the word to start and the measured part. */
const START_MARGIN_MS = 100;

interface ListenPlan {
  readonly name: string;
  readonly seconds: number;
  readonly markets: number;
  readonly subscribers: number;
  /** Of these, how many stop reading now and then, and for how long. */
  readonly slow: number;
  readonly slowPauseMs: number;
}

/** What of a result is known when nothing was sent. */
type Listened = Pick<
  ScenarioResult,
  | 'startedAtMs'
  | 'measuredMs'
  | 'spans'
  | 'counts'
  | 'audit'
  | 'figures'
  | 'warnings'
  | 'notMeasured'
>;

/** Listens to markets for a while, sends nothing, and holds what was heard against itself and the books. */
export async function listenToMarkets(plan: ListenPlan, services: RunServices): Promise<Listened> {
  const needed = { name: plan.name, markets: plan.markets, accounts: 0 };
  const found = await withAudit(needed, services, (place) => listen(plan, services, place));
  const { startedAtMs, measuredMs, heard, all } = found.outcome;
  const spanCounts = new SpanCounts();
  spanCounts.of('market-data').add(heard.marketData);
  spanCounts.of('fan-out').add(heard.fanOut);
  const spans = spanCounts.results('market-data', 0);
  const notMeasured = notMeasuredOf(services.venue, spans, []);
  return {
    ...{ startedAtMs, measuredMs, spans, counts: all, audit: found.audit },
    figures: subscriberFigures(heard, plan.slow),
    warnings: [
      ...services.interruption.warnings,
      ...(heard.frames === 0 ? ['no market data came: nobody trades there'] : []),
      ...subscriberWarnings(heard),
      ...clockWarnings(spans),
      ...found.warnings,
    ],
    ...(notMeasured.length === 0 ? {} : { notMeasured }),
  };
}

async function listen(plan: ListenPlan, services: RunServices, { listed, teller }: Place) {
  const { venue, interruption } = services;
  const group = await startSubscribers({
    ...{ streamUrl: venue.streamUrl, subscribers: plan.subscribers, slow: plan.slow },
    symbols: listed.markets.map(({ symbol }) => symbol),
    slowPauseMs: plan.slowPauseMs,
    isEndless: true,
    sharesClock: venue.isOnThisMachine,
  });
  try {
    interruption.check();
    const startedAtMs = performance.timeOrigin + performance.now() + START_MARGIN_MS;
    group.begin(startedAtMs, startedAtMs + plan.seconds * 1000);
    teller.enter('measuring', plan.seconds * 1000);
    const ended = new AbortController();
    const waiting = delay(START_MARGIN_MS + plan.seconds * 1000, undefined, {
      signal: ended.signal,
    }).catch(() => {});
    await interruption.ending(
      () => ended.abort(),
      () => waiting,
    );
    const nowMs = performance.timeOrigin + performance.now();
    const measuredMs = Math.min(plan.seconds * 1000, Math.max(0, nowMs - startedAtMs));
    const heard = await group.report();
    const all: RequestCounts = { ...noOutcomes(), marketDataFrames: heard.frames };
    return { startedAtMs, measuredMs, heard, all, accounts: [] };
  } finally {
    await group.end();
  }
}
