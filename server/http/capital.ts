import { balanceEntries } from '../orders/balances.ts';
import type { OrderGateway } from '../orders/order-gateway.ts';
import type { Registry } from '../registry/registry.ts';
import { json, type Route } from './route.ts';
import { authenticateQuery, type SignedRequests } from './signed-request.ts';

interface CapitalRoutesDependencies extends SignedRequests {
  readonly gateway: OrderGateway;
  readonly registry: Registry;
}

/** `/api/v1/capital`: the account's balances by asset, every asset it ever held. */
export function capitalRoutes(dependencies: CapitalRoutesDependencies): Route[] {
  const { gateway, registry } = dependencies;
  return [
    {
      method: 'get',
      path: '/api/v1/capital',
      handle: async (request) => {
        const { grant } = await authenticateQuery(dependencies, request, 'balanceQuery');
        const balances = await gateway.balances(grant.key.accountId);
        return json(Object.fromEntries(balanceEntries(balances, registry)));
      },
    },
  ];
}
