import type { FillsOfReplies, ToldToAccounts } from '../audit/audit-input.ts';
import type { ConnectionCounts } from '../generator/messages.ts';
import type { RequestCounts, VenueSample } from '../result/run-result.ts';
import { VenueSampler } from '../venue-samples/venue-sampler.ts';
import { type Audited, RunningAudit } from './audit.ts';
import { cancelLeftovers } from './foreign-place.ts';
import { LiveTeller } from './live-progress.ts';
import { newTag, type RunServices } from './services.ts';
import {
  findAccounts,
  findMarkets,
  type MarketSet,
  type TradingAccounts,
} from './trading-setup.ts';
import { VenueUnusable } from './venue-unusable.ts';

/** What a scenario trades on. */
export interface Place {
  readonly listed: MarketSet;
  readonly trading: TradingAccounts;
  readonly teller: LiveTeller;
  /** To be told of the measured part (ms of the epoch) once it is known. */
  readonly measure: (fromEpochMs: number, toEpochMs: number) => void;
}

/** What whoever makes the load must tell of it. */
export interface Sent {
  /** Of the measured part, in ms of the epoch. */
  readonly startedAtMs: number;
  /** Of everything that was sent since the accounts were opened. */
  readonly all: RequestCounts;
  /** See `AuditInput`. */
  readonly strayReplies?: number;
  readonly toldToAccounts?: ToldToAccounts;
  readonly fillsOfReplies?: FillsOfReplies;
  /** In the order of the accounts. */
  readonly accounts: readonly ConnectionCounts[];
}

/** What a scenario needs. */
interface PlaceNeeded {
  readonly name: string;
  readonly markets: number;
  readonly accounts: number;
  /** Whether their private streams are to be listened to. */
  readonly hearsAccounts?: boolean;
  /** How far from the middle of its market an order is priced at most; 0 when that does not matter. */
  readonly reachTicks?: number;
}

/** What a scenario made of its load, and what the audit says of it. */
export interface Found<Outcome> extends Audited {
  readonly outcome: Outcome;
  readonly venueSamples: readonly VenueSample[];
  /** For the reader of the result. */
  readonly warnings: readonly string[];
}

/** Finds, or makes, markets and accounts for the scenario, lets it make its load, and audits the venue. */
export async function withAudit<Outcome extends Sent>(
  needed: PlaceNeeded,
  { venue, live }: RunServices,
  makeLoad: (place: Place) => Promise<Outcome>,
): Promise<Found<Outcome>> {
  const teller = new LiveTeller(live, needed.name);
  const tag = newTag();
  let audit: RunningAudit | undefined;
  let sampler: VenueSampler | undefined;
  let cleanUp = async (): Promise<string[]> => [];
  try {
    const listed = await findMarkets(venue, tag, needed.markets);
    refuseBeyondReach(listed, needed.reachTicks ?? 0);
    const symbols = listed.markets.map(({ symbol }) => symbol);
    const running = await RunningAudit.begin(venue, symbols);
    audit = running;
    const trading = await findAccounts(venue, tag, listed, needed.accounts);
    if (venue.foreign !== undefined) cleanUp = () => cancelLeftovers(venue.url, trading, listed);
    if (needed.hearsAccounts === true) await audit.listenTo(trading);
    const samplesFromMs = performance.now();
    if (venue.admin !== undefined) {
      const onSample = ({ databaseLagEvents }: VenueSample): void => {
        teller.databaseLagEvents = databaseLagEvents;
      };
      sampler = VenueSampler.start(venue.admin, { startMs: samplesFromMs, onSample });
    }
    const outcome = await makeLoad({
      ...{ listed, trading, teller },
      measure: (fromEpochMs, toEpochMs) => running.measure(fromEpochMs, toEpochMs),
    });
    const behindMs = outcome.startedAtMs - performance.timeOrigin - samplesFromMs;
    const venueSamples = ((await sampler?.stop()) ?? [])
      .map((sample) => ({ ...sample, atMs: sample.atMs - behindMs }))
      .filter(({ atMs }) => atMs > 0);
    teller.enter('auditing', 0);
    const found = await audit.finish(outcome, trading, listed);
    const warnings = await cleanUp();
    cleanUp = async () => [];
    return { outcome, ...found, venueSamples, warnings };
  } finally {
    await sampler?.stop();
    audit?.end();
    teller.end();
    await cleanUp();
  }
}

/** Throws `VenueUnusable`. */
function refuseBeyondReach({ markets }: MarketSet, reachTicks: number): void {
  for (const market of markets) {
    if (reachTicks === 0 || market.reachTicks >= reachTicks) continue;
    throw new VenueUnusable(
      `${market.symbol} lets orders be ${market.reachTicks} ticks from its middle, the scenario wants ${reachTicks}: fewer --levels`,
    );
  }
}
