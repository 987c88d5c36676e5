import type { AuditedVenue } from '../audit/audit-input.ts';
import { auditRun } from '../audit/audit-run.ts';
import { type Baseline, readBaseline } from '../audit/baseline.ts';
import { RecorderProcess } from '../audit/recorder-process.ts';
import type { AuditResult } from '../result/run-result.ts';
import type { Sent } from './audited.ts';
import { knownOrders } from './known-orders.ts';
import type { OwnMarkets, TradingAccounts } from './trading-setup.ts';
import type { TestedVenue } from './venue.ts';

/** Follows one scenario from before its first deposit to its end, and then holds the venue against it. */
export class RunningAudit {
  readonly #venue: AuditedVenue;
  readonly #before: Baseline;
  readonly #recorder: RecorderProcess;

  private constructor(venue: AuditedVenue, before: Baseline, recorder: RecorderProcess) {
    this.#venue = venue;
    this.#before = before;
    this.#recorder = recorder;
  }

  /** Looks at the venue as it is, and begins to listen to the markets. */
  static async begin(venue: TestedVenue, symbols: readonly string[]): Promise<RunningAudit> {
    const { url, admin, databaseUrl, description } = venue;
    const audited: AuditedVenue = {
      url,
      admin,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      isShared: !description.isOwn,
    };
    const before = await readBaseline(audited, symbols);
    return new RunningAudit(audited, before, await RecorderProcess.start(url, symbols));
  }

  finish(
    sent: Sent,
    { accounts, deposits }: TradingAccounts,
    { markets }: OwnMarkets,
  ): Promise<AuditResult> {
    const { all: counts, accounts: told, strayReplies } = sent;
    return auditRun({
      venue: this.#venue,
      before: this.#before,
      counts,
      ...(strayReplies === undefined ? {} : { strayReplies }),
      // Only replies are listened to, so what makers were filled is not known.
      fillsTold: { taker: counts.fills },
      accounts: accounts.map((account, index) => {
        const { openOrders, ...counted } = told[index]!;
        const known = openOrders && knownOrders(openOrders, markets);
        return { ...account, ...counted, ...(known === undefined ? {} : { openOrders: known }) };
      }),
      deposits,
      recorder: this.#recorder,
    });
  }

  /** Ends what still listens: of a run that is broken off, too. */
  end(): void {
    this.#recorder.kill();
  }
}
