import { normalAddress } from '../http/remote-address.ts';
import { type Environment, readInteger, readValue, refuse } from '../read-setting.ts';
import type { Rate } from './token-bucket.ts';

/** How the venue defends itself and its well-behaved clients. */
export interface LimitSettings {
  /** Per address; null = unlimited. REST requests, and frames of sockets that have not logged in. */
  readonly addressRequests: Rate | null;
  readonly addressOrders: Rate | null;
  /** Streams asked for, known or not. */
  readonly addressSubscriptions: Rate | null;
  /** TCP connections. */
  readonly addressConnections: Rate | null;
  /** Per API key. */
  readonly keyRequests: Rate | null;
  /** Per API key; cancels have as many again to themselves. */
  readonly keyOrders: Rate | null;
  /** As `normalAddress` has them. Their own requests and connections are not counted; what their keys sign is. */
  readonly unlimitedAddresses: ReadonlySet<string>;
  /** Whether the last `X-Forwarded-For` of a connection from an unlimited address is the client's address. */
  readonly trustsProxy: boolean;
  /** Open connections of any kind, of everybody together. */
  readonly connectionsMax: number;
  /** Websockets of one address. */
  readonly addressSocketsMax: number;
  readonly socketStreamsMax: number;
  readonly addressStreamsMax: number;
  /** What all websockets together may have waiting in the venue's memory. */
  readonly bufferedMiBMax: number;
  /** Origins of other sites whose pages may use the API; `*` is all. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** A websocket that is silent for so long, pongs included, is closed. */
  readonly idleSeconds: number;
  /** The venue pings each websocket this often. */
  readonly pingSeconds: number;
  /** A websocket has so long to make its first request. */
  readonly firstRequestSeconds: number;
  /** New orders are refused as busy when so many requests wait for a shard; 0 = never for that. */
  readonly shedPending: number;
  /** The same when many requests wait and the gateway is so late: its loop, or in hearing what a shard committed. */
  readonly shedLagMs: number;
  /** The same when a ring to a shard is so full. */
  readonly shedRingPercent: number;
}

/** Of a key, a quarter of what the venue can do in all; what one client needs is far below. */
const DEFAULT_ORDERS: Rate = { perSecond: 50_000, burst: 100_000 };

/** A batch has up to 50 orders: less could never be taken. */
const ORDER_BURST_MIN = 50;

export const DEFAULT_LIMITS: LimitSettings = {
  addressRequests: { perSecond: 1000, burst: 5000 },
  addressOrders: DEFAULT_ORDERS,
  addressSubscriptions: { perSecond: 500, burst: 5000 },
  addressConnections: { perSecond: 100, burst: 1000 },
  keyRequests: DEFAULT_ORDERS,
  keyOrders: DEFAULT_ORDERS,
  unlimitedAddresses: new Set(['127.0.0.1', '::1']),
  trustsProxy: false,
  connectionsMax: 20_000,
  addressSocketsMax: 500,
  socketStreamsMax: 1000,
  addressStreamsMax: 10_000,
  bufferedMiBMax: 256,
  allowedOrigins: new Set(),
  idleSeconds: 120,
  pingSeconds: 60,
  firstRequestSeconds: 60,
  shedPending: 50_000,
  shedLagMs: 500,
  shedRingPercent: 80,
};

/** @throws StartError naming the variable, its value and what is allowed. */
export function readLimitSettings(environment: Environment): LimitSettings {
  const rate = (name: string, unset: Rate | null, burstMin = 1): Rate | null =>
    readRate(environment, `RINGSIDE_${name}_RATE`, unset, burstMin);
  const integer = (name: string, unset: number, min: number, max: number): number =>
    readInteger(environment, `RINGSIDE_${name}`, unset, min, max);
  const unset = DEFAULT_LIMITS;
  return {
    addressRequests: rate('ADDRESS_REQUEST', unset.addressRequests),
    addressOrders: rate('ADDRESS_ORDER', unset.addressOrders, ORDER_BURST_MIN),
    addressSubscriptions: rate('ADDRESS_SUBSCRIPTION', unset.addressSubscriptions),
    addressConnections: rate('ADDRESS_CONNECTION', unset.addressConnections),
    keyRequests: rate('KEY_REQUEST', unset.keyRequests),
    keyOrders: rate('KEY_ORDER', unset.keyOrders, ORDER_BURST_MIN),
    unlimitedAddresses: readAddresses(environment),
    trustsProxy: integer('TRUST_PROXY', 0, 0, 1) === 1,
    connectionsMax: integer('MAX_CONNECTIONS', unset.connectionsMax, 1, 1_000_000),
    addressSocketsMax: integer('MAX_ADDRESS_SOCKETS', unset.addressSocketsMax, 1, 1_000_000),
    socketStreamsMax: integer('MAX_SOCKET_STREAMS', unset.socketStreamsMax, 1, 100_000),
    addressStreamsMax: integer('MAX_ADDRESS_STREAMS', unset.addressStreamsMax, 1, 1_000_000),
    bufferedMiBMax: integer('MAX_BUFFERED_MIB', unset.bufferedMiBMax, 1, 1_000_000),
    allowedOrigins: readOrigins(environment),
    // What uWebSockets.js allows.
    idleSeconds: integer('IDLE_SECONDS', unset.idleSeconds, 8, 960),
    pingSeconds: integer('PING_SECONDS', unset.pingSeconds, 1, 960),
    firstRequestSeconds: integer('FIRST_REQUEST_SECONDS', unset.firstRequestSeconds, 1, 86_400),
    shedPending: integer('SHED_PENDING', unset.shedPending, 0, 100_000_000),
    shedLagMs: integer('SHED_LAG_MS', unset.shedLagMs, 0, 60_000),
    shedRingPercent: integer('SHED_RING_PERCENT', unset.shedRingPercent, 0, 100),
  };
}

const RATE = /^([1-9]\d{0,8}):([1-9]\d{0,8})$/;

function readRate(
  environment: Environment,
  name: string,
  unset: Rate | null,
  burstMin: number,
): Rate | null {
  const value = readValue(environment, name);
  if (value === null) return unset;
  if (value === 'off') return null;
  const [, perSecond, burst] = RATE.exec(value) ?? [];
  if (burst !== undefined && Number(burst) >= burstMin) {
    return { perSecond: Number(perSecond), burst: Number(burst) };
  }
  const least = burstMin > 1 ? `, the burst at least ${burstMin}` : '';
  return refuse(name, value, `off or <per second>:<burst>, such as 100:500${least}`);
}

function readAddresses(environment: Environment): ReadonlySet<string> {
  const name = 'RINGSIDE_UNLIMITED_ADDRESSES';
  const value = readValue(environment, name);
  if (value === null) return DEFAULT_LIMITS.unlimitedAddresses;
  if (value === 'none') return new Set();
  const addresses = value.split(',').map(normalAddress);
  if (addresses.every((address) => address !== null)) return new Set(addresses);
  return refuse(name, value, 'none or IP addresses with commas between them');
}

function readOrigins(environment: Environment): ReadonlySet<string> {
  const name = 'RINGSIDE_ALLOWED_ORIGINS';
  const value = readValue(environment, name);
  if (value === null) return DEFAULT_LIMITS.allowedOrigins;
  if (value === '*') return new Set(['*']);
  const origins = value.split(',');
  const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;
  if (origins.every(isOrigin)) return new Set(origins);
  return refuse(name, value, '* or origins such as https://example.com, with commas');
}
