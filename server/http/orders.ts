import { Permission } from '../../engine/protocol/enums.ts';
import type { OrderEvent } from '../../engine/protocol/events.ts';
import { type ApiError, invalidRequest } from '../api-error.ts';
import { numbersAsWritten } from '../auth/json-numbers.ts';
import { BatchAnswers, type BatchItemFormat } from '../orders/batch-answers.ts';
import { batchOrderJson, batchRefusalJson, orderJson } from '../orders/order-json.ts';
import type { RequestFields } from '../orders/request-fields.ts';
import type { Registry } from '../registry/registry.ts';
import { OPEN_ORDERS_QUERY } from '../schemas/orders.ts';
import { includesSpot } from './market-type.ts';
import type { OrderRoutesDependencies } from './order.ts';
import { queryReader } from './query-reader.ts';
import type { HttpReply, HttpRequest, Route } from './route.ts';
import {
  authenticateBody,
  authenticateQuery,
  credentialsOf,
  jsonText,
  parseJson,
  signedMembers,
} from './signed-request.ts';

const readOpenOrdersQuery = queryReader(OPEN_ORDERS_QUERY);

/** `/api/v1/orders`: batches, open orders, cancel all. */
export function ordersRoutes(dependencies: OrderRoutesDependencies): Route[] {
  const path = '/api/v1/orders';
  return [
    { method: 'post', path, handle: (request) => placeBatch(dependencies, request) },
    { method: 'get', path, handle: (request) => listOpenOrders(dependencies, request) },
    { method: 'del', path, handle: (request) => cancelAllOrders(dependencies, request) },
  ];
}

/** Each order is accepted or refused on its own; the answers are in request order, HTTP status 200. */
async function placeBatch(
  { authenticator, gateway, registry }: OrderRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const orders = parseJson(request.body);
  if (!Array.isArray(orders))
    throw invalidRequest('parse request payload error: failed to parse the batch as an array');
  if (orders.length === 0) throw invalidRequest('A batch needs at least one order');
  const parameterSets = orders.map((order: unknown) =>
    typeof order === 'object' && order !== null ? signedMembers(order) : [],
  );
  const grant = await authenticator.authenticate(
    credentialsOf(request),
    'orderExecute',
    parameterSets,
    Permission.Trade,
    numbersAsWritten(request.body, parameterSets),
  );
  return new Promise((resolve, reject) => {
    const refusal = gateway.batch(
      grant.key.accountId,
      orders,
      (count) =>
        new BatchAnswers(count, jsonBatchItems(registry), (items) =>
          resolve(jsonText(`[${items.join(',')}]`)),
        ),
      grant.expiresAtUs,
    );
    if (refusal !== undefined) reject(refusal);
  });
}

async function listOpenOrders(
  dependencies: OrderRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { gateway, registry } = dependencies;
  const { grant } = await authenticateQuery(dependencies, request, 'orderQueryAll');
  const asked = readOpenOrdersQuery(request.query);
  if (!includesSpot(asked)) return jsonText('[]');
  const scope = { symbol: asked.symbol };
  return jsonText(orderList(await gateway.queryAll(grant.key.accountId, scope), registry));
}

/** Answers the orders it cancelled, of one kind only when there is an `orderType`, on one side when there is a `side`. */
async function cancelAllOrders(
  dependencies: OrderRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { gateway, registry } = dependencies;
  const { grant, body } = await authenticateBody(dependencies, request, 'orderCancelAll');
  assertOneMarket(body);
  const cancelled = await gateway.cancelAll(grant.key.accountId, body);
  return jsonText(orderList(cancelled, registry));
}

/**
 * Over REST a cancel-all is of one market.
 *
 * @throws ApiError
 */
export function assertOneMarket({ symbol }: RequestFields): void {
  if (typeof symbol !== 'string') throw invalidRequest('`symbol` is missing or not a string');
}

function orderList(orders: readonly OrderEvent[], registry: Registry): string {
  return `[${orders.map((order) => orderJson(order, registry.market(order.marketId))).join(',')}]`;
}

function jsonBatchItems(registry: Registry): BatchItemFormat<string> {
  return {
    batchOrder: (order, fills) => batchOrderJson(order, fills, registry.market(order.marketId)),
    batchRefusal: (error: ApiError) => batchRefusalJson(error),
  };
}
