import { Permission } from '../../engine/protocol/enums.ts';
import { ApiError } from '../api-error.ts';
import { type Authenticator, assertPermitted, type Credentials } from '../auth/authenticate.ts';
import type { RequestFields } from '../orders/request-fields.ts';
import type { Market, Registry } from '../registry/registry.ts';
import type { PrivateStreams } from './private-streams.ts';
import type { Session } from './session.ts';
import {
  INVALID_STREAM,
  PARSE_ERROR,
  readStreamName,
  type StreamError,
  signatureError,
} from './stream-names.ts';

/** The instruction under which logins and private subscriptions are signed. */
export const SUBSCRIBE_INSTRUCTION = 'subscribe';

/** Called when a socket was newly subscribed to a public stream. */
export type OnSubscribed = (stream: string, market: Market) => void;

/** SUBSCRIBE and UNSUBSCRIBE. A frame that is refused changes nothing. */
export class Subscriptions {
  readonly #registry: Registry;
  readonly #authenticator: Authenticator;
  readonly #privateStreams: PrivateStreams;
  readonly #onSubscribed: OnSubscribed;

  constructor(
    registry: Registry,
    authenticator: Authenticator,
    privateStreams: PrivateStreams,
    onSubscribed: OnSubscribed,
  ) {
    this.#registry = registry;
    this.#authenticator = authenticator;
    this.#privateStreams = privateStreams;
    this.#onSubscribed = onSubscribed;
  }

  /** Answers the error, or undefined when everything asked for is subscribed. */
  subscribe(session: Session, frame: RequestFields): StreamError | undefined {
    const wanted = this.#readStreams(frame.params);
    if (!Array.isArray(wanted)) return wanted;
    let accountId = 0;
    if (wanted.some(({ market }) => market === null)) {
      const account = this.#identify(session, frame.signature);
      if (typeof account !== 'number') return account;
      accountId = account;
    }
    for (const { stream, market } of wanted) {
      if (market === null) this.#privateStreams.subscribe(session, accountId, stream);
      else this.#subscribePublic(session, stream, market);
    }
    return undefined;
  }

  /** Needs no signature: it takes nothing that was not given. */
  unsubscribe(session: Session, frame: RequestFields): StreamError | undefined {
    const wanted = this.#readStreams(frame.params);
    if (!Array.isArray(wanted)) return wanted;
    for (const { stream, market } of wanted) {
      if (market === null) this.#privateStreams.unsubscribe(session, stream);
      else session.socket?.unsubscribe(stream);
    }
    return undefined;
  }

  #subscribePublic(session: Session, stream: string, market: Market): void {
    const { socket } = session;
    if (socket === null || socket.isSubscribed(stream)) return;
    socket.subscribe(stream);
    this.#onSubscribed(stream, market);
  }

  /** The streams that exist; `market` is null for private ones. */
  #readStreams(params: unknown): { stream: string; market: Market | null }[] | StreamError {
    if (!Array.isArray(params)) return params === undefined ? INVALID_STREAM : PARSE_ERROR;
    const streams: { stream: string; market: Market | null }[] = [];
    for (const stream of params as readonly unknown[]) {
      const request = readStreamName(stream, this.#registry);
      if (request.kind === 'refused') return request.error;
      if (request.kind === 'silent') continue;
      const market = request.kind === 'public' ? request.market : null;
      streams.push({ stream: stream as string, market });
    }
    return streams;
  }

  /** The account that the frame's signature proves; without one, that of the login on this socket. */
  #identify(session: Session, signature: unknown): number | StreamError {
    try {
      if (signature === undefined && session.grant !== null) {
        assertPermitted(session.grant.key.permissions, Permission.Read);
        return session.grant.key.accountId;
      }
      const credentials = readSignature(signature, session.remoteAddress);
      if (credentials === undefined) return signatureError('Invalid signature');
      const grant = this.#authenticator.authenticateNow(
        credentials,
        SUBSCRIBE_INSTRUCTION,
        [[]],
        Permission.Read,
      );
      session.apiKeys.add(grant.key.publicKey);
      return grant.key.accountId;
    } catch (error) {
      if (error instanceof ApiError) return signatureError(error.message);
      throw error;
    }
  }
}

/** `[apiKey, signature, timestamp, window]`, all strings; undefined for anything else. */
export function readSignature(value: unknown, remoteAddress: string): Credentials | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [apiKey, signature, timestamp, window] = value as readonly unknown[];
  if (
    typeof apiKey !== 'string' ||
    typeof signature !== 'string' ||
    typeof timestamp !== 'string' ||
    typeof window !== 'string'
  ) {
    return undefined;
  }
  return { apiKey, signature, timestamp, window, remoteAddress };
}
