import type { AuditCheck } from '../result/run-result.ts';
import type { AuditInput } from './audit-input.ts';
import { candleSums, candlesOfApi } from './candle-rows-check.ts';
import { check, counted, type Finding, findingOf } from './check.ts';
import { decimalOf, exact } from './decimal-sums.ts';
import { type MarketRows, NO_ROWS, type RowCounts, readRows } from './row-counts.ts';
import { checkRowSums } from './row-sum-checks.ts';
import type { StreamFindings } from './stream-findings.ts';

/** Postgres, once it has caught up: the rows are what replies and streams told. */
export async function checkRows(
  input: AuditInput,
  databaseUrl: string,
  streams: StreamFindings,
): Promise<AuditCheck[]> {
  // Read once, and asked by every check: each of them says so when it cannot be read.
  const reading = readRows(databaseUrl);
  const checks = [
    await check('orders in the database are those acknowledged', async () =>
      orders(input, await reading),
    ),
  ];
  if (input.accounts.some(({ cancelsAcknowledged }) => cancelsAcknowledged !== undefined)) {
    checks.push(
      await check('cancelled orders in the database are the cancels acknowledged', async () =>
        cancelled(input, await reading),
      ),
    );
  }
  if (input.venue.isShared === true) return checks;
  return [
    ...checks,
    await check('trades in the database are the fills told', async () =>
      trades(input, changes(input, await reading)),
    ),
    await check('rows of each market agree with its stream', async () =>
      quantities(changes(input, await reading), streams),
    ),
    ...(await checkRowSums(input, reading, streams)),
    await check('candles in the database add up to the trades', async () =>
      candleSums(input, await reading, streams),
    ),
    await check('candles of the API are those in the database', () =>
      candlesOfApi(input, databaseUrl, streams),
    ),
  ];
}

function orders({ accounts, before }: AuditInput, rows: RowCounts): Finding {
  const wrong: string[] = [];
  let total = 0;
  for (const { accountId, ordersAcknowledged, unknown } of accounts) {
    if (accountId === undefined) continue;
    const found = (rows.orders.get(accountId) ?? 0) - (before.rows?.orders.get(accountId) ?? 0);
    total += found;
    const surplus = found - ordersAcknowledged;
    if (surplus >= 0 && surplus <= unknown) continue;
    const doubt = unknown > 0 ? ` and ${unknown} requests are unknown` : '';
    wrong.push(
      `account ${accountId} has ${found} orders, ${ordersAcknowledged} were acknowledged${doubt}`,
    );
  }
  return findingOf(wrong, `${counted(total, 'order')} of ${counted(accounts.length, 'account')}`);
}

function cancelled({ accounts, before }: AuditInput, rows: RowCounts): Finding {
  const wrong: string[] = [];
  let total = 0;
  for (const { accountId, cancelsAcknowledged, unknown } of accounts) {
    if (accountId === undefined || cancelsAcknowledged === undefined) continue;
    const then = before.rows?.cancelled.get(accountId) ?? 0;
    const found = (rows.cancelled.get(accountId) ?? 0) - then;
    total += found;
    const surplus = found - cancelsAcknowledged;
    if (surplus >= 0 && surplus <= unknown) continue;
    const doubt = unknown > 0 ? ` and ${unknown} requests are unknown` : '';
    wrong.push(
      `account ${accountId} has ${found} cancelled orders, ${cancelsAcknowledged} cancels were acknowledged${doubt}`,
    );
  }
  return findingOf(wrong, counted(total, 'cancelled order'));
}

function trades(
  { counts, fillsTold }: AuditInput,
  markets: ReadonlyMap<string, MarketRows>,
): Finding {
  const sum = (field: 'trades' | 'fills'): number =>
    [...markets.values()].reduce((total, rows) => total + rows[field], 0);
  const found = sum('trades');
  const fills = sum('fills');
  const { taker, maker } = fillsTold;
  const wrong: string[] = [];
  // A request without an answer may have traded, and nobody told of its own fills.
  const isTaker = counts.unknown > 0 ? found >= taker : found === taker;
  if (!isTaker) wrong.push(`${found} trades, ${taker} fills were told to those who took`);
  if (maker !== undefined && found !== maker) {
    wrong.push(`${found} trades, ${maker} fills were told to those who made`);
  }
  if (fills !== 2 * found) wrong.push(`${found} trades have ${fills} fills`);
  return findingOf(wrong, `${counted(found, 'trade')}, ${counted(fills, 'fill')}`);
}

function quantities(
  rows: ReadonlyMap<string, MarketRows>,
  { incomplete, markets }: StreamFindings,
): Finding {
  const wrong: string[] = [];
  for (const [symbol, { quantity, executedQuantity }] of rows) {
    if (exact(executedQuantity) === 2n * exact(quantity)) continue;
    wrong.push(
      `${symbol}: trades of ${quantity} in all, its orders executed ${executedQuantity} on both sides`,
    );
  }
  for (const { symbol, trades: told, quantity } of markets) {
    const found = rows.get(symbol) ?? NO_ROWS;
    if (told === found.trades && exact(quantity) === exact(found.quantity)) continue;
    const inRows = `${found.trades} trades of ${found.quantity} in the rows`;
    wrong.push(`${symbol}: ${inRows}, ${told} of ${quantity} in the stream`);
  }
  if (incomplete !== undefined) {
    const detail = `not decidable, the recorder did not hear all: ${incomplete}`;
    return { holds: false, detail };
  }
  return findingOf(wrong, `trades and executed quantities of ${counted(markets.length, 'market')}`);
}

/** What the rows have become more since the baseline. */
function changes({ before }: AuditInput, after: RowCounts): Map<string, MarketRows> {
  const changed = new Map<string, MarketRows>();
  for (const [symbol, now] of after.markets) {
    const then = before.rows?.markets.get(symbol) ?? NO_ROWS;
    const less = (field: 'quantity' | 'executedQuantity'): string =>
      decimalOf(exact(now[field]) - exact(then[field]));
    changed.set(symbol, {
      trades: now.trades - then.trades,
      quantity: less('quantity'),
      fills: now.fills - then.fills,
      executedQuantity: less('executedQuantity'),
    });
  }
  return changed;
}
