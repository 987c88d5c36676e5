import type { AuditCheck } from '../result/run-result.ts';
import type { AuditInput } from './audit-input.ts';
import { check, counted, type Finding, findingOf } from './check.ts';
import type { RowCounts } from './row-counts.ts';
import type { StreamFindings } from './stream-findings.ts';
import { differing, noSums, type Sums, sumsSince, TRADE_FIGURES } from './weighted-sums.ts';

/** Each record that was told is that of the rows, by sums over all of them (see `WeightedSums`). */
export async function checkRowSums(
  { before }: AuditInput,
  reading: Promise<RowCounts>,
  streams: StreamFindings,
): Promise<AuditCheck[]> {
  const then = before.rows?.sums;
  return [
    await check('each trade of the public streams is as in its row', async () => {
      const { sums } = await reading;
      return publicTrades(streams, (symbol) =>
        sumsSince(sums.trades.get(symbol) ?? noSums(TRADE_FIGURES), then?.trades.get(symbol)),
      );
    }),
  ];
}

function publicTrades(
  { incomplete, markets }: StreamFindings,
  rowsOf: (symbol: string) => MarketTradeSums,
): Finding {
  if (incomplete !== undefined) {
    return {
      holds: false,
      detail: `not decidable, the recorder did not hear all: ${incomplete}`,
    };
  }
  const wrong = markets.flatMap(({ symbol, tradeSums }) =>
    difference(symbol, tradeSums, rowsOf(symbol)),
  );
  const trades = markets.reduce((total, market) => total + market.trades, 0);
  return findingOf(wrong, `${TRADE_FIGURES.join(', ')} of ${counted(trades, 'trade')}`);
}

type MarketTradeSums = StreamFindings['markets'][number]['tradeSums'];

function difference<Figure extends string>(
  whose: string,
  told: Sums<Figure>,
  rows: Sums<Figure>,
): string[] {
  const figures = differing(told, rows);
  return figures.length === 0 ? [] : [`${whose}: other ${figures.join(', ')} than in the rows`];
}
