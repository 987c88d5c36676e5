import { ApiError } from '../api-error.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';

/** Whose bucket it is. */
export type LimitScope = 'address' | 'key';

/** What is counted. */
export type LimitKind = 'requests' | 'orders' | 'cancels' | 'subscriptions' | 'connections';

/** One limit that everybody has a bucket of his own for. */
export class RateLimit {
  readonly scope: LimitScope;
  readonly kind: LimitKind;
  /** Null: unlimited. */
  readonly rate: Rate | null;
  /** Of a websocket; made once, for it costs a stack trace. */
  readonly refusal: ApiError;
  /** How often anybody's bucket was empty. */
  refusedCount = 0;

  constructor(scope: LimitScope, kind: LimitKind, rate: Rate | null) {
    this.scope = scope;
    this.kind = kind;
    this.rate = rate;
    this.refusal = this.refusalFor(undefined);
  }

  /** A full bucket, or null when there is nothing to limit. */
  limiter(): RateLimiter | null {
    return this.rate === null ? null : new RateLimiter(this, this.rate);
  }

  /** 429, with the seconds to wait where they are known. */
  refusalFor(retryAfterSeconds: number | undefined): ApiError {
    const whose = this.scope === 'address' ? 'from this address' : 'with this API key';
    const message = `Too many ${this.kind} ${whose}`;
    return new ApiError(429, 'TOO_MANY_REQUESTS', message, retryAfterSeconds);
  }
}

/** Somebody's bucket of one limit. */
export class RateLimiter {
  readonly limit: RateLimit;
  readonly bucket: TokenBucket;

  constructor(limit: RateLimit, rate: Rate) {
    this.limit = limit;
    this.bucket = new TokenBucket(rate);
  }

  /** Takes `tokens`; false, and counted as refused, when there are not as many. */
  take(tokens: number, nowMs: number): boolean {
    if (this.bucket.take(tokens, nowMs)) return true;
    this.limit.refusedCount++;
    return false;
  }

  /**
   * The bucket as response headers: those of draft-ietf-httpapi-ratelimit-headers-06, which clients know best.
   * The limit is the burst, and the window the time in which an empty bucket fills.
   */
  headers(nowMs: number): Record<string, string> {
    const { bucket } = this;
    const { burst, perSecond } = bucket.rate;
    return {
      'ratelimit-policy': `${burst};w=${Math.ceil(burst / perSecond)}`,
      'ratelimit-limit': String(burst),
      'ratelimit-remaining': String(bucket.remaining(nowMs)),
      'ratelimit-reset': String(Math.ceil(bucket.refillMs(nowMs) / 1000)),
    };
  }
}
