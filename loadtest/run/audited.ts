import type { ConnectionCounts } from '../generator/messages.ts';
import type { AuditResult, RequestCounts, VenueSample } from '../result/run-result.ts';
import { VenueSampler } from '../venue-samples/venue-sampler.ts';
import { RunningAudit } from './audit.ts';
import { LiveTeller } from './live-progress.ts';
import { newTag, type RunServices } from './services.ts';
import {
  listMarkets,
  type OwnMarkets,
  openAccounts,
  type TradingAccounts,
} from './trading-setup.ts';

/** What a scenario trades on. */
export interface Place {
  readonly listed: OwnMarkets;
  readonly trading: TradingAccounts;
  readonly teller: LiveTeller;
}

/** What whoever makes the load must tell of it. */
export interface Sent {
  /** Of the measured part, in ms of the epoch. */
  readonly startedAtMs: number;
  /** Of everything that was sent since the accounts were opened. */
  readonly all: RequestCounts;
  /** See `AuditInput`. */
  readonly strayReplies?: number;
  /** In the order of the accounts. */
  readonly accounts: readonly ConnectionCounts[];
}

/** Sets up markets and accounts of the scenario's own, lets it make its load, and audits the venue. */
export async function withAudit<Outcome extends Sent>(
  setup: { readonly name: string; readonly markets: number; readonly accounts: number },
  { venue, live }: RunServices,
  makeLoad: (place: Place) => Promise<Outcome>,
): Promise<{ outcome: Outcome; audit: AuditResult; venueSamples: readonly VenueSample[] }> {
  const teller = new LiveTeller(live, setup.name);
  const tag = newTag();
  let audit: RunningAudit | undefined;
  let sampler: VenueSampler | undefined;
  try {
    const listed = await listMarkets(venue.admin, tag, setup.markets);
    audit = await RunningAudit.begin(
      venue,
      listed.markets.map(({ symbol }) => symbol),
    );
    const trading = await openAccounts(venue, tag, listed, setup.accounts);
    const onSample = ({ databaseLagEvents }: VenueSample): void => {
      teller.databaseLagEvents = databaseLagEvents;
    };
    const samplesFromMs = performance.now();
    sampler = VenueSampler.start(venue.admin, { startMs: samplesFromMs, onSample });
    const outcome = await makeLoad({ listed, trading, teller });
    const behindMs = outcome.startedAtMs - performance.timeOrigin - samplesFromMs;
    const venueSamples = (await sampler.stop())
      .map((sample) => ({ ...sample, atMs: sample.atMs - behindMs }))
      .filter(({ atMs }) => atMs > 0);
    teller.enter('auditing', 0);
    const found = await audit.finish(outcome, trading, listed);
    return { outcome, audit: found, venueSamples };
  } finally {
    await sampler?.stop();
    audit?.end();
    teller.end();
  }
}
