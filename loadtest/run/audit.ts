import type { GeneratorReport } from '../generator/messages.ts';
import type { AuditResult, RequestCounts } from '../result/run-result.ts';
import type { TradingSetup } from './trading-setup.ts';
import type { TestedVenue } from './venue.ts';

/** Follows one scenario from before its set-up to its end, and then holds the venue against it. */
export interface RunningAudit {
  listen(symbols: readonly string[]): Promise<void>;
  finish(
    counts: RequestCounts,
    trading: TradingSetup,
    reports: readonly GeneratorReport[],
  ): Promise<AuditResult>;
}

export async function beginAudit(venue: TestedVenue): Promise<RunningAudit> {
  return {
    listen: async () => {},
    finish: async (counts) => {
      const refused = Object.values(counts.refused).reduce((sum, count) => sum + count, 0);
      const { balanced } = await venue.admin.audit();
      const checks = [
        {
          name: 'requests',
          holds: counts.sent === counts.acknowledged + refused + counts.unknown,
          detail: `${counts.sent} sent, ${counts.acknowledged} acknowledged, ${refused} refused, ${counts.unknown} unknown`,
        },
        { name: 'money', holds: balanced, detail: 'the venue balances its assets' },
      ];
      return { clean: checks.every(({ holds }) => holds), checks };
    },
  };
}
