import type { ApiError } from '../api-error.ts';
import { kindOfMethod, tokensOf } from './charged-kind.ts';
import {
  type AddressMeter,
  FORGERY_TOKENS,
  type KeyMeter,
  type Limits,
  PATIENCE,
} from './limits.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { TokenBucket } from './token-bucket.ts';

/** A decoder takes as long to give up on so much as a request does: 1 ms for 4 KiB of lists within lists. */
const UNREADABLE_BYTES_PER_TOKEN = 256;

/** Counts what one websocket sends. */
export class SocketMeter {
  readonly #limits: Limits;
  readonly #address: string;
  readonly #ofAddress: AddressMeter;
  #key: object | null = null;
  #ofKey: KeyMeter | null = null;
  readonly #patience: TokenBucket;
  #isOverdone = false;
  #streams = 0;

  constructor(limits: Limits, address: string) {
    this.#limits = limits;
    this.#address = address;
    this.#ofAddress = limits.ofAddress(address);
    this.#patience = this.#ofAddress.patience ?? new TokenBucket(PATIENCE);
  }

  /** Whether one more websocket of its address may be opened. */
  get hasRoom(): boolean {
    const { sockets, isLimited } = this.#ofAddress;
    return !isLimited || sockets < this.#limits.settings.addressSocketsMax;
  }

  /** It is refused so often that it is to be closed: each of its frames costs an answer. */
  get isOverdone(): boolean {
    return this.#isOverdone;
  }

  opened(): void {
    this.#limits.socketsChanged(this.#address, this.#ofAddress, 1);
  }

  closed(): void {
    this.#ofAddress.streams -= this.#streams;
    this.#streams = 0;
    this.#limits.socketsChanged(this.#address, this.#ofAddress, -1);
  }

  /**
   * Counts one request; answers the refusal.
   *
   * @param key of the session's login, null before it: until then the address pays
   * @param params of a batch are an array of orders
   */
  charge(key: object | null, method: string, params: unknown): ApiError | undefined {
    if (key === null || method === 'session.login') return this.chargeAddress();
    if (key !== this.#key) {
      this.#key = key;
      this.#ofKey = this.#limits.ofKey(key);
    }
    const kind = kindOfMethod(method);
    const isOrders = kind === 'orders';
    const tokens = isOrders && Array.isArray(params) ? tokensOf(params.length) : 1;
    const ofAddress = isOrders ? this.#ofAddress.orders : null;
    return this.#take(ofAddress, tokens) ?? this.#take(this.#ofKey![kind], tokens);
  }

  /**
   * Counts a frame that nobody can read, by its size: what is wrong with it may stand at its end, or be that it has
   * none. No client needs patience with many of them.
   */
  chargeUnreadable(bytes: number): void {
    const tokens = 1 + Math.floor(bytes / UNREADABLE_BYTES_PER_TOKEN);
    if (this.#take(this.#ofAddress.requests, tokens) !== undefined) this.#isOverdone = true;
  }

  /** Counts a frame that is of nobody yet. */
  chargeAddress(): ApiError | undefined {
    return this.#take(this.#ofAddress.requests, 1);
  }

  /** Counts a signature that was none. */
  onForged(): void {
    this.#ofAddress.requests?.bucket.drain(FORGERY_TOKENS, this.#limits.nowMs());
  }

  /** A socket pays for its frames, see `charge`. */
  onGranted(): void {}

  /** Counts a request for `streams`, new to the socket or not; answers the refusal. */
  chargeSubscription(streams: number): ApiError | undefined {
    return this.#take(this.#ofAddress.subscriptions, Math.max(1, streams));
  }

  /** Whether the socket may be subscribed to as many more. */
  hasRoomForStreams(added: number): boolean {
    const { socketStreamsMax, addressStreamsMax } = this.#limits.settings;
    if (this.#streams + added > socketStreamsMax) return false;
    const { isLimited, streams } = this.#ofAddress;
    return !isLimited || streams + added <= addressStreamsMax;
  }

  /** The socket is subscribed to so many now. */
  streamsAre(count: number): void {
    this.#ofAddress.streams += count - this.#streams;
    this.#streams = count;
  }

  #take(limiter: RateLimiter | null, tokens: number): ApiError | undefined {
    if (limiter === null) return undefined;
    const nowMs = this.#limits.nowMs();
    if (limiter.take(tokens, nowMs)) return undefined;
    if (!this.#patience.take(1, nowMs)) this.#isOverdone = true;
    return limiter.limit.refusal;
  }
}
