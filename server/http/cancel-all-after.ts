import { ApiError } from '../api-error.ts';
import { cancelTimerResult, readCancelAllAfter } from '../orders/cancel-all-after.ts';
import { type CancelTimers, deadManOf } from '../protection/cancel-timers.ts';
import type { Registry } from '../registry/registry.ts';
import { json, type Route } from './route.ts';
import { authenticateBody, type SignedRequests } from './signed-request.ts';

interface CancelAllAfterParts extends SignedRequests {
  readonly registry: Registry;
  readonly cancelTimers: CancelTimers;
}

/**
 * `POST /api/v1/orders/cancelAllAfter {timeoutMs, symbol?}`, an extension of ours, signed with the instruction
 * `orderCancelAllAfter`: the dead-man timer of `session.cancelAllAfter`. → `{symbol, timeoutMs, deadline}`.
 */
export function cancelAllAfterRoutes(parts: CancelAllAfterParts): Route[] {
  const { registry, cancelTimers } = parts;
  return [
    {
      method: 'post',
      path: '/api/v1/orders/cancelAllAfter',
      async handle(request) {
        const { grant, body } = await authenticateBody(parts, request, 'orderCancelAllAfter');
        const wanted = readCancelAllAfter(body, registry);
        if (wanted instanceof ApiError) throw wanted;
        const name = deadManOf(grant.key.accountId, wanted.marketId);
        return json(
          cancelTimerResult(await cancelTimers.set(name, wanted.timeoutUs, true), registry),
        );
      },
    },
  ];
}
