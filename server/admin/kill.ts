import { KillScope, nameOf, Side } from '../../engine/protocol/enums.ts';
import type { OrderEvent } from '../../engine/protocol/events.ts';
import { ApiError, invalidRequest } from '../api-error.ts';
import { json, type Route } from '../http/route.ts';
import type { HeldLatch, KillSwitches } from '../protection/kill-switches.ts';
import type { AccountDirectory } from '../registry/account-directory.ts';
import type { Registry } from '../registry/registry.ts';
import { parseAccountId } from './accounts.ts';
import { BodyFields } from './body-fields.ts';

const SCOPES = { venue: KillScope.Venue, market: KillScope.Market, account: KillScope.Account };

/** A latch as the operator's answers tell it. */
export interface LatchFields {
  readonly scope: string;
  /** The market's symbol or the account's id; null for the venue. */
  readonly target: string | number | null;
  /** Shards that are still to confirm it. */
  readonly missingShards: readonly number[];
}

export function latchFields(
  { scope, targetId, missing }: HeldLatch,
  registry: Registry,
): LatchFields {
  const target = scope === KillScope.Market ? registry.market(targetId).symbol : targetId;
  return {
    scope: nameOf(SCOPES, scope),
    target: scope === KillScope.Venue ? null : target,
    missingShards: [...missing].sort((a, b) => a - b),
  };
}

/**
 * `POST /admin/kill {scope: "venue" | "market" | "account", target?, active}`: sets a latch of the kill switch, or lifts
 * it; `target` is a market's symbol or an account's id. → `{scope, target, active, complete, missingShards,
 * cancelledOrders, cancelled}`, status 200. While a shard is down a latch is set as far as it can be: status 202, and
 * the rest when that shard is back, before it takes an order. Lifting is refused meanwhile. `GET /admin/kill`: the
 * latches that are set.
 */
export function killRoutes(
  killSwitches: KillSwitches,
  registry: Registry,
  accounts: AccountDirectory,
): Route[] {
  function targetIdOf(scope: number, fields: BodyFields): number {
    if (scope === KillScope.Venue) return 0;
    const target = fields.textOrInteger('target', 128);
    if (scope === KillScope.Account) return parseAccountId(String(target), accounts);
    const market = registry.marketBySymbol(String(target));
    if (market === undefined) throw new ApiError(400, 'INVALID_MARKET', 'Invalid market');
    return market.marketId;
  }

  const describe = (order: OrderEvent): object => ({
    accountId: order.accountId,
    symbol: registry.market(order.marketId).symbol,
    id: String(order.orderId),
    clientId: order.clientId,
    side: nameOf(Side, order.side),
  });

  return [
    {
      method: 'post',
      path: '/admin/kill',
      async handle(request) {
        const fields = new BodyFields(request.body);
        const scope = fields.choice('scope', SCOPES) as KillScope;
        const active = fields.boolean('active');
        if (scope === KillScope.Venue && fields.isPresent('target')) {
          throw invalidRequest('target does not go with the scope venue');
        }
        const targetId = targetIdOf(scope, fields);
        const latch = { scope, targetId, missing: new Set<number>() };
        const { missingShards: _none, ...what } = latchFields(latch, registry);
        if (!active) {
          await killSwitches.lift(scope, targetId);
          const nothing = { missingShards: [], cancelledOrders: 0, cancelled: [] };
          return json({ ...what, active, complete: true, ...nothing });
        }
        const { cancelled, missing } = await killSwitches.activate(scope, targetId);
        const complete = missing.length === 0;
        const answer = {
          ...{ ...what, active, complete, missingShards: missing },
          cancelledOrders: cancelled.length,
          cancelled: cancelled.map(describe),
        };
        return json(answer, complete ? 200 : 202);
      },
    },
    {
      method: 'get',
      path: '/admin/kill',
      handle: () => json(killSwitches.latches.map((latch) => latchFields(latch, registry))),
    },
  ];
}
