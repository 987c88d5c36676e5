import type { OrderEvent } from '../../engine/protocol/events.ts';
import { type ApiError, apiErrorOf, invalidRequest } from '../api-error.ts';
import type { OrderAnswer } from '../engine/pending-requests.ts';
import type { OrderGateway } from '../orders/order-gateway.ts';
import { executedOrderJson, orderJson } from '../orders/order-json.ts';
import type { RequestFields } from '../orders/request-fields.ts';
import type { Market, Registry } from '../registry/registry.ts';
import { ORDER_QUERY } from '../schemas/orders.ts';
import { queryReader } from './query-reader.ts';
import type { HttpReply, HttpRequest, Route } from './route.ts';
import {
  authenticateBody,
  authenticateQuery,
  jsonText,
  type SignedRequests,
} from './signed-request.ts';

const readReference = queryReader(ORDER_QUERY);

export interface OrderRoutesDependencies extends SignedRequests {
  readonly gateway: OrderGateway;
  readonly registry: Registry;
}

/** `/api/v1/order`: one order. */
export function orderRoutes(dependencies: OrderRoutesDependencies): Route[] {
  const path = '/api/v1/order';
  return [
    { method: 'post', path, handle: (request) => placeOrder(dependencies, request) },
    { method: 'get', path, handle: (request) => queryOrder(dependencies, request) },
    { method: 'del', path, handle: (request) => cancelOrder(dependencies, request) },
    { method: 'patch', path, handle: (request) => modifyOrder(dependencies, request) },
  ];
}

async function placeOrder(
  dependencies: OrderRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { gateway, registry } = dependencies;
  const { grant, body } = await authenticateBody(dependencies, request, 'orderExecute');
  return replyWith(registry, executedOrderJson, (answer) =>
    gateway.place(grant.key.accountId, body, answer, grant.expiresAtUs),
  );
}

async function cancelOrder(
  dependencies: OrderRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { gateway, registry } = dependencies;
  const { grant, body } = await authenticateBody(dependencies, request, 'orderCancel');
  return replyWith(registry, orderAlone, (answer) =>
    gateway.cancel(grant.key.accountId, body, answer),
  );
}

/** Open orders only: one that is filled, cancelled or expired is 404 RESOURCE_NOT_FOUND. */
async function queryOrder(
  dependencies: OrderRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { gateway, registry } = dependencies;
  const { grant } = await authenticateQuery(dependencies, request, 'orderQuery');
  const reference = readReference(request.query);
  return replyWith(registry, orderAlone, (answer) =>
    gateway.query(grant.key.accountId, reference, answer),
  );
}

/**
 * An extension of ours, signed with the instruction `orderModify`. The body names the order as for a
 * cancel (`symbol` and one of `orderId`, `clientId`) and holds either
 *
 * - `reduceQuantity`: taken off the open quantity, the order keeps its place in the queue; or
 * - `price`, `quantity` or both: the new limit price and the new total quantity, what was executed
 *   included; the order goes to the back of its new level and may trade at once.
 *
 * Answers the order as it is afterwards, with the fills of a replacement.
 */
async function modifyOrder(
  dependencies: OrderRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { gateway, registry } = dependencies;
  const { grant, body } = await authenticateBody(dependencies, request, 'orderModify');
  const { accountId } = grant.key;
  const reduces = isReduction(body);
  return replyWith(registry, executedOrderJson, (answer) =>
    reduces
      ? gateway.reduce(accountId, body, answer)
      : gateway.replace(accountId, body, answer, grant.expiresAtUs),
  );
}

/**
 * Whether a modification takes off the order instead of replacing it.
 *
 * @throws ApiError when it says both
 */
export function isReduction(body: RequestFields): boolean {
  const reduces = Object.hasOwn(body, 'reduceQuantity');
  if (reduces && (Object.hasOwn(body, 'price') || Object.hasOwn(body, 'quantity'))) {
    throw invalidRequest('`reduceQuantity` does not go with `price` or `quantity`');
  }
  return reduces;
}

type RenderOrder = (
  order: Readonly<OrderEvent>,
  fills: readonly Readonly<OrderEvent>[],
  market: Market,
) => string;

const orderAlone: RenderOrder = (order, _fills, market) => orderJson(order, market);

/** Sends one order request and resolves to its reply. */
function replyWith(
  registry: Registry,
  render: RenderOrder,
  send: (answer: OrderAnswer) => ApiError | undefined,
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const refusal = send({
      answered: (order, fills) =>
        resolve(jsonText(render(order, fills, registry.market(order.marketId)))),
      refused: (code) => reject(apiErrorOf(code)),
    });
    if (refusal !== undefined) reject(refusal);
  });
}
