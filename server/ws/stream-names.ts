import type { Market, Registry } from '../registry/registry.ts';

/** What a stream name of a subscription asks for. */
type StreamRequest =
  | { readonly kind: 'public'; readonly market: Market }
  | { readonly kind: 'private' }
  /** A proper name for something that is not listed: no error, no frames. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'refused'; readonly error: StreamError };

/** An error of the streaming subset: a number and a text, as the exchange we follow has them. */
export interface StreamError {
  readonly code: number;
  readonly message: string;
}

export const PARSE_ERROR: StreamError = { code: 4002, message: 'Parse error' };
export const INVALID_STREAM: StreamError = { code: 4006, message: 'Invalid stream' };
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
const DEPTH_WINDOWS: ReadonlySet<string> = new Set(['200ms', '600ms', '1000ms']);
const STREAM_NAME_LENGTH_MAX = 128;

const INVALID: StreamRequest = { kind: 'refused', error: INVALID_STREAM };
const SILENT: StreamRequest = { kind: 'silent' };

/** Reads one stream name: `depth.SOL_USDC`, `account.orderUpdate`, `account.orderUpdate.SOL_USDC`. */
export function readStreamName(name: unknown, registry: Registry): StreamRequest {
  if (typeof name !== 'string' || name.length > STREAM_NAME_LENGTH_MAX) return INVALID;
  const [kind = '', second = '', ...rest] = name.split('.');
  if (kind === 'account') return readPrivateName(second, rest, registry);
  if (!PUBLIC_KINDS.has(kind) || second === '') return INVALID;
  if (kind === 'depth' && rest.length === 1 && !DEPTH_WINDOWS.has(second)) {
    return { kind: 'refused', error: INVALID_DEPTH_WINDOW };
  }
  if (rest.length > 0) return INVALID;
  const market = registry.marketBySymbol(second);
  return market === undefined ? SILENT : { kind: 'public', market };
}

function readPrivateName(kind: string, rest: readonly string[], registry: Registry): StreamRequest {
  if (!PRIVATE_KINDS.has(kind) || rest.length > 1) return INVALID;
  const symbol = rest[0];
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
