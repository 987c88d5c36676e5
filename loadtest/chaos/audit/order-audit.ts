import { unitsOf } from '../../client/decimal-text.ts';
import type { AccountFacts } from '../account-facts.ts';
import type { OrderRow } from '../database.ts';
import type { Findings } from '../findings.ts';
import { type ChaosMarket, marketOf } from '../markets.ts';
import { isOver, type OrderRecord, sameTerms, type Terms } from '../order-record.ts';

/** Facts of a run that outlive the orders they are about. */
export interface OrderLedger {
  readonly accounts: ReadonlyMap<number, AccountFacts>;
  /** Digests of the rows of orders that were over and right: they may never change again. */
  readonly settled: Map<string, string>;
  /** By the shard in the low bits of the ids. */
  readonly lastOrderIds: Map<number, number>;
  readonly findings: Findings;
  /** Acknowledged order results that were found in the state. */
  checked: number;
  /** Of the last audit: requests without an answer, by what became of them. */
  readonly unanswered: { readonly taken: OrderRecord[]; readonly untaken: OrderRecord[] };
}

const SHARD_BITS = 63;

/** Each row under the record of the request that caused it; rows that have none are findings. */
export function matchRows(
  ledger: OrderLedger,
  rows: readonly OrderRow[],
): Map<OrderRecord, OrderRow> {
  const matched = new Map<OrderRecord, OrderRow>();
  for (const row of rows) {
    noteOrderId(ledger, row.orderId);
    const digest = ledger.settled.get(row.orderId);
    if (digest !== undefined) {
      if (digest !== row.digest) {
        ledger.findings.add('contradiction', () => `settled ${nameOf(row)} has changed`);
      }
      continue;
    }
    const record = recordOf(ledger, row);
    if (record !== null) matched.set(record, row);
  }
  return matched;
}

function noteOrderId({ lastOrderIds }: OrderLedger, orderId: string): void {
  const id = Number(orderId);
  const shard = id & SHARD_BITS;
  if (id > (lastOrderIds.get(shard) ?? 0)) lastOrderIds.set(shard, id);
}

function recordOf({ accounts, findings }: OrderLedger, row: OrderRow): OrderRecord | null {
  const facts = accounts.get(row.accountId);
  const { clientId } = row;
  const record = clientId === null ? undefined : facts?.records.get(clientId);
  if (facts === undefined || clientId === null || record === undefined) {
    const wasSent = facts !== undefined && clientId !== null && clientId <= facts.lastClientId;
    findings.add(wasSent ? 'duplicate' : 'phantom', () =>
      wasSent
        ? `${nameOf(row)}: the client id was settled before`
        : `${nameOf(row)} was never sent`,
    );
    return null;
  }
  if (record.answer === 'refused') {
    findings.add('phantom', () => `${nameOf(row)} was refused, and is ${row.status}`);
    return null;
  }
  if (record.orderId !== null && record.orderId !== row.orderId) {
    findings.add('duplicate', () => `${nameOf(row)} has the client id of ${record.name}`);
    return null;
  }
  record.orderId = row.orderId;
  facts.byOrderId.set(row.orderId, record);
  return record;
}

/**
 * Holds every record against its row, after `auditTrades` has summed up the fills. Orders that are over and right
 * are settled; of the others the state is what is known from here on.
 */
export function auditOrders(
  ledger: OrderLedger,
  matched: ReadonlyMap<OrderRecord, OrderRow>,
): void {
  ledger.unanswered.taken.length = 0;
  ledger.unanswered.untaken.length = 0;
  for (const facts of ledger.accounts.values()) {
    for (const record of [...facts.records.values()]) {
      const row = matched.get(record);
      if (row === undefined) missing(ledger, facts, record);
      else auditRow(ledger, facts, record, row);
    }
  }
}

/** Nothing of the order is in the state: right when it was refused, or never answered. */
function missing(ledger: OrderLedger, facts: AccountFacts, record: OrderRecord): void {
  const { findings, unanswered } = ledger;
  if (record.answer === 'open') unanswered.untaken.push(record);
  if (record.orderId !== null) {
    findings.add('lost', () => `${record.name}, told as ${record.status}, is not in the state`);
  }
  facts.settled(record);
}

function auditRow(
  ledger: OrderLedger,
  facts: AccountFacts,
  record: OrderRecord,
  row: OrderRow,
): void {
  const { findings } = ledger;
  const market = marketOf(record.sent.symbol);
  const before = findings.total;
  checkFeatures(findings, record, row, market);
  checkProgress(findings, record, row, market);
  checkTerms(findings, record, row, market);
  checkSums(findings, record, row, market);
  if (findings.total === before) ledger.checked += record.unchecked;
  record.unchecked = 0;
  if (record.answer === 'open') ledger.unanswered.taken.push(record);
  record.answer = 'taken';
  record.status = row.status;
  record.executed = unitsOf(row.executedQuantity, market.quantityDecimals);
  record.executedQuoteUnits = unitsOf(row.executedQuoteQuantity, market.quote.decimals);
  record.isChanging = false;
  // Whatever was under way and is not done by now can never be: the state is at rest.
  record.cancelsAsked = 0;
  facts.found(record);
  if (!isOver(row.status)) return;
  ledger.settled.set(row.orderId, row.digest);
  facts.settled(record);
}

function checkFeatures(
  findings: Findings,
  { sent, name }: OrderRecord,
  row: OrderRow,
  { priceDecimals, quote }: ChaosMarket,
): void {
  const pairs: readonly (readonly [name: string, found: unknown, sent: unknown])[] = [
    ['market', row.symbol, sent.symbol],
    ['side', row.side, sent.side],
    ['type', row.orderType, sent.orderType],
    ['time in force', row.timeInForce, sent.timeInForce],
    ['post only', row.postOnly, sent.postOnly],
    ['self trade prevention', row.selfTradePrevention, sent.selfTradePrevention],
    ['quote quantity', unitsOrNull(row.quoteQuantity, quote.decimals), sent.quoteQuantity],
    ['trigger price', unitsOrNull(row.triggerPrice, priceDecimals), sent.triggerPrice],
  ];
  for (const [feature, found, asked] of pairs) {
    if (found === asked) continue;
    findings.add('contradiction', () => `${name}: ${feature} ${asked} became ${found}`);
  }
}

/** Nothing that was told may be undone. */
function checkProgress(
  findings: Findings,
  record: OrderRecord,
  row: OrderRow,
  { quantityDecimals }: ChaosMarket,
): void {
  const executed = unitsOf(row.executedQuantity, quantityDecimals);
  const describe = (): string =>
    `${record.name}, told as ${record.status} with ${record.executed} executed, is ${row.status} with ${executed}`;
  const isUndone = record.isOver && (row.status !== record.status || executed !== record.executed);
  if (isUndone || executed < record.executed) findings.add('lost', describe);
  else if (row.status === 'Cancelled' && !record.isOver && record.cancelsAsked === 0) {
    findings.add('phantom', () => `${describe()}, though nobody cancelled it`);
  }
}

/** Price and quantity are the last ones told, or those that an unanswered change asked for. */
function checkTerms(
  findings: Findings,
  record: OrderRecord,
  row: OrderRow,
  { priceDecimals, quantityDecimals }: ChaosMarket,
): void {
  const found: Terms = {
    price: unitsOrNull(row.price, priceDecimals),
    quantity: unitsOrNull(row.quantity, quantityDecimals),
  };
  const { terms, change } = record;
  record.terms = found;
  record.change = null;
  if (sameTerms(found, terms) || (change !== null && sameTerms(found, change))) return;
  findings.add(
    'lost',
    () => `${record.name}, told as ${JSON.stringify(terms)}, is ${JSON.stringify(found)}`,
  );
}

/** The order is the sum of its fills, and has paid exactly the fees of them. */
function checkSums(
  findings: Findings,
  { name, filled, fills, sent }: OrderRecord,
  row: OrderRow,
  { quantityDecimals, quote }: ChaosMarket,
): void {
  for (const fill of fills.values()) {
    findings.add('lost', () => `${name}: no trade ${fill.tradeId} of ${fill.quantity} was kept`);
  }
  fills.clear();
  const executed = unitsOf(row.executedQuantity, quantityDecimals);
  const quoteUnits = unitsOf(row.executedQuoteQuantity, quote.decimals);
  if (filled.quantity !== executed || filled.quoteUnits !== quoteUnits) {
    findings.add(
      'half applied',
      () =>
        `${name} has executed ${executed} for ${quoteUnits}, its fills say ${filled.quantity} for ${filled.quoteUnits}`,
    );
  }
  const fees = Math.ceil(filled.feesOwed / 10_000);
  if (filled.feeUnits !== fees) {
    findings.add('money', () => `${name} has paid ${filled.feeUnits} in fees, not ${fees}`);
  }
  const quantity = unitsOrNull(row.quantity, quantityDecimals);
  const isWhole = quantity === null || executed === quantity;
  const fits =
    row.status === 'Filled'
      ? isWhole
      : row.status === 'New'
        ? executed === 0
        : executed !== quantity;
  if (!fits) {
    const asked = quantity ?? sent.quoteQuantity;
    findings.add('half applied', () => `${name} is ${row.status} with ${executed} of ${asked}`);
  }
}

function unitsOrNull(text: string | null, decimals: number): number | null {
  return text === null ? null : unitsOf(text, decimals);
}

function nameOf({ orderId, accountId, clientId, symbol }: OrderRow): string {
  return `order ${orderId} (account ${accountId}, client id ${clientId}, ${symbol})`;
}
