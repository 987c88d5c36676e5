import type { VenueState } from '../../client/admin-client.ts';
import { awaitRest } from '../../client/at-rest.ts';
import type { AccountFacts, SharedFacts } from '../account-facts.ts';
import { type BalanceRow, type DatabaseReader, type TradeRow, withDatabase } from '../database.ts';
import { CHAOS_MARKETS, marketOf } from '../markets.ts';
import type { Operator } from '../operator.ts';
import type { PublicFeed } from '../public-feed.ts';
import type { Trader } from '../trader.ts';
import { auditBook, auditCandles, auditListedTrades, auditOpenOrders } from './engine-audit.ts';
import { LISTED_TRADES, viewEngine } from './engine-view.ts';
import { auditBalances, auditTotals, auditTransfers, TransferLedger } from './money-audit.ts';
import { auditOrders, matchRows, type OrderLedger } from './order-audit.ts';
import { auditTrades, MarketTrades } from './trade-audit.ts';
import { Wallets } from './wallets.ts';

interface AuditSubject {
  readonly url: string;
  readonly databaseUrl: string;
  readonly operator: Operator;
  readonly traders: readonly Trader[];
  readonly feed: PublicFeed;
}

/** What is read of the rows after everything else is known. */
interface LastRows {
  readonly balances: readonly BalanceRow[];
  readonly trades: ReadonlyMap<string, readonly TradeRow[]>;
}

/**
 * Holds a venue at rest against everything that it ever told. Reads from three sides, the rows of the projection,
 * the engine's own answers and the public book, and lets none of them stand for another. What it finds in order is
 * known from then on: the next audit looks at what has happened since.
 */
export class Auditor {
  readonly #shared: SharedFacts;
  readonly #orders: OrderLedger;
  readonly #trades = new Map(CHAOS_MARKETS.map((one) => [one.symbol, new MarketTrades(one)]));
  readonly #transfers = new TransferLedger();
  readonly #wallets = new Wallets();
  #sequences: number[] = [];
  audits = 0;

  constructor(accounts: ReadonlyMap<number, AccountFacts>, shared: SharedFacts) {
    this.#shared = shared;
    const { findings, lastOrderIds } = shared;
    const unanswered = { taken: [], untaken: [] };
    const settled = new Map<string, string>();
    this.#orders = { accounts, settled, lastOrderIds, findings, checked: 0, unanswered };
  }

  /** Order results that were acknowledged and found. */
  get checked(): number {
    return this.#orders.checked;
  }

  /** Of the last audit: orders without an answer that it found in the state, and those that it did not. */
  get unanswered(): OrderLedger['unanswered'] {
    return this.#orders.unanswered;
  }

  /** Trades that were found, each with both its fills. */
  get trades(): number {
    return [...this.#trades.values()].reduce((sum, { lastTradeId }) => sum + lastTradeId, 0);
  }

  /** Nothing may be on its way to the venue. Answers its state at rest. */
  async audit(subject: AuditSubject): Promise<VenueState> {
    this.audits++;
    const { findings } = this.#shared;
    const { operator, feed } = subject;
    // Heartbeats go on: what is told while the state is asked for may be ahead of it.
    const updateIds = new Map(this.#shared.updateIds);
    const { report, state } = await awaitRest(operator.admin);
    this.#checkSequences(state, updateIds);
    const engine = await viewEngine(subject, report);
    const { balances, trades } = await this.#auditRows(subject, state);
    const { accounts } = this.#orders;
    for (const [accountId, orders] of engine.openOrders) {
      auditOpenOrders(accounts.get(accountId)!, orders, marketOf, findings);
    }
    for (const market of CHAOS_MARKETS) {
      const depth = engine.depths.get(market.symbol)!;
      auditBook(market, accounts, depth, feed.markets.get(market.symbol)!.book, findings);
      const listed = engine.trades.get(market.symbol)!;
      auditListedTrades(market, listed, trades.get(market.symbol)!, findings);
    }
    auditBalances(accounts, engine.capitals, balances, this.#wallets, findings);
    auditTotals(report, [...accounts.keys()], this.#transfers, this.#wallets, findings);
    return state;
  }

  /** Every row there ever was, once more: nothing that was settled has changed, nothing is there twice. */
  async auditEverything(databaseUrl: string): Promise<void> {
    const { findings } = this.#shared;
    await withDatabase(databaseUrl, async (reader) => {
      const left = new Set(this.#orders.settled.keys());
      for await (const rows of reader.allOrders()) {
        matchRows(this.#orders, rows);
        for (const { orderId } of rows) left.delete(orderId);
      }
      for (const orderId of left) findings.add('lost', () => `settled order ${orderId} has no row`);
      const { trades, fills } = await reader.counts();
      const known = this.trades;
      if (trades !== known || fills !== 2 * known) {
        findings.add('duplicate', () => `${trades} trades and ${fills} fills, known are ${known}`);
      }
    });
  }

  /** The rows alone: all that can be looked at when the venue lets nobody in. */
  async auditRows(subject: AuditSubject): Promise<void> {
    const updateIds = new Map(this.#shared.updateIds);
    const { state } = await awaitRest(subject.operator.admin);
    this.#checkSequences(state, updateIds);
    await this.#auditRows(subject, state);
  }

  #auditRows(subject: AuditSubject, state: VenueState): Promise<LastRows> {
    return withDatabase(subject.databaseUrl, async (reader) => {
      this.#checkPositions(state, await reader.positions());
      await this.#readRows(subject, reader);
      subject.operator.auditCreations(await reader.creations());
      const trades = new Map<string, readonly TradeRow[]>();
      for (const { market, lastTradeId } of this.#trades.values()) {
        trades.set(market.symbol, await reader.trades(market.symbol, lastTradeId - LISTED_TRADES));
      }
      return { balances: await reader.balances(), trades };
    });
  }

  /** The database is where the venue said that it is, or further. */
  #checkPositions(
    state: VenueState,
    rows: readonly { readonly shard: number; readonly sequence: number }[],
  ): void {
    const positions = new Map(rows.map(({ shard, sequence }) => [shard, sequence]));
    for (const { shard, projectionPosition } of state.shards) {
      const position = positions.get(shard) ?? 0;
      if (position >= projectionPosition) continue;
      this.#shared.findings.add(
        'database',
        () => `it is at event ${position} of shard ${shard}, told as ${projectionPosition}`,
      );
    }
  }

  /** Everything that is new since the last audit. */
  async #readRows({ operator, feed }: AuditSubject, reader: DatabaseReader): Promise<void> {
    const { findings, lastOrderIds } = this.#shared;
    const { accounts } = this.#orders;
    const named = [...accounts.values()].flatMap(({ byOrderId }) => [...byOrderId.keys()]);
    const rows = await reader.orders(new Map(lastOrderIds), named);
    const matched = matchRows(this.#orders, rows);
    const audit = { accounts, wallets: this.#wallets, findings };
    for (const known of this.#trades.values()) {
      const one = feed.markets.get(known.market.symbol)!;
      const trades = await reader.trades(known.market.symbol, known.lastTradeId);
      auditTrades(audit, known, trades, one.trades);
      one.lastTradeId = known.lastTradeId;
      one.isTradeKnown = true;
    }
    auditOrders(this.#orders, matched);
    const transfers = await reader.transfers();
    auditTransfers(operator.transfers, transfers, this.#transfers, this.#wallets, findings);
    auditCandles(this.#trades, await reader.candleSums(), findings);
  }

  /** Neither a shard's events nor a market's updates may be fewer than they were. */
  #checkSequences(state: VenueState, updateIds: ReadonlyMap<string, number>): void {
    const { findings } = this.#shared;
    for (const { shard, sequence } of state.shards) {
      const before = this.#sequences[shard] ?? 0;
      if (sequence < before) {
        findings.add('sequence', () => `shard ${shard} is at event ${sequence} after ${before}`);
      }
      this.#sequences[shard] = sequence;
    }
    for (const { symbol, updateId } of state.markets) {
      const before = updateIds.get(symbol) ?? 0;
      if (updateId >= before) continue;
      findings.add('sequence', () => `${symbol} is at update ${updateId} after ${before}`);
    }
  }
}
