import pg from 'pg';
import type { AdminClient } from '../client/admin-client.ts';
import { unitsOf } from '../client/decimal-text.ts';
import type { CheckedTrade } from './checker.ts';
import type { CommandList } from './commands.ts';
import { PRICE_DECIMALS } from './day-parser.ts';
import type { Mismatches } from './mismatches.ts';

const POLL_MS = 5;
const CATCH_UP_TIMEOUT_MS = 60_000;

export interface DatabaseLag {
  /** Events not yet in the database when the last reply had come. */
  readonly events: number;
  /** How long after that until there were none. */
  readonly untilZeroMs: number;
}

/** Waits until every recorded event of every shard is committed in the database; throws when that takes too long. */
export async function awaitProjection(
  admin: AdminClient,
  timeoutMs = CATCH_UP_TIMEOUT_MS,
): Promise<DatabaseLag> {
  const startMs = performance.now();
  const { shards } = await admin.state();
  const events = shards.reduce(
    (sum, shard) => sum + Math.max(shard.sequence - shard.projectionPosition, 0),
    0,
  );
  const targets = new Map(shards.map((shard) => [shard.shard, shard.sequence]));
  for (;;) {
    const behind = (await admin.state()).shards.some(
      (shard) => shard.projectionPosition < targets.get(shard.shard)!,
    );
    const untilZeroMs = performance.now() - startMs;
    if (!behind) return { events, untilZeroMs };
    if (untilZeroMs > timeoutMs) {
      throw new Error(`the database is still behind after ${timeoutMs / 1000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

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
