import { Permission } from '../../engine/protocol/enums.ts';
import { US_PER_MS } from '../../engine/protocol/time-units.ts';
import { ApiError, busyError, invalidRequest } from '../api-error.ts';
import {
  type Authenticator,
  type Credentials,
  forbidden,
  type Grant,
} from '../auth/authenticate.ts';
import { cancelTimerResult, readCancelAllAfter } from '../orders/cancel-all-after.ts';
import { isPlainObject, type RequestFields } from '../orders/request-fields.ts';
import { NO_GRACE_US } from '../protection/cancel-on-disconnect.ts';
import { deadManOf } from '../protection/cancel-timers.ts';
import type { Protections } from '../protection/protections.ts';
import type { Registry } from '../registry/registry.ts';
import { GRACE_MS_MAX } from '../schemas/socket-methods.ts';
import type { FrameOrder } from './frame-order.ts';
import type { PrivateStreams } from './private-streams.ts';
import type { Replies, ResultMap } from './replies.ts';
import { type Frame, IN_FLIGHT_MAX, type RequestId, type Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { readSignature, SUBSCRIBE_INSTRUCTION } from './subscriptions.ts';

const GRACE_MS_DEFAULT = 5000;

export const NOT_LOGGED_IN = new ApiError(401, 'UNAUTHORIZED', 'Log in first');
export const SERVER_ERROR = new ApiError(500, 'SERVER_ERROR', 'Internal error');
const NO_SIGNATURE = invalidRequest(
  '`signature` must be the strings API key, signature, timestamp and window',
);
const BUSY = busyError();
const NOT_AN_OBJECT = invalidRequest('`params` must be an object');
const BAD_SWITCH = invalidRequest('`cancelOnDisconnect` must be true or false');
const BAD_GRACE = invalidRequest(`\`graceMs\` must be an integer 0 to ${GRACE_MS_MAX}`);

/** One request frame, decoded. */
export interface SessionRequest<T extends Frame> {
  readonly session: Session;
  readonly id: RequestId;
  readonly receivedUs: number;
  /** Until when an order of it may be taken, µs; 0 = always. */
  readonly expiresAtUs: number;
  readonly fields: RequestFields;
  /** Builds the replies in the encoding of the request. */
  readonly replies: Replies<T>;
}

interface SessionMethodParts {
  readonly registry: Registry;
  readonly authenticator: Authenticator;
  readonly sessions: Sessions;
  readonly privateStreams: PrivateStreams;
  readonly protections: Protections;
  readonly frames: FrameOrder;
}

/** What a client wants to become of its orders when its sockets are gone: grace in ms, null = they stay. */
type Wish = { readonly graceMs: number | null };

/** The methods about the session itself: who it is, and what happens to its orders without it. */
export class SessionMethods {
  readonly #registry: Registry;
  readonly #authenticator: Authenticator;
  readonly #sessions: Sessions;
  readonly #privateStreams: PrivateStreams;
  readonly #protections: Protections;
  readonly #frames: FrameOrder;

  constructor(parts: SessionMethodParts) {
    this.#registry = parts.registry;
    this.#authenticator = parts.authenticator;
    this.#sessions = parts.sessions;
    this.#privateStreams = parts.privateStreams;
    this.#protections = parts.protections;
    this.#frames = parts.frames;
  }

  /** Undefined when a reply was sent or will be, the refusal otherwise; null when there is no such method. */
  handle<T extends Frame>(method: string, request: SessionRequest<T>): ApiError | undefined | null {
    switch (method) {
      case 'session.login':
        return this.#logIn(request);
      case 'session.logout':
        return this.#logOut(request);
      case 'session.status':
        return this.#answer(request, this.#status(request.session));
      case 'session.cancelOnDisconnect':
        return this.#setCancelOnDisconnect(request);
      case 'session.cancelAllAfter':
        return this.#cancelAllAfter(request);
      default:
        return null;
    }
  }

  /** Checked on another thread; the frames behind it wait. */
  #logIn<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const { session, fields } = request;
    if (session.inFlight >= IN_FLIGHT_MAX) return BUSY;
    const credentials = readSignature(fields.signature, session);
    if (credentials === undefined) return NO_SIGNATURE;
    const wish = readWish(fields.params, null);
    if (wish instanceof ApiError) return wish;
    this.#frames.holdWhile(session, this.#checkLogin(request, credentials, wish));
    return undefined;
  }

  async #checkLogin<T extends Frame>(
    request: SessionRequest<T>,
    credentials: Credentials,
    wish: Wish | null,
  ): Promise<void> {
    const { session, id, receivedUs, replies } = request;
    const refusal = await this.#authenticator
      .authenticate(credentials, SUBSCRIBE_INSTRUCTION, [[]], 0)
      .then(
        (grant) => this.#begin(request, grant, wish),
        (error: unknown) => (error instanceof ApiError ? error : SERVER_ERROR),
      );
    if (refusal !== undefined)
      this.#sessions.send(session, replies.refused(id, receivedUs, refusal));
  }

  /**
   * A login replaces the one before. It is answered when what it asks of the orders is in the journal. Whoever has gone
   * meanwhile begins no session: nobody would end it.
   */
  #begin<T extends Frame>(
    request: SessionRequest<T>,
    grant: Grant,
    wish: Wish | null,
  ): ApiError | undefined {
    const { session } = request;
    if (session.socket === null) return undefined;
    const before = session.grant;
    const { publicKey, accountId, permissions } = grant.key;
    const mayTrade = (permissions & Permission.Trade) !== 0;
    if (wish !== null && !mayTrade) return forbidden();
    session.grant = grant;
    session.apiKeys.add(publicKey);
    const { cancelOnDisconnect } = this.#protections;
    if (before !== null && before.key.accountId !== accountId) cancelOnDisconnect.onGone(session);
    const leftBehindUs = cancelOnDisconnect.graceUsLeftBehind(accountId);
    const resumed =
      mayTrade && leftBehindUs !== null ? { graceMs: leftBehindUs / US_PER_MS } : null;
    const wanted = wish ?? resumed;
    if (wanted === null) return this.#answer(request, this.#loginResult(session, grant));
    const done = async (): Promise<ResultMap> => {
      try {
        await this.#apply(session, accountId, wanted);
      } catch (error) {
        // Whoever is not told that it is logged in is not.
        if (session.grant === grant) session.grant = null;
        throw error;
      }
      return this.#loginResult(session, grant);
    };
    return this.#reply(request, done(), false);
  }

  /** Counts as the end of the session for the orders that go with it. */
  #logOut<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const { session } = request;
    if (session.grant === null) return NOT_LOGGED_IN;
    const { accountId } = session.grant.key;
    session.grant = null;
    this.#protections.cancelOnDisconnect.onGone(session);
    this.#privateStreams.unsubscribeAll(session, accountId);
    return this.#answer(request, { accountId });
  }

  #setCancelOnDisconnect<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const { session, fields } = request;
    const accountId = traderOf(session);
    if (typeof accountId !== 'number') return accountId;
    const wish = readWish(fields.params, BAD_SWITCH);
    if (wish instanceof ApiError) return wish;
    const done = async (): Promise<ResultMap> => {
      await this.#apply(session, accountId, wish!);
      return this.#guardResult(session);
    };
    return this.#reply(request, done(), true);
  }

  /** The dead-man timer of the account, of one market or of all. */
  #cancelAllAfter<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const { session, fields } = request;
    const accountId = traderOf(session);
    if (typeof accountId !== 'number') return accountId;
    const wanted = readCancelAllAfter(fields.params, this.#registry);
    if (wanted instanceof ApiError) return wanted;
    const { marketId, timeoutUs } = wanted;
    const { cancelTimers } = this.#protections;
    const done = cancelTimers.set(deadManOf(accountId, marketId), timeoutUs, true);
    const result = done.then((timer) => cancelTimerResult(timer, this.#registry));
    return this.#reply(request, result, true);
  }

  async #apply(session: Session, accountId: number, { graceMs }: Wish): Promise<void> {
    const { cancelOnDisconnect } = this.#protections;
    if (graceMs === null) await cancelOnDisconnect.release(session);
    else if (session.socket !== null) {
      await cancelOnDisconnect.guard(
        session,
        accountId,
        Math.max(NO_GRACE_US, graceMs * US_PER_MS),
      );
    }
  }

  #loginResult(session: Session, { key }: Grant): ResultMap {
    return { accountId: key.accountId, ...this.#guardResult(session) };
  }

  #guardResult(session: Session): { cancelOnDisconnect: ResultMap | null } {
    const graceUs = this.#protections.cancelOnDisconnect.graceUsOf(session);
    const graceMs = graceUs === null ? null : Math.floor(graceUs / US_PER_MS);
    return { cancelOnDisconnect: graceMs === null ? null : { graceMs } };
  }

  #status(session: Session): ResultMap {
    const { grant, inFlight } = session;
    const subscriptions = session.privateTopics.size;
    if (grant === null) return { isLoggedIn: false, inFlight, privateStreams: subscriptions };
    const { accountId, publicKey, permissions } = grant.key;
    const { cancelTimers, killSwitches } = this.#protections;
    const deadMen = cancelTimers.all.filter((timer) => {
      return timer.accountId === accountId && timer.trigger === deadManOf(accountId, 0).trigger;
    });
    const names = (Object.keys(Permission) as (keyof typeof Permission)[]).filter((name) => {
      return (permissions & Permission[name]) !== 0;
    });
    return {
      isLoggedIn: true,
      accountId,
      apiKey: publicKey,
      permissions: names.map((name) => name.toLowerCase()),
      inFlight,
      privateStreams: subscriptions,
      ...this.#guardResult(session),
      cancelAllAfter: deadMen.map((timer) => cancelTimerResult(timer, this.#registry)),
      isStopped: killSwitches.stopsAccount(accountId),
    };
  }

  #answer<T extends Frame>(request: SessionRequest<T>, result: ResultMap): undefined {
    const { session, id, receivedUs, replies } = request;
    this.#sessions.send(session, replies.answered(id, receivedUs, result));
  }

  /** @param isExecuted the engine did it: the reply says how safe that is */
  #reply<T extends Frame>(
    { session, id, receivedUs, replies }: SessionRequest<T>,
    result: Promise<ResultMap>,
    isExecuted: boolean,
  ): undefined {
    session.inFlight++;
    const end = (frame: T): void => {
      session.inFlight--;
      if (session.socket !== null) this.#sessions.send(session, frame);
    };
    result.then(
      (map) => {
        end(
          isExecuted
            ? replies.executed(id, receivedUs, map)
            : replies.answered(id, receivedUs, map),
        );
      },
      (error: unknown) => {
        const refusal = error instanceof ApiError ? error : SERVER_ERROR;
        end(replies.refused(id, receivedUs, refusal));
      },
    );
  }
}

/** The account that what goes to the engine is of, or the refusal. */
function traderOf({ grant, inFlight }: Session): number | ApiError {
  if (grant === null) return NOT_LOGGED_IN;
  if ((grant.key.permissions & Permission.Trade) === 0) return forbidden();
  return inFlight < IN_FLIGHT_MAX ? grant.key.accountId : BUSY;
}

/**
 * `{cancelOnDisconnect?, graceMs?}`.
 *
 * @param missing what to answer when nothing is asked for: the refusal, or null where that is fine
 */
export function readWish(params: unknown, missing: ApiError | null): Wish | ApiError | null {
  if (params === undefined || params === null) return missing;
  if (!isPlainObject(params)) return NOT_AN_OBJECT;
  const { cancelOnDisconnect = null, graceMs = null } = params;
  if (cancelOnDisconnect !== null && typeof cancelOnDisconnect !== 'boolean') return BAD_SWITCH;
  if (graceMs !== null && !isGrace(graceMs)) return BAD_GRACE;
  if (cancelOnDisconnect === null) return missing;
  return { graceMs: cancelOnDisconnect ? (graceMs ?? GRACE_MS_DEFAULT) : null };
}

function isGrace(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= GRACE_MS_MAX;
}
