import type { ApiError } from '../api-error.ts';
import type { SignedParameters } from '../auth/signing-strings.ts';
import { kindOfSigned, tokensOf } from './charged-kind.ts';
import { type AddressMeter, FORGERY_TOKENS, type Limits } from './limits.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** Counts one HTTP request, by its address when it comes and by its key when that is proved. */
export class RequestMeter {
  readonly #limits: Limits;
  readonly #address: AddressMeter;
  /** The bucket that its sender should know about: the last one that was asked. */
  #told: RateLimiter | null = null;

  constructor(limits: Limits, address: AddressMeter) {
    this.#limits = limits;
    this.#address = address;
  }

  /** Counts the request, before anything is spent on it; answers the refusal. */
  admit(): ApiError | undefined {
    return this.#charge(this.#address.requests, 1);
  }

  /** Counts a signature that was none. */
  onForged(): void {
    this.#address.requests?.bucket.drain(FORGERY_TOKENS, this.#limits.nowMs());
  }

  /**
   * Counts what was signed: an order for each set of parameters, or one request. Only a signature that was found good
   * may cost its key something, else anybody could use it up who knows the key's name.
   *
   * @throws ApiError 429 TOO_MANY_REQUESTS
   */
  onGranted(key: object, instruction: string, parameterSets: readonly SignedParameters[]): void {
    const kind = kindOfSigned(instruction, parameterSets);
    const tokens = kind === 'orders' ? tokensOf(parameterSets.length) : 1;
    const ofAddress = kind === 'orders' ? this.#address.orders : null;
    const refusal =
      this.#charge(ofAddress, tokens) ?? this.#charge(this.#limits.ofKey(key)[kind], tokens);
    if (refusal !== undefined) throw refusal;
  }

  /** To go with the answer. */
  headers(): Readonly<Record<string, string>> {
    return this.#told?.headers(this.#limits.nowMs()) ?? NONE;
  }

  #charge(limiter: RateLimiter | null, tokens: number): ApiError | undefined {
    if (limiter === null) return undefined;
    this.#told = limiter;
    const nowMs = this.#limits.nowMs();
    if (limiter.take(tokens, nowMs)) return undefined;
    const seconds = Math.ceil(limiter.bucket.waitMs(tokens, nowMs) / 1000);
    return limiter.limit.refusalFor(Number.isFinite(seconds) ? seconds : undefined);
  }
}

const NONE: Readonly<Record<string, string>> = {};
