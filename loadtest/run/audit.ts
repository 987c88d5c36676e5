import type { AuditedVenue, Recorder, ToldToAccounts } from '../audit/audit-input.ts';
import { auditRun } from '../audit/audit-run.ts';
import { type Baseline, readBaseline } from '../audit/baseline.ts';
import { RecorderProcess } from '../audit/recorder-process.ts';
import type { AccountFindings } from '../audit/stream-findings.ts';
import type { AuditResult } from '../result/run-result.ts';
import type { Sent } from './audited.ts';
import { knownOrders } from './known-orders.ts';
import type { MarketSet, TradingAccounts } from './trading-setup.ts';
import type { TestedVenue } from './venue.ts';

/** An audit, and what the accounts' private streams told if they were listened to. */
export interface Audited {
  readonly audit: AuditResult;
  readonly heard?: AccountFindings;
}

/** Follows one scenario from before its first deposit to its end, and then holds the venue against it. */
export class RunningAudit {
  readonly #venue: AuditedVenue;
  readonly #before: Baseline;
  readonly #recorder: RecorderProcess;
  readonly #sharesClock: boolean;
  #hearsAccounts = false;

  private constructor(
    venue: AuditedVenue,
    before: Baseline,
    recorder: RecorderProcess,
    sharesClock: boolean,
  ) {
    this.#venue = venue;
    this.#before = before;
    this.#recorder = recorder;
    this.#sharesClock = sharesClock;
  }

  /** Looks at the venue as it is, and begins to listen to the markets. */
  static async begin(venue: TestedVenue, symbols: readonly string[]): Promise<RunningAudit> {
    const { url, streamUrl, admin, databaseUrl, description, foreign, isOnThisMachine } = venue;
    const audited: AuditedVenue = {
      ...{ url, streamUrl },
      ...(admin === undefined ? {} : { admin }),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      isShared: !description.isOwn,
      hasOthersInMarkets: foreign !== undefined,
    };
    const before = await readBaseline(audited, symbols);
    const recorder = await RecorderProcess.start({ url, streamUrl }, symbols);
    return new RunningAudit(audited, before, recorder, isOnThisMachine);
  }

  /** Listens to the accounts' private streams, too. */
  async listenTo({ accounts }: TradingAccounts): Promise<void> {
    const { hasOthersInMarkets = false } = this.#venue;
    const keys = accounts.map(({ keyPair }) => keyPair);
    await this.#recorder.listenTo(keys, { sharesClock: this.#sharesClock, hasOthersInMarkets });
    this.#hearsAccounts = true;
  }

  /** The measured part, in ms of the epoch. */
  measure(fromEpochMs: number, toEpochMs: number): void {
    this.#recorder.measure(fromEpochMs, toEpochMs);
  }

  async finish(
    sent: Sent,
    { accounts, deposits }: TradingAccounts,
    { markets }: MarketSet,
  ): Promise<Audited> {
    const { all: counts, accounts: told, strayReplies, toldToAccounts, fillsOfReplies } = sent;
    let heard: AccountFindings | undefined;
    const recorder: Recorder = {
      finish: async (toldTo) => {
        const findings = await this.#recorder.finish(toldTo);
        heard = findings.accounts;
        return findings;
      },
    };
    const audit = await auditRun({
      venue: this.#venue,
      before: this.#before,
      counts,
      ...(strayReplies === undefined ? {} : { strayReplies }),
      fillsTold: { taker: counts.fills },
      ...(fillsOfReplies === undefined ? {} : { fillsOfReplies }),
      ...(this.#hearsAccounts ? { toldToAccounts: toldToAccounts ?? NOTHING_TOLD } : {}),
      accounts: accounts.map((account, index) => {
        const { openOrders, ...counted } = told[index]!;
        const known = openOrders && knownOrders(openOrders, markets);
        return { ...account, ...counted, ...(known === undefined ? {} : { openOrders: known }) };
      }),
      deposits,
      recorder,
    });
    return { audit, ...(heard === undefined ? {} : { heard }) };
  }

  /** Ends what still listens: of a run that is broken off, too. */
  end(): void {
    this.#recorder.kill();
  }
}

const NOTHING_TOLD: ToldToAccounts = { trades: [], placed: [], isWhole: false };
