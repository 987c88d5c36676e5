import { setTimeout as delay } from 'node:timers/promises';
import type { AuditInput } from './audit-input.ts';
import { readCandles } from './candles.ts';
import { counted, type Finding, findingOf } from './check.ts';
import { decimalOf, exact } from './decimal-sums.ts';
import type { StreamFindings } from './stream-findings.ts';

const POLL_MS = 100;

/**
 * The public API's candles, which any venue has, add up to the trades of the streams.
 * Where nobody tells how far the database is, they may take their time.
 */
export async function checkCandles(
  { venue, before }: AuditInput,
  { incomplete, markets }: StreamFindings,
  timeoutMs: number,
): Promise<Finding> {
  if (incomplete !== undefined) {
    const detail = `not decidable, the recorder did not hear all: ${incomplete}`;
    return { holds: false, detail };
  }
  const { sinceSeconds } = before.candles;
  const symbols = markets.map(({ symbol }) => symbol);
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const candles = await readCandles(venue.url, symbols, sinceSeconds);
    const wrong: string[] = [];
    for (const { symbol, trades, quantity } of markets) {
      const now = candles.markets.get(symbol)!;
      const then = before.candles.markets.get(symbol) ?? { trades: 0, volume: '0' };
      const told = now.trades - then.trades;
      const volume = exact(now.volume) - exact(then.volume);
      if (told === trades && volume === exact(quantity)) continue;
      wrong.push(
        `${symbol}: candles of ${told} trades of ${decimalOf(volume)}, ${trades} of ${quantity} in the stream`,
      );
    }
    const isOver = wrong.length === 0 || venue.admin !== undefined || performance.now() > endMs;
    if (isOver) return findingOf(wrong, counted(symbols.length, 'market'));
    await delay(POLL_MS);
  }
}
