import {
  type HistoryPage,
  type HistoryRange,
  WHOLE_HISTORY,
} from '../../persistence/account-history.ts';
import type { HistoryGate } from '../account/history-gate.ts';
import { ApiError, invalidRequest } from '../api-error.ts';
import { readMarket } from '../orders/request-fields.ts';
import type { Registry } from '../registry/registry.ts';
import { includesSpot } from './market-type.ts';
import { EMPTY_PAGE, pageParameters, pageReply, timeParameters } from './pages.ts';
import { QueryParameters } from './query.ts';
import type { HttpReply, HttpRequest, Route } from './route.ts';
import { authenticateQuery, type SignedRequests } from './signed-request.ts';

const FILL_TYPES = [
  ...['User', 'BookLiquidation', 'Adl', 'Backstop', 'Liquidation', 'AllLiquidation'],
  ...['CollateralConversion', 'CollateralConversionAndSpotLiquidation'],
];

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

type Ask = (range: HistoryRange) => Promise<HistoryPage>;

/** `/wapi/v1/history`: orders, open ones included, and fills; see `HistoryGate` for when they are refused. */
export function historyRoutes(dependencies: HistoryRoutesDependencies): Route[] {
  const { history } = dependencies;
  const route = (name: string, handle: (request: HttpRequest) => Promise<HttpReply>): Route => ({
    method: 'get',
    path: `/wapi/v1/history/${name}`,
    handle,
  });
  const orders: Ask = (range) => history.orders(range);
  const fills: Ask = (range) => history.fills(range);
  return [
    route('orders', (request) => answer(dependencies, request, 'orderHistoryQueryAll', orders)),
    route('fills', (request) => answer(dependencies, request, 'fillHistoryQueryAll', fills)),
    ...Object.entries(ALWAYS_EMPTY).map(([name, instruction]) =>
      route(name, async (request) => {
        await authenticateQuery(dependencies, request, instruction);
        return pageReply(EMPTY_PAGE, pageParameters(new QueryParameters(request.query)));
      }),
    ),
  ];
}

async function answer(
  dependencies: HistoryRoutesDependencies,
  request: HttpRequest,
  instruction: 'orderHistoryQueryAll' | 'fillHistoryQueryAll',
  ask: Ask,
): Promise<HttpReply> {
  const { grant } = await authenticateQuery(dependencies, request, instruction);
  const parameters = new QueryParameters(request.query);
  const page = pageParameters(parameters);
  const isOfFills = instruction === 'fillHistoryQueryAll';
  const range: HistoryRange = {
    ...{ ...WHOLE_HISTORY, ...page, accountId: grant.key.accountId },
    marketId: marketIdParameter(parameters, dependencies.registry),
    orderId: orderIdParameter(parameters),
    ...(isOfFills && timeParameters(parameters)),
  };
  const isPossible =
    includesSpot(parameters) &&
    parameters.text('strategyId') === undefined &&
    Number.isSafeInteger(range.orderId ?? 0) &&
    (!isOfFills || isOfUsers(parameters));
  return pageReply(isPossible ? await ask(range) : EMPTY_PAGE, page);
}

/** Every fill is of an order that somebody placed: nobody is liquidated. */
function isOfUsers(parameters: QueryParameters): boolean {
  return (parameters.oneOf('fillType', 'FillType', FILL_TYPES) ?? 'User') === 'User';
}

function marketIdParameter(parameters: QueryParameters, registry: Registry): number | null {
  const symbol = parameters.text('symbol');
  if (symbol === undefined) return null;
  const market = readMarket(symbol, registry);
  if (market instanceof ApiError) throw market;
  return market.marketId;
}

/** May be beyond the safe integers: then it is no order's. */
function orderIdParameter(parameters: QueryParameters): number | null {
  const orderId = parameters.text('orderId');
  if (orderId === undefined) return null;
  if (!/^\d{1,20}$/.test(orderId)) throw invalidRequest('`orderId` is not a string of digits');
  return Number(orderId);
}
