import { RejectCode } from '../engine/protocol/reject-codes.ts';
import type { WireCode } from '../engine/protocol/wire-codes.ts';

/**
 * A refusal as the client sees it: HTTP status, stable code, message. The codes follow the exchange
 * whose API we speak; where it has none for the case, the code is ours.
 */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly code: WireCode;
  /** When to try again, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: WireCode, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What is asked for is neither in memory any more nor in the database yet. */
export function historyBehind(): ApiError {
  return new ApiError(503, 'HISTORY_UNAVAILABLE', 'The database is behind, try again');
}

type Refusal = readonly [status: number, code: WireCode, message: string];

const REFUSALS: Record<number, Refusal> = {
  [RejectCode.UnknownMarket]: [400, 'INVALID_MARKET', 'Invalid market'],
  [RejectCode.UnknownAccount]: [401, 'UNAUTHORIZED', 'Unknown account'],
  [RejectCode.UnknownAsset]: [400, 'INVALID_ASSET', 'Invalid asset'],
  [RejectCode.UnknownOrder]: [404, 'RESOURCE_NOT_FOUND', 'Not Found'],
  [RejectCode.DuplicateClientId]: [400, 'DUPLICATE_CLIENT_ID', 'An open order has this clientId'],
  [RejectCode.InsufficientFunds]: [400, 'INSUFFICIENT_FUNDS', 'Insufficient funds'],
  [RejectCode.PriceOutOfRange]: [400, 'INVALID_PRICE', 'Price is outside the market limits'],
  [RejectCode.QuantityOutOfRange]: [
    400,
    'INVALID_QUANTITY',
    'Quantity is outside the market limits',
  ],
  [RejectCode.NotionalTooLarge]: [400, 'INVALID_RANGE', 'Order value is too large'],
  [RejectCode.PostOnlyWouldTake]: [400, 'INVALID_ORDER', 'Order would immediately match and take'],
  [RejectCode.FillOrKillUnfillable]: [
    400,
    'INVALID_ORDER',
    'Fill or kill order would not complete fill immediately',
  ],
  [RejectCode.MarketClosed]: [400, 'TRADING_PAUSED', 'Market is closed'],
  [RejectCode.MarketCancelOnly]: [400, 'TRADING_PAUSED', 'Market accepts cancels only'],
  [RejectCode.MarketPostOnly]: [400, 'TRADING_PAUSED', 'Market accepts post-only orders only'],
  [RejectCode.ReduceTooLarge]: [
    400,
    'INVALID_QUANTITY',
    'Quantity is not below the open quantity of the order',
  ],
  [RejectCode.AlreadyExists]: [409, 'ALREADY_EXISTS', 'Already exists'],
  [RejectCode.AmountTooLarge]: [400, 'INVALID_RANGE', 'Amount is too large'],
  [RejectCode.NoReferencePrice]: [
    400,
    'INVALID_PRICE',
    'The market has no price yet that the order could refer to',
  ],
  // The gateway has found it in time: it waited long since, or the shard's time is ahead of the clock.
  [RejectCode.RequestExpired]: [
    400,
    'INVALID_CLIENT_REQUEST',
    "Request has expired: its window was over by the time of the venue's journal",
  ],
  [RejectCode.TooManyAssets]: [400, 'ASSET_LIMIT', 'The venue has no room for another asset'],
  [RejectCode.TooManyOpenOrders]: [400, 'ORDER_LIMIT', 'Too many open orders'],
  [RejectCode.PriceOutsideBand]: [
    400,
    'INVALID_PRICE',
    'Price is too far from the last active price',
  ],
  [RejectCode.NotionalTooSmall]: [
    400,
    'INVALID_QUANTITY',
    'Order value is below the least value of the market',
  ],
  [RejectCode.TriggerPending]: [
    400,
    'INVALID_ORDER',
    'An order that waits for its trigger price can be cancelled, not changed',
  ],
  [RejectCode.KillSwitch]: [400, 'TRADING_PAUSED', 'Trading is stopped by the kill switch'],
  [RejectCode.AccountKillSwitch]: [
    403,
    'ACCOUNT_DEACTIVATED',
    'Trading of the account is stopped by the kill switch',
  ],
  [RejectCode.OutcomeUnknown]: [
    504,
    'TIMEOUT',
    'The outcome is unknown: ask for the order by its clientId before you send it again',
  ],
  [RejectCode.TooManyAccounts]: [400, 'ACCOUNT_LIMIT', 'The venue has no room for another account'],
};

const ERRORS = new Map<RejectCode, ApiError>();

/** The wire's refusal for a shard's reject code: the same object each time, since an error costs what its stack does. */
export function apiErrorOf(code: RejectCode): ApiError {
  const known = ERRORS.get(code);
  if (known !== undefined) return known;
  const refusal = REFUSALS[code] ?? [500, 'SERVER_ERROR', 'Internal error'];
  const error = new ApiError(...refusal);
  ERRORS.set(code, error);
  return error;
}

/** A ring to a shard is full, or orders are shed: the client may try again. */
export function busyError(): ApiError {
  return new ApiError(503, 'BUSY', 'The venue is busy, try again', 1);
}

/** The venue takes nothing more. */
export function shuttingDownError(): ApiError {
  return new ApiError(503, 'SHUTTING_DOWN', 'The venue is shutting down');
}

/** What the request needs is on a shard that is down: nothing was sent. */
export function haltedError(): ApiError {
  return new ApiError(
    503,
    'TRADING_PAUSED',
    'The part of the venue that has this market or account is halted, try again later',
  );
}

export function invalidRequest(message: string): ApiError {
  return new ApiError(400, 'INVALID_CLIENT_REQUEST', message);
}
