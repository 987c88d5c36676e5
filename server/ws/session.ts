import type { WebSocket } from 'uWebSockets.js';
import type { Grant } from '../auth/authenticate.ts';
import type { SocketMeter } from '../limits/socket-meter.ts';
import type { HeldFrame } from './frame-order.ts';

/** Requests one socket may have under way: deep pipelining yes, a queue of its own no. */
export const IN_FLIGHT_MAX = 4096;

/** What hangs on a socket. uWebSockets.js copies the object's members, so the session is one of them. */
export interface SocketData {
  readonly session: Session;
}

/** Why a socket will be closed. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** The caller's name for a request: comes back with its reply. */
export type RequestId = number | string;

/** A frame to send: text or binary. */
export type Frame = string | Uint8Array;

/** A private stream that a socket hears, and whose it is. */
export interface PrivateSubscription {
  readonly accountId: number;
  readonly stream: string;
}

/** One websocket. It outlives its socket while requests of it are under way. */
export class Session {
  /** Of the client, as `normalAddress` has it. */
  readonly remoteAddress: string;
  /** Null before the socket is open and after it closed: then it must not be touched. */
  socket: WebSocket<SocketData> | null = null;
  /** Who may send orders here; null before `session.login`. */
  grant: Grant | null = null;
  /** Requests sent to the engine and not yet answered. */
  inFlight = 0;
  /** Of these, lists of orders and cancel-alls: a few bytes that can be answered by megabytes. */
  listsInFlight = 0;
  /** Counts what comes in on it; null where nothing is limited. */
  meter: SocketMeter | null = null;
  /** When it must have made a request, on the clock of `Sessions`; Infinity once it has. */
  firstRequestDueMs = Number.POSITIVE_INFINITY;
  /** When the next ping is due, on the same clock. */
  pingDueMs = Number.POSITIVE_INFINITY;
  /** Nothing more is taken from it; it is closed when what is under way has been answered. */
  closing: Closing | null = null;
  /** A frame was lost: nothing may be sent any more but the close. */
  isLosing = false;
  /** A signature of it is being checked. */
  isBeingChecked = false;
  /** What came behind that, in order. */
  readonly held: HeldFrame[] = [];
  heldBytes = 0;
  /** Replies gathered for the end of the turn. */
  readonly outbox: Frame[] = [];
  /** By the private topics this socket is subscribed to. */
  readonly privateTopics = new Map<string, PrivateSubscription>();
  /** Text of every API key that this socket used. */
  readonly apiKeys = new Set<string>();

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress;
  }
}
