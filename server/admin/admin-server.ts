import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError, shuttingDownError } from '../api-error.ts';
import type { ApiKeys } from '../auth/api-keys.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { HttpServer } from '../http/http-server.ts';
import type { Route } from '../http/route.ts';
import type { Log } from '../log.ts';
import type { Protections } from '../protection/protections.ts';
import type { AccountDirectory } from '../registry/account-directory.ts';
import type { Market, Registry } from '../registry/registry.ts';
import { accountRoutes } from './accounts.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { assetRoutes } from './assets.ts';
import { auditRoute } from './audit.ts';
import { healthRoutes } from './health.ts';
import { killRoutes } from './kill.ts';
import { marketRoutes } from './markets.ts';
import { metricsRoute } from './metrics.ts';
import { stateRoute } from './state.ts';
import { transferRoutes } from './transfers.ts';
import type { VenueStatus } from './venue-status.ts';

interface AdminOptions {
  readonly engine: EngineClient;
  readonly registry: Registry;
  /** Kept up by whoever hears the engine's events. */
  readonly accounts: AccountDirectory;
  readonly apiKeys: ApiKeys;
  readonly protections: Pick<Protections, 'killSwitches'>;
  readonly status: VenueStatus;
  /** Called in the turn in which the market becomes visible. */
  readonly onMarketListed: (market: Market) => void;
  readonly token: string;
  readonly log: Log;
}

/** The operator's server. Everything but health asks for the bearer token. */
export function makeAdminServer(options: AdminOptions): HttpServer {
  const { engine, registry, accounts, apiKeys, protections, status, log } = options;
  const guarded = [
    ...assetRoutes(engine, registry),
    ...marketRoutes(engine, registry, options.onMarketListed),
    ...accountRoutes(engine, accounts),
    ...apiKeyRoutes(engine, accounts, apiKeys),
    ...transferRoutes(engine, registry, accounts),
    ...killRoutes(protections.killSwitches, registry, accounts),
    auditRoute(engine, registry),
    stateRoute(engine, registry, status),
    metricsRoute(engine, registry, status),
  ];
  const routes = [
    ...healthRoutes(engine.shardCount, registry, status),
    ...guarded.map((route) => withToken(route, options.token)),
  ];
  const refuse = (route: Route): ApiError | null => {
    if (status.isTaking || route.method === 'get') return null;
    return shuttingDownError();
  };
  const server = new HttpServer({ log, refuse });
  server.serve(routes);
  return server;
}

/** The route for bearers of the token only. Digests have one length, so comparing takes one time. */
function withToken(route: Route, token: string): Route {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return {
    ...route,
    handle(request, parameters) {
      if (!timingSafeEqual(digest(request.header('authorization')), expected)) {
        throw new ApiError(401, 'UNAUTHORIZED', 'Missing or wrong bearer token');
      }
      return route.handle(request, parameters);
    },
  };
}
