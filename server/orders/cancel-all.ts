import { CancelScope, CancelSide } from '../../engine/protocol/enums.ts';
import { ApiError, invalidRequest } from '../api-error.ts';
import type { Registry } from '../registry/registry.ts';
import { isPlainObject, isPresent, NOT_AN_OBJECT, readMarket } from './request-fields.ts';

const BAD_CANCEL_SCOPE = invalidRequest(
  '`orderType` must be RestingLimitOrder or ConditionalOrder',
);
const BAD_CANCEL_SIDE = invalidRequest('`side` must be Bid or Ask');

/** Which open orders of an account are to be cancelled. */
interface CancelAll {
  /** 0: of every market. */
  readonly marketId: number;
  readonly scope: CancelScope;
  readonly side: CancelSide;
}

/**
 * `{symbol?, orderType?, side?}`, or nothing for all.
 *
 * @throws ApiError
 */
export function readCancelAll(params: unknown, registry: Registry): CancelAll {
  const marketId = readMarketId(params, registry);
  return { marketId, scope: readCancelScope(params), side: readCancelSide(params) };
}

/**
 * The market id that `params.symbol` names, 0 for every market.
 *
 * @throws ApiError
 */
export function readMarketId(params: unknown, registry: Registry): number {
  if (params === undefined || params === null) return 0;
  if (!isPlainObject(params)) throw NOT_AN_OBJECT;
  if (params.symbol === undefined || params.symbol === null) return 0;
  const market = readMarket(params.symbol, registry);
  if (market instanceof ApiError) throw market;
  return market.marketId;
}

/** The orders that the `orderType` of a cancel-all means. */
function readCancelScope(params: unknown): CancelScope {
  const orderType = isPlainObject(params) ? params.orderType : undefined;
  if (!isPresent(orderType)) return CancelScope.All;
  if (orderType === 'RestingLimitOrder') return CancelScope.Resting;
  if (orderType === 'ConditionalOrder') return CancelScope.TriggerPending;
  throw BAD_CANCEL_SCOPE;
}

function readCancelSide(params: unknown): CancelSide {
  const side = isPlainObject(params) ? params.side : undefined;
  if (!isPresent(side)) return CancelSide.Both;
  if (side === 'Bid') return CancelSide.Bid;
  if (side === 'Ask') return CancelSide.Ask;
  throw BAD_CANCEL_SIDE;
}
