import type { AuditCheck } from '../result/run-result.ts';
import type { AuditInput } from './audit-input.ts';
import { check, counted, type Finding, findingOf } from './check.ts';
import type { RowCounts } from './row-counts.ts';
import type { StreamFindings } from './stream-findings.ts';
import {
  differing,
  FILL_FIGURES,
  type FillSums,
  noSums,
  ORDER_FIGURES,
  type OrderSums,
  type Sums,
  sumsSince,
  TRADE_FIGURES,
} from './weighted-sums.ts';

/** Each record that was told is that of the rows, by sums over all of them (see `WeightedSums`). */
export async function checkRowSums(
  { before, counts, fillsOfReplies, accounts }: AuditInput,
  reading: Promise<RowCounts>,
  streams: StreamFindings,
): Promise<AuditCheck[]> {
  const then = before.rows?.sums;
  const fillsIn = (rows: RowCounts, party: 'takerFills' | 'makerFills') => (symbol: string) =>
    sumsSince(rows.sums[party].get(symbol) ?? noSums(FILL_FIGURES), then?.[party].get(symbol));
  const checks = [
    await check('each trade of the public streams is as in its row', async () => {
      const { sums } = await reading;
      return publicTrades(streams, (symbol) =>
        sumsSince(sums.trades.get(symbol) ?? noSums(TRADE_FIGURES), then?.trades.get(symbol)),
      );
    }),
  ];
  // A request without an answer may have traded, and nobody told of its fills.
  if (fillsOfReplies !== undefined && counts.unknown === 0) {
    checks.push(
      await check('each fill of the replies is as in its row', async () =>
        fills(fillsOfReplies.sums, fillsIn(await reading, 'takerFills'), counts.fills),
      ),
    );
  }
  const { accounts: heard } = streams;
  if (heard === undefined) return checks;
  return [
    ...checks,
    await check('each fill of the private streams is as in its row', async () => {
      const rows = await reading;
      const { takerSums, makerSums, takerFills, makerFills } = heard;
      return findingOf(
        [
          ...differences(takerSums, fillsIn(rows, 'takerFills'), ' to who took'),
          ...differences(makerSums, fillsIn(rows, 'makerFills'), ' to who made'),
        ],
        `${FILL_FIGURES.join(', ')} of ${counted(takerFills + makerFills, 'fill')}`,
      );
    }),
    await check('orders began and ended in the database as the private streams told', async () => {
      const { sums } = await reading;
      const rowsOf = (accountId: number): OrderSums =>
        sumsSince(sums.orders.get(accountId) ?? noSums(ORDER_FIGURES), then?.orders.get(accountId));
      const wrong = accounts.flatMap(({ accountId }, index) =>
        accountId === undefined
          ? []
          : difference(`account ${accountId}`, heard.orderSums[index]!, rowsOf(accountId)),
      );
      return findingOf(
        wrong,
        `order ids and last statuses of ${counted(heard.accounts, 'account')}`,
      );
    }),
  ];
}

function fills(
  told: ReadonlyMap<string, FillSums>,
  rowsOf: (symbol: string) => FillSums,
  count: number,
): Finding {
  return findingOf(
    differences(told, rowsOf),
    `${FILL_FIGURES.join(', ')} of ${counted(count, 'fill')}`,
  );
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

function differences(
  told: ReadonlyMap<string, FillSums>,
  rowsOf: (symbol: string) => FillSums,
  whom = '',
): string[] {
  return [...told].flatMap(([symbol, sums]) =>
    difference(`${symbol}${whom}`, sums, rowsOf(symbol)),
  );
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
