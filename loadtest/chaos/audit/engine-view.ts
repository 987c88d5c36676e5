import type { AuditReport } from '../../client/admin-client.ts';
import { type DepthSnapshot, RestClient } from '../../client/rest-client.ts';
import { CHAOS_MARKETS, HALTED_MARKET } from '../markets.ts';
import type { Operator } from '../operator.ts';
import type { Trader } from '../trader.ts';
import type { WireOrder } from '../wire-orders.ts';
import type { ListedTrade } from './engine-audit.ts';
import type { Capital } from './money-audit.ts';

/** How many of a market's last trades are compared with those that REST lists. */
export const LISTED_TRADES = 20;

interface ViewSubject {
  readonly url: string;
  readonly operator: Operator;
  readonly traders: readonly Trader[];
}

/** What the engine itself answers, apart from the rows. */
interface EngineView {
  readonly report: AuditReport;
  readonly openOrders: ReadonlyMap<number, readonly WireOrder[]>;
  readonly capitals: ReadonlyMap<number, Capital>;
  readonly depths: ReadonlyMap<string, DepthSnapshot>;
  readonly trades: ReadonlyMap<string, readonly ListedTrade[]>;
}

/** Asks the venue at `url` for everything that it shows, the market state through the operator who knows it. */
export async function viewEngine(
  { url, traders, operator }: ViewSubject,
  report: AuditReport,
): Promise<EngineView> {
  const rest = new RestClient(url);
  const openOrders = new Map<number, readonly WireOrder[]>();
  const capitals = new Map<number, Capital>();
  for (const { facts, rest: signed } of traders) {
    const { accountId } = facts;
    openOrders.set(accountId, await signed.signedGet('/api/v1/orders', 'orderQueryAll'));
    capitals.set(accountId, await signed.signedGet('/api/v1/capital', 'balanceQuery'));
  }
  const markets = await rest.get<{ symbol: string; orderBookState: string }[]>('/api/v1/markets');
  const halted = markets.find(({ symbol }) => symbol === HALTED_MARKET.symbol);
  operator.checkMarketState(halted?.orderBookState ?? 'missing');
  const depths = new Map<string, DepthSnapshot>();
  const trades = new Map<string, readonly ListedTrade[]>();
  for (const { symbol } of CHAOS_MARKETS) {
    depths.set(symbol, await rest.depth(symbol));
    trades.set(symbol, await rest.get('/api/v1/trades', { symbol, limit: LISTED_TRADES }));
  }
  return { report, openOrders, capitals, depths, trades };
}
