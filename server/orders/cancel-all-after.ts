import { US_PER_MS } from '../../engine/protocol/time-units.ts';
import { ApiError, invalidRequest } from '../api-error.ts';
import type { CancelTimer } from '../protection/cancel-timers.ts';
import type { Registry } from '../registry/registry.ts';
import { CANCEL_ALL_AFTER_MS_MAX as TIMEOUT_MS_MAX } from '../schemas/order-requests.ts';
import { isPlainObject, isPresent, NOT_AN_OBJECT, readMarket } from './request-fields.ts';

const BAD_TIMEOUT = invalidRequest(`\`timeoutMs\` must be an integer 0 to ${TIMEOUT_MS_MAX}`);

/** `{timeoutMs, symbol?}`: 0 turns the timer off; without a symbol it is of all markets (`marketId` 0). */
export function readCancelAllAfter(
  params: unknown,
  registry: Registry,
): { marketId: number; timeoutUs: number } | ApiError {
  if (!isPlainObject(params)) return NOT_AN_OBJECT;
  const { timeoutMs, symbol } = params;
  const isTimeout = typeof timeoutMs === 'number' && Number.isInteger(timeoutMs);
  if (!isTimeout || timeoutMs < 0 || timeoutMs > TIMEOUT_MS_MAX) return BAD_TIMEOUT;
  const timeoutUs = timeoutMs * US_PER_MS;
  if (!isPresent(symbol)) return { marketId: 0, timeoutUs };
  const market = readMarket(symbol, registry);
  if (market instanceof ApiError) return market;
  return { marketId: market.marketId, timeoutUs };
}

/** A dead-man timer as clients see it; `deadline` in µs of the epoch, null when it is off. */
export function cancelTimerResult(
  { marketId, timeoutUs, deadlineUs }: CancelTimer,
  registry: Registry,
): { symbol: string | null; timeoutMs: number; deadline: number | null } {
  return {
    symbol: marketId === 0 ? null : registry.market(marketId).symbol,
    timeoutMs: timeoutUs / US_PER_MS,
    deadline: deadlineUs === 0 ? null : deadlineUs,
  };
}
