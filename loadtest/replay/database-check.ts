import pg from 'pg';
import { unitsOf } from '../client/decimal-text.ts';
import type { CheckedTrade } from './checker.ts';
import type { CommandList } from './commands.ts';
import { PRICE_DECIMALS } from './day-parser.ts';
import type { Mismatches } from './mismatches.ts';

/** One row of the trades table, numbers as decimal strings. */
export interface TradeRow {
  readonly trade_id: string;
  readonly price: string;
  readonly quantity: string;
}

/** The market's trades from `firstTradeId` on, in order of their ids. */
export async function readTrades(
  databaseUrl: string,
  symbol: string,
  firstTradeId: number,
): Promise<TradeRow[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<TradeRow>(
      `SELECT trade_id::text, price::text, quantity::text
         FROM ringside.trades JOIN ringside.markets USING (market_id)
        WHERE symbol = $1 AND trade_id >= $2
        ORDER BY ringside.trades.trade_id`,
      [symbol, firstTradeId],
    );
    return rows;
  } finally {
    await client.end();
  }
}

/**
 * Compares the trades table with the recorded executions, row by row, and with the trade ids that the
 * aggressors were told. Answers the number of rows that are right.
 */
export function compareTrades(
  list: CommandList,
  checked: readonly CheckedTrade[],
  rows: readonly TradeRow[],
  mismatches: Mismatches,
): number {
  const expected = list.commands.flatMap((command) => command.fills);
  if (rows.length !== expected.length) {
    mismatches.add('database', () => `${rows.length} trades, recorded ${expected.length}`);
  }
  let right = 0;
  rows.forEach((row, index) => {
    const fill = expected[index];
    const isRight =
      fill !== undefined &&
      unitsOf(row.price, PRICE_DECIMALS) === fill.price &&
      unitsOf(row.quantity, 0) === fill.size &&
      checked[index]?.tradeId === Number(row.trade_id);
    if (isRight) right++;
    else mismatches.add('database', () => describeRow(index, row, fill));
  });
  return right;
}

function describeRow(
  index: number,
  row: TradeRow,
  fill: { readonly size: number; readonly price: number } | undefined,
): string {
  const recorded = fill === undefined ? 'nothing' : `${fill.size} at ${fill.price / 10_000}`;
  return `execution ${index + 1}: recorded ${recorded}, table ${row.quantity} at ${row.price} (trade ${row.trade_id})`;
}
