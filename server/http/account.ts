import { OrderStatus } from '../../engine/protocol/enums.ts';
import type { OrderGateway } from '../orders/order-gateway.ts';
import type { Registry } from '../registry/registry.ts';
import { json, type Route, text } from './route.ts';
import { authenticateBody, authenticateQuery, type SignedRequests } from './signed-request.ts';

export interface AccountRoutesDependencies extends SignedRequests {
  readonly gateway: OrderGateway;
  readonly registry: Registry;
}

/** `/api/v1/account`: settings, none of which can be changed, so a change is accepted and does nothing. */
export function accountRoutes(dependencies: AccountRoutesDependencies): Route[] {
  const { gateway, registry } = dependencies;
  const path = '/api/v1/account';
  return [
    {
      method: 'get',
      path,
      handle: async (request) => {
        const { grant } = await authenticateQuery(dependencies, request, 'accountQuery');
        const orders = await gateway.queryAll(grant.key.accountId, {});
        const stops = orders.filter(({ status }) => status === OrderStatus.TriggerPending).length;
        return json(describe(registry, orders.length - stops, stops));
      },
    },
    {
      method: 'patch',
      path,
      handle: async (request) => {
        await authenticateBody(dependencies, request, 'accountUpdate');
        return text('');
      },
    },
  ];
}

/** Fees are of markets here, in basis points: of an account those are told that none of its trades exceeds. */
function describe(registry: Registry, limitOrders: number, triggerOrders: number): object {
  const specs = registry.markets.map(({ spec }) => spec);
  return {
    autoBorrowSettlements: false,
    autoLend: false,
    autoRealizePnl: false,
    autoRepayBorrows: false,
    borrowLimit: '0',
    futuresMakerFee: '0',
    futuresTakerFee: '0',
    leverageLimit: '1',
    limitOrders,
    liquidating: false,
    positionLimit: '0',
    spotMakerFee: String(Math.max(0, ...specs.map(({ makerFeeBps }) => makerFeeBps))),
    spotTakerFee: String(Math.max(0, ...specs.map(({ takerFeeBps }) => takerFeeBps))),
    triggerOrders,
  };
}
