import type { Static } from 'typebox';
import { type HistoryRange, WHOLE_HISTORY } from '../../persistence/account-history.ts';
import type { HistoryGate } from '../account/history-gate.ts';
import { ApiError } from '../api-error.ts';
import { readMarket } from '../orders/request-fields.ts';
import type { Registry } from '../registry/registry.ts';
import { FILL_HISTORY_QUERY, ORDER_HISTORY_QUERY, PAGE_QUERY } from '../schemas/history.ts';
import { includesSpot } from './market-type.ts';
import { EMPTY_PAGE, pageParameters, pageReply, timeParameters } from './pages.ts';
import { queryReader } from './query-reader.ts';
import type { HttpReply, HttpRequest, Route } from './route.ts';
import { authenticateQuery, type SignedRequests } from './signed-request.ts';

const TEXTS = { orderId: '`orderId` is not a string of digits' };
const readPageQuery = queryReader(PAGE_QUERY);
const readOrdersQuery = queryReader(ORDER_HISTORY_QUERY, TEXTS);
const readFillsQuery = queryReader(FILL_HISTORY_QUERY, TEXTS);

/** Histories of what a spot venue has none of, and what their requests are signed as. */
const ALWAYS_EMPTY = {
  borrowLend: 'borrowHistoryQueryAll',
  'borrowLend/positions': 'borrowPositionHistoryQueryAll',
  dust: 'dustHistoryQueryAll',
  funding: 'fundingHistoryQueryAll',
  interest: 'interestHistoryQueryAll',
  settlement: 'settlementHistoryQueryAll',
} as const;

export interface HistoryRoutesDependencies extends SignedRequests {
  readonly history: HistoryGate;
  readonly registry: Registry;
}

/** `/wapi/v1/history`: orders, open ones included, and fills; see `HistoryGate` for when they are refused. */
export function historyRoutes(dependencies: HistoryRoutesDependencies): Route[] {
  const route = (name: string, handle: (request: HttpRequest) => Promise<HttpReply>): Route => ({
    method: 'get',
    path: `/wapi/v1/history/${name}`,
    handle,
  });
  return [
    route('orders', (request) => orderPage(dependencies, request)),
    route('fills', (request) => fillPage(dependencies, request)),
    ...Object.entries(ALWAYS_EMPTY).map(([name, instruction]) =>
      route(name, async (request) => {
        await authenticateQuery(dependencies, request, instruction);
        return pageReply(EMPTY_PAGE, pageParameters(readPageQuery(request.query)));
      }),
    ),
  ];
}

type OrderParameters = Static<typeof ORDER_HISTORY_QUERY>;
type FillParameters = Static<typeof FILL_HISTORY_QUERY>;

async function orderPage(
  dependencies: HistoryRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { history, registry } = dependencies;
  const { grant } = await authenticateQuery(dependencies, request, 'orderHistoryQueryAll');
  const parameters = readOrdersQuery(request.query);
  const range = rangeOf(parameters, grant.key.accountId, registry);
  const page = isPossible(parameters, range) ? await history.orders(range) : EMPTY_PAGE;
  return pageReply(page, range);
}

/** Every fill is of an order that somebody placed: nobody is liquidated. */
async function fillPage(
  dependencies: HistoryRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { history, registry } = dependencies;
  const { grant } = await authenticateQuery(dependencies, request, 'fillHistoryQueryAll');
  const parameters: FillParameters = readFillsQuery(request.query);
  const range = {
    ...rangeOf(parameters, grant.key.accountId, registry),
    ...timeParameters(parameters),
  };
  const { fillType = 'User' } = parameters;
  const isFound = fillType === 'User' && isPossible(parameters, range);
  return pageReply(isFound ? await history.fills(range) : EMPTY_PAGE, range);
}

function rangeOf(parameters: OrderParameters, accountId: number, registry: Registry): HistoryRange {
  const { symbol, orderId, clientId = null } = parameters;
  const market = symbol === undefined ? null : readMarket(symbol, registry);
  if (market instanceof ApiError) throw market;
  return {
    ...{ ...WHOLE_HISTORY, ...pageParameters(parameters), accountId },
    marketId: market === null ? null : market.marketId,
    // May be beyond the safe integers: then it is no order's.
    orderId: orderId === undefined ? null : Number(orderId),
    clientId,
  };
}

/** Whether there can be rows of what is asked for. */
function isPossible(parameters: OrderParameters, { orderId }: HistoryRange): boolean {
  const { strategyId } = parameters;
  return includesSpot(parameters) && strategyId === undefined && Number.isSafeInteger(orderId ?? 0);
}
