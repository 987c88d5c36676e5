import { Permission } from '../../engine/protocol/enums.ts';
import { ApiError } from '../api-error.ts';
import { type Authenticator, type Credentials, forbidden } from '../auth/authenticate.ts';
import type { RequestFields } from '../orders/request-fields.ts';
import type { Market, Registry } from '../registry/registry.ts';
import type { PrivateStreams } from './private-streams.ts';
import type { Session } from './session.ts';
import {
  readStreamNames,
  type StreamError,
  signatureError,
  TOO_MANY_STREAMS,
  VENUE_BUSY,
  type WantedStream,
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

  /**
   * Answers the error, or undefined when everything asked for is subscribed; a promise of it when a signature has to be
   * checked.
   *
   * @param hasRoom asked when the signature was checked: others may have taken the room meanwhile
   */
  subscribe(
    session: Session,
    frame: RequestFields,
    hasRoom: () => boolean,
  ): StreamError | undefined | Promise<StreamError | undefined> {
    const wanted = readStreamNames(frame.params, this.#registry);
    if (!Array.isArray(wanted)) return wanted;
    const accountId = wanted.some(({ market }) => market === null)
      ? this.#identify(session, frame.signature)
      : 0;
    if (!(accountId instanceof Promise)) return this.#subscribeAll(session, wanted, accountId);
    return accountId.then((checked) =>
      hasRoom() ? this.#subscribeAll(session, wanted, checked) : TOO_MANY_STREAMS,
    );
  }

  /** Needs no signature: it takes nothing that was not given. */
  unsubscribe(session: Session, frame: RequestFields): StreamError | undefined {
    const wanted = readStreamNames(frame.params, this.#registry);
    if (!Array.isArray(wanted)) return wanted;
    for (const { stream, market } of wanted) {
      if (market === null) this.#privateStreams.unsubscribe(session, stream);
      else session.socket?.unsubscribe(stream);
    }
    return undefined;
  }

  /** @param accountId whose private streams are meant, or why there are none */
  #subscribeAll(
    session: Session,
    wanted: readonly WantedStream[],
    accountId: number | StreamError,
  ): StreamError | undefined {
    if (typeof accountId !== 'number') return accountId;
    for (const { stream, market } of wanted) {
      if (market === null) this.#privateStreams.subscribe(session, accountId, stream);
      else this.#subscribePublic(session, stream, market);
    }
    return undefined;
  }

  #subscribePublic(session: Session, stream: string, market: Market): void {
    const { socket } = session;
    if (socket === null || socket.isSubscribed(stream)) return;
    socket.subscribe(stream);
    this.#onSubscribed(stream, market);
  }

  /** The account that the frame's signature proves; without one, that of the login on this socket. */
  #identify(
    session: Session,
    signature: unknown,
  ): number | StreamError | Promise<number | StreamError> {
    if (signature === undefined && session.grant !== null) {
      const { permissions, accountId } = session.grant.key;
      const mayRead = (permissions & Permission.Read) !== 0;
      return mayRead ? accountId : signatureError(forbidden().message);
    }
    const credentials = readSignature(signature, session);
    if (credentials === undefined) return signatureError('Invalid signature');
    return this.#authenticator
      .authenticate(credentials, SUBSCRIBE_INSTRUCTION, [[]], Permission.Read)
      .then(
        ({ key }) => {
          session.apiKeys.add(key.publicKey);
          return key.accountId;
        },
        (error: unknown) => {
          const isAnswer = error instanceof ApiError && error.status < 500;
          return isAnswer ? signatureError(error.message) : VENUE_BUSY;
        },
      );
  }
}

/** `[apiKey, signature, timestamp, window]`, all strings; undefined for anything else. */
export function readSignature(value: unknown, session: Session): Credentials | undefined {
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
  const { remoteAddress, meter } = session;
  return { apiKey, signature, timestamp, window, remoteAddress, meter: meter ?? undefined };
}
