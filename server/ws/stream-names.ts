import { KLINE_INTERVALS } from '../../persistence/kline-intervals.ts';
import { DEPTH_WINDOWS_MS } from '../market-data/depth-window.ts';
import { isWithin } from '../orders/request-fields.ts';
import type { Market, Registry } from '../registry/registry.ts';

/** What a stream name of a subscription asks for. */
type StreamRequest =
  | { readonly kind: 'public'; readonly market: Market }
  | { readonly kind: 'private' }
  /** A proper name for something that is not listed, or that a spot venue does not have: no error, no frames. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'refused'; readonly error: StreamError };

/** An error of the streaming subset: a number and a text, as the exchange we follow has them. */
export interface StreamError {
  readonly code: number;
  readonly message: string;
}

export const PARSE_ERROR: StreamError = { code: 4002, message: 'Parse error' };
export const INVALID_STREAM: StreamError = { code: 4006, message: 'Invalid stream' };
/** Ours, after the HTTP status 429: the exchange we follow has no number for it. */
export const TOO_MANY_SUBSCRIPTIONS: StreamError = {
  code: 4029,
  message: 'Too many subscriptions from this address',
};
export const TOO_MANY_STREAMS: StreamError = { code: 4029, message: 'Too many streams' };
/** Ours, too: over REST 503. */
export const VENUE_BUSY: StreamError = { code: 4029, message: 'The venue is busy, try again' };
const INVALID_DEPTH_WINDOW: StreamError = { code: 4008, message: 'Invalid depth window' };

/** An error about credentials keeps its own text behind the one number. */
export function signatureError(message: string): StreamError {
  return { code: 4003, message };
}

const PUBLIC_KINDS: ReadonlySet<string> = new Set(['trade', 'depth', 'bookTicker', 'ticker']);
const PRIVATE_KINDS: ReadonlySet<string> = new Set([
  'orderUpdate',
  'balanceUpdate',
  'positionUpdate',
  'rfqUpdate',
]);
/** Of derivatives, with a symbol and without one. */
const DERIVATIVE_KINDS: ReadonlySet<string> = new Set(['markPrice', 'openInterest']);
const VENUE_WIDE_KINDS: ReadonlySet<string> = new Set(['liquidation', 'fundingRate']);
const DEPTH_WINDOWS: ReadonlySet<string> = new Set(DEPTH_WINDOWS_MS.map((ms) => `${ms}ms`));
const INTERVALS: ReadonlySet<string> = new Set(KLINE_INTERVALS);
const STREAM_NAME_LENGTH_MAX = 128;

const INVALID: StreamRequest = { kind: 'refused', error: INVALID_STREAM };
const SILENT: StreamRequest = { kind: 'silent' };

/** A stream that exists. */
export interface WantedStream {
  readonly stream: string;
  /** Null for private ones. */
  readonly market: Market | null;
}

/** The streams that exist of those that a request names; its error if one is none at all. */
export function readStreamNames(params: unknown, registry: Registry): WantedStream[] | StreamError {
  if (!Array.isArray(params)) return params === undefined ? INVALID_STREAM : PARSE_ERROR;
  const streams: WantedStream[] = [];
  for (const stream of params as readonly unknown[]) {
    const request = readStreamName(stream, registry);
    if (request.kind === 'refused') return request.error;
    if (request.kind === 'silent') continue;
    const market = request.kind === 'public' ? request.market : null;
    streams.push({ stream: stream as string, market });
  }
  return streams;
}

/**
 * Reads one stream name: `depth.SOL_USDC`, `depth.200ms.SOL_USDC`, `kline.1m.SOL_USDC`, `account.orderUpdate`,
 * `account.orderUpdate.SOL_USDC`.
 */
export function readStreamName(name: unknown, registry: Registry): StreamRequest {
  if (typeof name !== 'string' || !isWithin(name, STREAM_NAME_LENGTH_MAX)) return INVALID;
  const [kind = '', ...rest] = name.split('.');
  if (kind === 'account') return readPrivateName(rest, registry);
  if (VENUE_WIDE_KINDS.has(kind)) return rest.length <= 1 && rest[0] !== '' ? SILENT : INVALID;
  const symbol = rest.pop() ?? '';
  if (symbol === '') return INVALID;
  if (DERIVATIVE_KINDS.has(kind)) return rest.length === 0 ? SILENT : INVALID;
  const refusal = refusalOf(kind, rest);
  if (refusal !== null) return { kind: 'refused', error: refusal };
  const market = registry.marketBySymbol(symbol);
  return market === undefined ? SILENT : { kind: 'public', market };
}

/** Why there are no public streams of this kind with these parts before the symbol. */
function refusalOf(kind: string, parts: readonly string[]): StreamError | null {
  const [part] = parts;
  if (kind === 'kline') return parts.length === 1 && INTERVALS.has(part!) ? null : INVALID_STREAM;
  if (!PUBLIC_KINDS.has(kind)) return INVALID_STREAM;
  if (part === undefined) return null;
  if (kind !== 'depth' || parts.length > 1) return INVALID_STREAM;
  return DEPTH_WINDOWS.has(part) ? null : INVALID_DEPTH_WINDOW;
}

function readPrivateName(parts: readonly string[], registry: Registry): StreamRequest {
  const [kind = '', symbol] = parts;
  if (!PRIVATE_KINDS.has(kind) || parts.length > 2) return INVALID;
  if (symbol === undefined) return { kind: 'private' };
  if (kind === 'balanceUpdate') {
    return registry.assetBySymbol(symbol) === undefined ? SILENT : { kind: 'private' };
  }
  return registry.marketBySymbol(symbol) === undefined ? SILENT : { kind: 'private' };
}

/** The topic of an account's private stream; the account stays out of the name the client sees. */
export function privateTopic(accountId: number, stream: string): string {
  return `a${accountId}:${stream}`;
}
