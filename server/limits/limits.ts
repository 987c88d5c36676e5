import { limitedAddress } from '../http/remote-address.ts';
import { AddressTable } from './address-table.ts';
import type { LimitSettings } from './limit-settings.ts';
import { RateLimit, type RateLimiter } from './rate-limiter.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';

/** Addresses that are remembered beside those with sockets: 300 bytes each. */
const ADDRESSES_MAX = 50_000;
/** Addresses are remembered for as long as a bucket takes to fill, but not for less. */
const LIFETIME_MS_MIN = 60_000;

/** Refusals that websockets hear before they are closed: those of one address together. */
export const PATIENCE: Rate = { perSecond: 100, burst: 1000 };

/**
 * What a forged signature costs its address beyond the request itself: a check takes as long as several requests that
 * are refused, and those who sign pay for it with their keys.
 */
export const FORGERY_TOKENS = 10;

/** The counters of one API key. */
export interface KeyMeter {
  readonly requests: RateLimiter | null;
  readonly orders: RateLimiter | null;
  /** Cancels and reductions: who may send no more orders can still take back those he has. */
  readonly cancels: RateLimiter | null;
}

/** The counters of one address. */
export interface AddressMeter extends Pick<KeyMeter, 'requests' | 'orders'> {
  readonly isLimited: boolean;
  readonly subscriptions: RateLimiter | null;
  readonly connections: RateLimiter | null;
  /** Refusals that its websockets may still hear; null where each has its own. */
  readonly patience: TokenBucket | null;
  /** Open websockets, and the streams they are subscribed to; not counted where nothing is limited. */
  sockets: number;
  streams: number;
  readonly isHeld: boolean;
}

/** Monotonic, unlike the clock of the machine. */
const monotonicMs = (): number => performance.now();

/**
 * Who may do how much: buckets for every address and every API key. An address pays for what nobody has signed yet
 * and for what it keeps open, a key for what was signed with it; orders are counted by both. What the settings name
 * as unlimited addresses (by default this machine's own) have no buckets of an address, their keys have.
 *
 * Our own few lines and no package: those for Node (rate-limiter-flexible, limiter, bottleneck) answer with promises
 * and keep a timer or a queue per client, which is more work than an order takes.
 */
export class Limits {
  readonly settings: LimitSettings;
  readonly nowMs: () => number;
  readonly addressRequests: RateLimit;
  readonly addressOrders: RateLimit;
  readonly addressSubscriptions: RateLimit;
  readonly addressConnections: RateLimit;
  readonly keyRequests: RateLimit;
  readonly keyOrders: RateLimit;
  readonly keyCancels: RateLimit;
  readonly #addresses: AddressTable<AddressMeter>;
  /** Of keys in force that were used: what is revoked is forgotten with its key. */
  readonly #keys = new WeakMap<object, KeyMeter>();
  readonly #unlimited: AddressMeter = new UnlimitedAddress();

  constructor(settings: LimitSettings, nowMs: () => number = monotonicMs) {
    this.settings = settings;
    this.nowMs = nowMs;
    this.addressRequests = new RateLimit('address', 'requests', settings.addressRequests);
    this.addressOrders = new RateLimit('address', 'orders', settings.addressOrders);
    this.addressSubscriptions = new RateLimit(
      'address',
      'subscriptions',
      settings.addressSubscriptions,
    );
    this.addressConnections = new RateLimit('address', 'connections', settings.addressConnections);
    this.keyRequests = new RateLimit('key', 'requests', settings.keyRequests);
    this.keyOrders = new RateLimit('key', 'orders', settings.keyOrders);
    this.keyCancels = new RateLimit('key', 'cancels', settings.keyOrders);
    this.#addresses = new AddressTable(
      () => new LimitedAddress(this),
      ADDRESSES_MAX,
      this.#lifetimeMs(),
      nowMs(),
    );
  }

  get all(): readonly RateLimit[] {
    return [
      this.addressRequests,
      this.addressOrders,
      this.addressSubscriptions,
      this.addressConnections,
      this.keyRequests,
      this.keyOrders,
      this.keyCancels,
    ];
  }

  /** Addresses that are remembered. */
  get addressCount(): number {
    return this.#addresses.size;
  }

  /** @param address as `normalAddress` has it */
  isUnlimited(address: string): boolean {
    return this.settings.unlimitedAddresses.has(address);
  }

  /** @param address as `normalAddress` has it; an IPv6 one has the counters of its network */
  ofAddress(address: string): AddressMeter {
    if (this.isUnlimited(address)) return this.#unlimited;
    return this.#addresses.of(limitedAddress(address), this.nowMs());
  }

  /** @param key the key's one object: an equal one is another key */
  ofKey(key: object): KeyMeter {
    let meter = this.#keys.get(key);
    if (meter === undefined) {
      meter = {
        requests: this.keyRequests.limiter(),
        orders: this.keyOrders.limiter(),
        cancels: this.keyCancels.limiter(),
      };
      this.#keys.set(key, meter);
    }
    return meter;
  }

  /** Counts a websocket that was opened or closed, `change` +1 or −1. */
  socketsChanged(address: string, meter: AddressMeter, change: number): void {
    if (!meter.isLimited) return;
    meter.sockets += change;
    this.#addresses.heldChanged(limitedAddress(address), meter);
  }

  #lifetimeMs(): number {
    const fillTimesMs = this.all
      .filter(({ scope }) => scope === 'address')
      .map(({ rate }) => (rate === null ? 0 : (1000 * rate.burst) / rate.perSecond));
    return Math.max(LIFETIME_MS_MIN, ...fillTimesMs);
  }
}

/** Makes a bucket when it is needed: most addresses are seen once. */
class LimitedAddress implements AddressMeter {
  readonly isLimited = true;
  readonly #limits: Limits;
  #requests: RateLimiter | null = null;
  #orders: RateLimiter | null = null;
  #subscriptions: RateLimiter | null = null;
  #connections: RateLimiter | null = null;
  #patience: TokenBucket | null = null;
  sockets = 0;
  streams = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get requests(): RateLimiter | null {
    this.#requests ??= this.#limits.addressRequests.limiter();
    return this.#requests;
  }

  get orders(): RateLimiter | null {
    this.#orders ??= this.#limits.addressOrders.limiter();
    return this.#orders;
  }

  get subscriptions(): RateLimiter | null {
    this.#subscriptions ??= this.#limits.addressSubscriptions.limiter();
    return this.#subscriptions;
  }

  get connections(): RateLimiter | null {
    this.#connections ??= this.#limits.addressConnections.limiter();
    return this.#connections;
  }

  get patience(): TokenBucket {
    this.#patience ??= new TokenBucket(PATIENCE);
    return this.#patience;
  }

  get isHeld(): boolean {
    return this.sockets > 0;
  }
}

/** Every unlimited address in one. */
class UnlimitedAddress implements AddressMeter {
  readonly isLimited = false;
  readonly requests = null;
  readonly orders = null;
  readonly subscriptions = null;
  readonly connections = null;
  readonly patience = null;
  sockets = 0;
  streams = 0;
  readonly isHeld = false;
}
