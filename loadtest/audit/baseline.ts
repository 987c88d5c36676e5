import type { AuditReport } from '../client/admin-client.ts';
import { awaitQuiescence } from '../client/at-rest.ts';
import { awaitProjection } from '../client/database-lag.ts';
import type { AuditedVenue } from './audit-input.ts';
import { type Candles, readCandles } from './candles.ts';
import { type RowCounts, readRows } from './row-counts.ts';

/** What the venue held before a run: the audit looks at what has changed since. */
export interface Baseline {
  /** When it was read, of the epoch. */
  readonly atSeconds: number;
  /** Decimal by asset; absent without an admin API. */
  readonly deposits?: Readonly<Record<string, string>>;
  /** Absent without a database. */
  readonly rows?: RowCounts;
  readonly candles: Candles;
}

/**
 * Reads what a venue holds, before a run sends anything. Nothing may be under way.
 *
 * @param symbols the markets of the run
 */
export async function readBaseline(
  venue: AuditedVenue,
  symbols: readonly string[],
): Promise<Baseline> {
  const { url, admin, databaseUrl } = venue;
  const atSeconds = Math.floor(Date.now() / 1000);
  const deposits = admin && depositsOf(await awaitQuiescence(admin));
  if (admin !== undefined) await awaitProjection(admin);
  // Where others trade, too, they are not looked at.
  const candles = await readCandles(url, venue.isShared === true ? [] : symbols);
  const rows = databaseUrl === undefined ? undefined : await readRows(databaseUrl);
  return {
    atSeconds,
    candles,
    ...(deposits === undefined ? {} : { deposits }),
    ...(rows === undefined ? {} : { rows }),
  };
}

/** By asset. */
export function depositsOf(report: AuditReport): Record<string, string> {
  return Object.fromEntries(report.assets.map(({ asset, deposits }) => [asset, deposits]));
}
