import type { AuditInput } from './audit-input.ts';
import { type Candle, readApiCandles, readCandleRows } from './candle-rows.ts';
import { counted, type Finding, findingOf } from './check.ts';
import { decimalOf, exact } from './decimal-sums.ts';
import type { CandleSum, RowCounts } from './row-counts.ts';
import type { StreamFindings } from './stream-findings.ts';

const MEMBERS = ['open', 'high', 'low', 'close', 'volume', 'quoteVolume', 'trades'] as const;
const NO_CANDLES: CandleSum = { trades: 0, volume: '0' };

/** The rows of `klines` have become more by the trades of the streams: in each interval, whatever the API says. */
export function candleSums(
  { before }: AuditInput,
  after: RowCounts,
  { incomplete, markets }: StreamFindings,
): Finding {
  if (incomplete !== undefined) {
    const detail = `not decidable, the recorder did not hear all: ${incomplete}`;
    return { holds: false, detail };
  }
  const wrong: string[] = [];
  let intervals = 0;
  for (const { symbol, trades, quantity } of markets) {
    const now = after.candles.get(symbol) ?? new Map<string, CandleSum>();
    const then = before.rows?.candles.get(symbol);
    if (now.size === 0 && trades > 0) wrong.push(`${symbol} has no candles of ${trades} trades`);
    for (const [interval, sum] of now) {
      const earlier = then?.get(interval) ?? NO_CANDLES;
      const told = sum.trades - earlier.trades;
      const volume = exact(sum.volume) - exact(earlier.volume);
      intervals++;
      if (told === trades && volume === exact(quantity)) continue;
      wrong.push(
        `${symbol} ${interval}: candles of ${told} trades of ${decimalOf(volume)}, ${trades} of ${quantity} in the stream`,
      );
    }
  }
  return findingOf(
    wrong,
    `${counted(intervals, 'interval')} of ${counted(markets.length, 'market')}`,
  );
}

/** What the API answers, of its memory for the most part, is what the rows say: candle by candle since the baseline. */
export async function candlesOfApi(
  { venue, before }: AuditInput,
  databaseUrl: string,
  { markets }: StreamFindings,
): Promise<Finding> {
  const symbols = markets.map(({ symbol }) => symbol);
  const told = await readApiCandles(venue.url, symbols, before.atSeconds);
  const rows = await readCandleRows(databaseUrl, told);
  const found = new Map(rows.map((row) => [nameOf(row), row]));
  const wrong = told.flatMap((candle) => {
    const row = found.get(nameOf(candle));
    if (row === undefined) return [`${nameOf(candle)} is not in the database`];
    const member = MEMBERS.find((name) => candle[name] !== row[name]);
    if (member === undefined) return [];
    return [`${nameOf(candle)}: ${member} ${candle[member]}, in the database ${row[member]}`];
  });
  return findingOf(wrong, counted(told.length, 'candle'));
}

function nameOf({ symbol, interval, start }: Candle): string {
  return `${symbol} ${interval} ${start}`;
}
